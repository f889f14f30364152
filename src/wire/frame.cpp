#include "wire/frame.hpp"

namespace mcq::wire {
namespace {

// An IPv4 header (RFC 791 §3.1):
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |Version|  IHL  |Type of Service|          Total Length         |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |         Identification        |0|D|M|     Fragment Offset     |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Time to Live |    Protocol   |        Header Checksum        |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                         Source Address                        |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                      Destination Address                      |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  .                                                               .
//  .                   Options, padded to 32 bits                  .
//  .                                                               .
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// IHL counts units of 4 bytes. Of the three flags, 0 is reserved, D is Don't Fragment and M is More
// Fragments.
constexpr std::size_t kHeaderSize = 20;  // without options
constexpr std::size_t kHeaderUnit = 4;
constexpr std::size_t kVersionOffset = 0;
constexpr std::size_t kTotalLengthOffset = 2;
constexpr std::size_t kFragmentOffset = 6;
constexpr std::size_t kTtlOffset = 8;
constexpr std::size_t kProtocolOffset = 9;
constexpr std::size_t kChecksumOffset = 10;
constexpr std::size_t kSourceOffset = 12;
constexpr std::size_t kDestinationOffset = 16;

constexpr std::uint8_t kProtocolIgmp = 2;
constexpr std::uint8_t kInternetworkControl = 0xc0;
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint16_t kMoreFragmentsAndOffset = 0x3fff;

// The Router Alert option (RFC 2113 §2.1):
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 148  |   Length = 4  |           Value = 0           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// All options begin with a type; those of more than one byte have a length next, of the whole
// option.
constexpr std::size_t kOptionTypeOffset = 0;
constexpr std::size_t kOptionLengthOffset = 1;
constexpr std::size_t kOptionHeaderSize = 2;
constexpr std::uint8_t kEndOfOptions = 0;  // one byte
constexpr std::uint8_t kNoOperation = 1;   // one byte
constexpr std::uint8_t kRouterAlert = 148;
constexpr std::uint8_t kRouterAlertSize = 4;

enum class Options : std::uint8_t { kPlain, kAlert, kMalformed };

/// Walks all options: others may precede Router Alert (RA-03).
constexpr Options scan_options(Bytes options) {
  auto found = Options::kPlain;
  while (!options.empty() && options[kOptionTypeOffset] != kEndOfOptions) {
    const auto type = options[kOptionTypeOffset];
    if (type == kNoOperation) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < kOptionHeaderSize) return Options::kMalformed;
    const std::size_t length = options[kOptionLengthOffset];
    if (length < kOptionHeaderSize || length > options.size()) return Options::kMalformed;
    if (type == kRouterAlert && length == kRouterAlertSize) found = Options::kAlert;
    options = options.subspan(length);
  }
  return found;
}

/// Refuses multicast, class E, broadcast and loopback addresses, and 0.0.0.0/8 except 0.0.0.0
/// itself: hosts without an address and snooping switches send from that one (RFC 9776 §4.2.14,
/// RFC 4541 §2.1.1).
constexpr bool may_be_source(const Ipv4Address& a) {
  const auto first = a.bytes[0];
  return first < 224 && first != 127 && (first != 0 || a.is_unspecified());
}

}  // namespace

Result<Ipv4Packet, ParseError> parse_ipv4(Bytes bytes) {
  if (bytes.size() < kHeaderSize) return fail(ParseError::kTruncated);
  const auto header = bytes.first<kHeaderSize>();
  const auto version_and_length = load<std::uint8_t, kVersionOffset>(header);
  const auto header_length = std::size_t{version_and_length & 0x0fU} * kHeaderUnit;
  const std::size_t total_length = load<std::uint16_t, kTotalLengthOffset>(header);
  if (version_and_length >> 4U != 4 || header_length < kHeaderSize) {
    return fail(ParseError::kBadIpHeader);
  }
  if (total_length < header_length) return fail(ParseError::kBadIpHeader);
  if (total_length > bytes.size()) return fail(ParseError::kTruncated);
  if (checksum(bytes.first(header_length)) != 0) return fail(ParseError::kBadIpChecksum);
  if (load<std::uint8_t, kProtocolOffset>(header) != kProtocolIgmp) {
    return fail(ParseError::kWrongProtocol);
  }
  if ((load<std::uint16_t, kFragmentOffset>(header) & kMoreFragmentsAndOffset) != 0) {
    return fail(ParseError::kFragment);
  }
  const auto options = scan_options(bytes.subspan(kHeaderSize, header_length - kHeaderSize));
  if (options == Options::kMalformed) return fail(ParseError::kBadIpHeader);
  if (load<std::uint8_t, kTtlOffset>(header) != 1) return fail(ParseError::kWrongTtl);
  const auto source = load_address<4, kSourceOffset>(header);
  if (!may_be_source(source)) return fail(ParseError::kBadSource);
  return Ipv4Packet{
      .source = source,
      .destination = load_address<4, kDestinationOffset>(header),
      .router_alert = options == Options::kAlert,
      .payload = bytes.subspan(header_length, total_length - header_length),
  };
}

Buffer ipv4_packet(Ipv4Address source, Ipv4Address destination, Reach reach, Bytes payload,
                   RouterAlert alert) {
  const bool has_alert = alert == RouterAlert::kPresent;
  const std::size_t size = kHeaderSize + (has_alert ? kRouterAlertSize : 0U);
  Buffer out;
  out.reserve(size + payload.size());
  append(out, static_cast<std::uint8_t>(4U << 4U | size / kHeaderUnit));
  append(out, kInternetworkControl);
  append(out, static_cast<std::uint16_t>(size + payload.size()));
  append(out, std::uint16_t{0});  // identification: atomic datagrams need none (RFC 6864 §4.1)
  append(out, kDontFragment);
  append(out, static_cast<std::uint8_t>(reach));
  append(out, kProtocolIgmp);
  append(out, std::uint16_t{0});  // checksum, set below
  append(out, source);
  append(out, destination);
  if (has_alert) {
    append(out, kRouterAlert);
    append(out, kRouterAlertSize);
    append(out, std::uint16_t{0});
  }
  set_checksum(out, kChecksumOffset);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace mcq::wire
