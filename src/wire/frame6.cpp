#include "wire/frame.hpp"
#include "wire/mld.hpp"

namespace mcq::wire {
namespace {

constexpr std::size_t kHeaderSize = 40;
constexpr std::size_t kUnit = 8;  // octets, in which extension headers are measured

// Next headers.
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kIcmpv6 = 58;

// Options (RFC 8200 §4.2, RFC 2711 §2.1).
constexpr std::uint8_t kPad1 = 0;
constexpr std::uint8_t kPadN = 1;
constexpr std::uint8_t kRouterAlert = 5;
constexpr std::uint8_t kAlertLength = 2;
constexpr std::uint8_t kDropIfUnknown = 0xc0;  // any of these bits in the type of an option

enum class Options : std::uint8_t { kPlain, kAlert, kMalformed };

/// Walks all options: others may stand before Router Alert (RA-03). Its value says for whom the
/// alert is, and 0 is MLD.
constexpr Options scan_options(Bytes options) {
  auto found = Options::kPlain;
  while (!options.empty()) {
    const auto type = options[0];
    if (type == kPad1) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2) return Options::kMalformed;
    const std::size_t length = options[1];
    if (options.size() < 2 + length) return Options::kMalformed;
    if ((type & kDropIfUnknown) != 0) return Options::kMalformed;
    const auto data = options.subspan(2, length);
    if (type == kRouterAlert && length == kAlertLength &&
        load<std::uint16_t, 0>(data.first<2>()) == 0) {
      found = Options::kAlert;
    }
    options = options.subspan(2 + length);
  }
  return found;
}

/// A packet without Router Alert for MLD: worth telling only if it is MLD.
ParseError unalerted(Bytes payload) {
  return !payload.empty() && is_mld(payload[0]) ? ParseError::kNoRouterAlert
                                                : ParseError::kUnhandledType;
}

}  // namespace

Result<Ipv6Packet, ParseError> parse_ipv6(Bytes bytes) {
  if (bytes.size() < kHeaderSize) return fail(ParseError::kTruncated);
  const auto header = bytes.first<kHeaderSize>();
  if (load<std::uint8_t, 0>(header) >> 4U != 6) return fail(ParseError::kBadIpHeader);
  const std::size_t length = load<std::uint16_t, 4>(header);
  if (length > bytes.size() - kHeaderSize) return fail(ParseError::kTruncated);
  auto payload = bytes.subspan(kHeaderSize, length);
  auto next = load<std::uint8_t, 6>(header);
  auto options = Options::kPlain;
  if (next == kHopByHop) {
    if (payload.size() < kUnit) return fail(ParseError::kBadIpHeader);
    const auto size = (payload[1] + std::size_t{1}) * kUnit;
    if (size > payload.size()) return fail(ParseError::kBadIpHeader);
    next = payload[0];
    options = scan_options(payload.first(size).subspan(2));
    payload = payload.subspan(size);
  }
  if (next == kFragment) return fail(ParseError::kFragment);
  if (next != kIcmpv6) return fail(ParseError::kWrongProtocol);
  if (options == Options::kMalformed) return fail(ParseError::kBadIpHeader);
  if (options == Options::kPlain) return fail(unalerted(payload));
  if (load<std::uint8_t, 7>(header) != 1) return fail(ParseError::kWrongTtl);
  const auto source = load_address<16, 8>(header);
  if (is_multicast(source)) return fail(ParseError::kBadSource);
  return Ipv6Packet{source, load_address<16, 24>(header), payload};
}

Buffer ipv6_packet(const Ipv6Address& source, const Ipv6Address& destination, Bytes payload) {
  constexpr std::uint8_t kHopLimit = 1;
  Buffer out;
  out.reserve(kHeaderSize + kUnit + payload.size());
  append(out, std::uint32_t{6U << 28U});  // version, traffic class, flow label
  append(out, static_cast<std::uint16_t>(kUnit + payload.size()));
  append(out, kHopByHop);
  append(out, kHopLimit);
  append(out, source);
  append(out, destination);
  append(out, kIcmpv6);
  append(out, std::uint8_t{0});  // units of the options beyond the first
  append(out, kRouterAlert);
  append(out, kAlertLength);
  append(out, std::uint16_t{0});
  append(out, kPadN);
  append(out, std::uint8_t{0});
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace mcq::wire
