#include "wire/link_layer.hpp"

namespace mcq::wire {
namespace {

// Ethernet (IEEE 802.3 §3.1.1): destination, source, and the type, before which each VLAN tag
// (IEEE 802.1Q §9.6) inserts its type and 16 bits, of which the last 12 are the VLAN.
constexpr std::size_t kMacSize = 6;
constexpr std::size_t kEthernetHeaderSize = 14;
constexpr std::size_t kTagSize = 4;
constexpr std::uint16_t kVlanMask = 0x0fff;

// Linux cooked capture, versions 1 and 2 (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2).
constexpr std::size_t kCookedSize = 16;
constexpr std::size_t kCooked2Size = 20;

constexpr bool is_tag(std::uint16_t type) {
  return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

std::uint16_t word_at(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] << 8U | bytes[offset + 1]);
}

MacAddress mac_at(Bytes bytes, std::size_t offset) {
  return addresses<kMacSize>(bytes.subspan(offset, kMacSize)).front();
}

/// Takes VLAN tags off the beginning of the payload.
Result<LinkFrame, ParseError> without_tags(LinkFrame frame) {
  while (is_tag(frame.ether_type)) {
    if (frame.payload.size() < kTagSize) return fail(ParseError::kTruncated);
    const auto vlan = static_cast<std::uint16_t>(word_at(frame.payload, 0) & kVlanMask);
    if (vlan != 0) frame.vlan = vlan;
    frame.ether_type = word_at(frame.payload, 2);
    frame.payload = frame.payload.subspan(kTagSize);
  }
  return frame;
}

Result<LinkFrame, ParseError> parse_ethernet(Bytes bytes) {
  if (bytes.size() < kEthernetHeaderSize) return fail(ParseError::kTruncated);
  return without_tags({.source = mac_at(bytes, kMacSize),
                       .vlan = {},
                       .ether_type = word_at(bytes, 2 * kMacSize),
                       .payload = bytes.subspan(kEthernetHeaderSize)});
}

/// Where a cooked header has its fields; the address is valid up to its length.
struct CookedLayout {
  std::size_t size, type, address;
};

Result<LinkFrame, ParseError> parse_cooked(Bytes bytes, const CookedLayout& layout,
                                           std::size_t address_length) {
  const bool has_mac = address_length == kMacSize;
  return without_tags(
      {.source = has_mac ? std::optional{mac_at(bytes, layout.address)} : std::nullopt,
       .vlan = {},
       .ether_type = word_at(bytes, layout.type),
       .payload = bytes.subspan(layout.size)});
}

Result<LinkFrame, ParseError> parse_raw(Bytes bytes) {
  if (bytes.empty()) return fail(ParseError::kTruncated);
  const auto type = bytes[0] >> 4 == 6 ? kEtherTypeIpv6 : kEtherTypeIpv4;
  return LinkFrame{.source = {}, .vlan = {}, .ether_type = type, .payload = bytes};
}

}  // namespace

Result<LinkFrame, ParseError> parse_link(LinkLayer layer, Bytes frame) {
  switch (layer) {
    case LinkLayer::kEthernet:
      return parse_ethernet(frame);
    case LinkLayer::kLinuxCooked:
      if (frame.size() < kCookedSize) return fail(ParseError::kTruncated);
      return parse_cooked(frame, {kCookedSize, 14, 6}, word_at(frame, 4));
    case LinkLayer::kLinuxCooked2:
      if (frame.size() < kCooked2Size) return fail(ParseError::kTruncated);
      return parse_cooked(frame, {kCooked2Size, 0, 12}, frame[11]);
    case LinkLayer::kRawIp:
    case LinkLayer::kIpv4:
    case LinkLayer::kIpv6:
      return parse_raw(frame);
  }
  return fail(ParseError::kUnhandledType);
}

}  // namespace mcq::wire
