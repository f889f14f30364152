#include "wire/frame.hpp"
#include "wire/mld.hpp"

namespace mcq::wire {
namespace {

// An IPv6 header (RFC 8200 §3):
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |Version| Traffic Class |               Flow Label              |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |         Payload Length        |  Next Header  |   Hop Limit   |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                                                               |
//  *                                                               *
//  |                                                               |
//  *                         Source Address                        *
//  |                                                               |
//  *                                                               *
//  |                                                               |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                                                               |
//  *                                                               *
//  |                                                               |
//  *                      Destination Address                      *
//  |                                                               |
//  *                                                               *
//  |                                                               |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr std::size_t kHeaderSize = 40;
constexpr std::size_t kVersionOffset = 0;
constexpr std::size_t kPayloadLengthOffset = 4;
constexpr std::size_t kNextHeaderOffset = 6;
constexpr std::size_t kHopLimitOffset = 7;
constexpr std::size_t kSourceOffset = 8;
constexpr std::size_t kDestinationOffset = 24;

// Next headers.
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kIcmpv6 = 58;

// A Hop-by-Hop Options header with Router Alert (RFC 8200 §4.2, §4.3, RFC 2711 §2.1), as MLD
// messages are sent with it:
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Next Header  |Hdr Ext Len = 0|    Type = 5   |   Length = 2  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |        Value = 0 (MLD)        |    PadN = 1   |   Length = 0  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Hdr Ext Len counts units of 8 bytes after the first. The length of an option is that of its data
// alone; Pad1 is one byte and has none.
constexpr std::size_t kExtensionUnit = 8;
constexpr std::size_t kExtensionNextHeaderOffset = 0;
constexpr std::size_t kExtensionLengthOffset = 1;
constexpr std::size_t kFirstOptionOffset = 2;
constexpr std::size_t kOptionTypeOffset = 0;
constexpr std::size_t kOptionLengthOffset = 1;
constexpr std::size_t kOptionHeaderSize = 2;
constexpr std::uint8_t kPad1 = 0;
constexpr std::uint8_t kPadN = 1;
constexpr std::uint8_t kRouterAlert = 5;
constexpr std::uint8_t kRouterAlertLength = 2;
constexpr std::uint16_t kRouterAlertForMld = 0;
constexpr std::uint8_t kDropIfUnknown = 0xc0;  // any of these bits in the type of an option

enum class Options : std::uint8_t { kPlain, kAlert, kMalformed };

/// Walks all options: others may precede Router Alert (RA-03), which counts only with the value
/// for MLD.
constexpr Options scan_options(Bytes options) {
  auto found = Options::kPlain;
  while (!options.empty()) {
    const auto type = options[kOptionTypeOffset];
    if (type == kPad1) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < kOptionHeaderSize) return Options::kMalformed;
    const std::size_t length = options[kOptionLengthOffset];
    if (options.size() < kOptionHeaderSize + length) return Options::kMalformed;
    if ((type & kDropIfUnknown) != 0) return Options::kMalformed;
    const auto data = options.subspan(kOptionHeaderSize, length);
    if (type == kRouterAlert && length == kRouterAlertLength &&
        load<std::uint16_t, 0>(data.first<kRouterAlertLength>()) == kRouterAlertForMld) {
      found = Options::kAlert;
    }
    options = options.subspan(kOptionHeaderSize + length);
  }
  return found;
}

/// Returns why ICMPv6 without Router Alert for MLD is dropped. `payload` begins with its type.
ParseError without_router_alert(Bytes payload) {
  return !payload.empty() && is_mld(payload[0]) ? ParseError::kNoRouterAlert
                                                : ParseError::kUnhandledType;
}

}  // namespace

Result<Ipv6Packet, ParseError> parse_ipv6(Bytes bytes) {
  if (bytes.size() < kHeaderSize) return fail(ParseError::kTruncated);
  const auto header = bytes.first<kHeaderSize>();
  if (load<std::uint8_t, kVersionOffset>(header) >> 4U != 6) return fail(ParseError::kBadIpHeader);
  const std::size_t length = load<std::uint16_t, kPayloadLengthOffset>(header);
  if (length > bytes.size() - kHeaderSize) return fail(ParseError::kTruncated);
  auto payload = bytes.subspan(kHeaderSize, length);
  auto next = load<std::uint8_t, kNextHeaderOffset>(header);
  auto options = Options::kPlain;
  if (next == kHopByHop) {
    if (payload.size() < kExtensionUnit) return fail(ParseError::kBadIpHeader);
    const auto size = (payload[kExtensionLengthOffset] + std::size_t{1}) * kExtensionUnit;
    if (size > payload.size()) return fail(ParseError::kBadIpHeader);
    next = payload[kExtensionNextHeaderOffset];
    options = scan_options(payload.first(size).subspan(kFirstOptionOffset));
    payload = payload.subspan(size);
  }
  if (next == kFragment) return fail(ParseError::kFragment);
  if (next != kIcmpv6) return fail(ParseError::kWrongProtocol);
  if (options == Options::kMalformed) return fail(ParseError::kBadIpHeader);
  if (options == Options::kPlain) return fail(without_router_alert(payload));
  if (load<std::uint8_t, kHopLimitOffset>(header) != 1) return fail(ParseError::kWrongTtl);
  const auto source = load_address<16, kSourceOffset>(header);
  if (is_multicast(source)) return fail(ParseError::kBadSource);
  return Ipv6Packet{source, load_address<16, kDestinationOffset>(header), payload};
}

Buffer ipv6_packet(const Ipv6Address& source, const Ipv6Address& destination, Bytes payload) {
  constexpr std::uint8_t kHopLimit = 1;
  Buffer out;
  out.reserve(kHeaderSize + kExtensionUnit + payload.size());
  append(out, std::uint32_t{6U << 28U});  // version, traffic class, flow label
  append(out, static_cast<std::uint16_t>(kExtensionUnit + payload.size()));
  append(out, kHopByHop);
  append(out, kHopLimit);
  append(out, source);
  append(out, destination);
  append(out, kIcmpv6);
  append(out, std::uint8_t{0});  // Hdr Ext Len
  append(out, kRouterAlert);
  append(out, kRouterAlertLength);
  append(out, kRouterAlertForMld);
  append(out, kPadN);
  append(out, std::uint8_t{0});
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace mcq::wire
