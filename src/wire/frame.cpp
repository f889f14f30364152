#include "wire/frame.hpp"

namespace mcq::wire {
namespace {

constexpr std::size_t kHeaderSize = 20;
constexpr std::uint8_t kProtocolIgmp = 2;
constexpr std::uint8_t kInternetworkControl = 0xc0;
constexpr std::uint8_t kRouterAlert = 148;
constexpr std::uint8_t kEndOfOptions = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint16_t kMoreFragmentsAndOffset = 0x3fff;

enum class Options : std::uint8_t { kPlain, kAlert, kMalformed };

/// Walks all options: others may stand before Router Alert (RA-03).
constexpr Options scan_options(Bytes options) {
  auto found = Options::kPlain;
  while (!options.empty() && options[0] != kEndOfOptions) {
    if (options[0] == kNoOperation) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2) return Options::kMalformed;
    const std::size_t length = options[1];
    if (length < 2 || length > options.size()) return Options::kMalformed;
    if (options[0] == kRouterAlert && length == 4) found = Options::kAlert;
    options = options.subspan(length);
  }
  return found;
}

/// No host sends from multicast, class E, broadcast or loopback addresses, nor from 0.0.0.0/8 but
/// for 0.0.0.0 itself: hosts without an address and snooping switches use that one (RFC 9776
/// §4.2.14, RFC 4541 §2.1.1).
constexpr bool may_be_source(const Ipv4Address& a) {
  const auto first = a.octets[0];
  return first < 224 && first != 127 && (first != 0 || a.is_unspecified());
}

}  // namespace

Result<Ipv4Packet, ParseError> parse_ipv4(Bytes bytes) {
  if (bytes.size() < kHeaderSize) return fail(ParseError::kTruncated);
  const auto header = bytes.first<kHeaderSize>();
  const auto version_and_length = load<std::uint8_t, 0>(header);
  const auto header_length = std::size_t{version_and_length & 0x0fU} * 4;
  const std::size_t total_length = load<std::uint16_t, 2>(header);
  if (version_and_length >> 4U != 4 || header_length < kHeaderSize) {
    return fail(ParseError::kBadIpHeader);
  }
  if (total_length < header_length) return fail(ParseError::kBadIpHeader);
  if (total_length > bytes.size()) return fail(ParseError::kTruncated);
  if (checksum(bytes.first(header_length)) != 0) return fail(ParseError::kBadIpChecksum);
  if (load<std::uint8_t, 9>(header) != kProtocolIgmp) return fail(ParseError::kWrongProtocol);
  if ((load<std::uint16_t, 6>(header) & kMoreFragmentsAndOffset) != 0) {
    return fail(ParseError::kFragment);
  }
  const auto options = scan_options(bytes.subspan(kHeaderSize, header_length - kHeaderSize));
  if (options == Options::kMalformed) return fail(ParseError::kBadIpHeader);
  if (load<std::uint8_t, 8>(header) != 1) return fail(ParseError::kWrongTtl);
  const auto source = load_address<4, 12>(header);
  if (!may_be_source(source)) return fail(ParseError::kBadSource);
  return Ipv4Packet{
      .source = source,
      .destination = load_address<4, 16>(header),
      .router_alert = options == Options::kAlert,
      .payload = bytes.subspan(header_length, total_length - header_length),
  };
}

Buffer ipv4_packet(Ipv4Address source, Ipv4Address destination, Reach reach, Bytes payload) {
  constexpr std::size_t kOptionsSize = 4;
  constexpr std::size_t kChecksumOffset = 10;
  Buffer out;
  out.reserve(kHeaderSize + kOptionsSize + payload.size());
  append(out, std::uint8_t{4U << 4U | (kHeaderSize + kOptionsSize) / 4U});
  append(out, kInternetworkControl);
  append(out, static_cast<std::uint16_t>(kHeaderSize + kOptionsSize + payload.size()));
  append(out, std::uint16_t{0});  // identification: atomic datagrams need none (RFC 6864 §4.1)
  append(out, kDontFragment);
  append(out, static_cast<std::uint8_t>(reach));
  append(out, kProtocolIgmp);
  append(out, std::uint16_t{0});
  append(out, source);
  append(out, destination);
  append(out, std::uint32_t{kRouterAlert} << 24U | 4U << 16U);
  set_checksum(out, kChecksumOffset);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace mcq::wire
