#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcq::wire {

/// Why a packet was dropped by the parsers.
enum class ParseError : std::uint8_t {
  kTruncated,
  kBadIpHeader,
  kBadIpChecksum,
  kFragment,
  kWrongProtocol,
  kWrongTtl,
  kBadSource,
  kBadChecksum,
  kBadLength,
  kBadGroup,
  kUnhandledType,
  kNoRouterAlert,      ///< MLD only; in IGMP see Packet::router_alert
  kUnspecifiedSource,  ///< MLD report of a host whose address is still tentative: no fault
};
inline constexpr std::size_t kParseErrorCount = 13;

/// Returns the reason as logs and counters show it.
constexpr std::string_view to_string(ParseError error) {
  constexpr std::array<std::string_view, kParseErrorCount> kWords{
      "truncated packet", "bad IP header",    "bad IP header checksum",  "IP fragment",
      "not IGMP or MLD",  "TTL other than 1", "impossible source",       "bad checksum",
      "bad length",       "bad group",        "message of another type", "no Router Alert",
      "report from ::"};
  return kWords[static_cast<std::size_t>(error)];
}

}  // namespace mcq::wire
