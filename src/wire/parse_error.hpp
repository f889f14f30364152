#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcq::wire {

/// Why a packet was dropped before anybody looked at what it says.
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
  kNoRouterAlert,      ///< MLD without it; of IGMP, Packet tells
  kUnspecifiedSource,  ///< a report of a host whose address is still tentative: nobody's fault
};
inline constexpr std::size_t kParseErrorCount = 13;

/// The reason in the words of logs and counters.
constexpr std::string_view to_string(ParseError error) {
  constexpr std::array<std::string_view, kParseErrorCount> kWords{
      "truncated packet", "bad IP header",    "bad IP header checksum",  "IP fragment",
      "not IGMP or MLD",  "TTL other than 1", "impossible source",       "bad checksum",
      "bad length",       "bad group",        "message of another type", "no Router Alert",
      "report from ::"};
  return kWords[static_cast<std::size_t>(error)];
}

}  // namespace mcq::wire
