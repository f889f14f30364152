#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// The link layers whose frames parse_link() reads, as libpcap numbers them (DLT_).
enum class LinkLayer : std::uint16_t {
  kEthernet = 1,
  kRawIp = 12,
  kLinuxCooked = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxCooked2 = 276,
};

inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800, kEtherTypeIpv6 = 0x86dd;

/// A captured frame without its link layer. `payload` refers to the parsed bytes, which must
/// outlive it.
struct LinkFrame {
  std::optional<MacAddress> source;   ///< none where the link layer has no Ethernet address
  std::optional<std::uint16_t> vlan;  ///< of the innermost tag; none without a tag, or in VLAN 0
  std::uint16_t ether_type = 0;
  Bytes payload;
};

/// Parses a frame. Fails with kTruncated when it ends within its link layer, with kUnhandledType
/// when that is not one of LinkLayer.
Result<LinkFrame, ParseError> parse_link(LinkLayer layer, Bytes frame);

}  // namespace mcq::wire
