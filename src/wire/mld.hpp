#pragma once

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"
#include "wire/router_discovery.hpp"

namespace mcq::wire {

/// The ICMPv6 types of MLD (RFC 2710 §3, RFC 9777 §5); those of RFC 4286 are not among them.
enum class MldType : std::uint8_t {
  kQuery = 130,
  kVersion1Report = 131,
  kDone = 132,
  kVersion2Report = 143,
};
/// Whether the type is one of them, or of RFC 4286.
constexpr bool is_mld(std::uint8_t type) {
  return (type >= 130 && type <= 132) || type == 143 || is_router_message<Mld>(type);
}

/// Parses an MLD message: the payload of an IPv6 packet after its extension headers. The addresses
/// of the packet are part of the checksum (RFC 9777 §5.1.2). Fails with kBadSource when `source` is
/// not link-local, with kUnspecifiedSource for a report from :: (RFC 9777 §5.1.14, §5.2). Derives
/// the version of a query from its length (RFC 9777 §8.1). An MLDv2 report refers to `payload`,
/// which must outlive it.
Result<Message<Mld>, ParseError> parse_mld(Bytes payload, const Ipv6Address& source,
                                           const Ipv6Address& destination);

/// Serializes a message with its checksum, which covers both addresses. Rounds times down to the
/// next value their codes can carry; writes a robustness above 7 as 0 (RFC 9777 §5.1.8). A message
/// of version 1 has 24 bytes and omits values it has no field for.
Buffer serialize(const Query<Mld>& query, const Ipv6Address& source,
                 const Ipv6Address& destination);
Buffer serialize(const Report<Mld>& report, const Ipv6Address& source,
                 const Ipv6Address& destination);
Buffer serialize(const Leave<Mld>& done, const Ipv6Address& source, const Ipv6Address& destination);
Buffer serialize(const RouterMessage& message, const Ipv6Address& source,
                 const Ipv6Address& destination);
/// Serializes an MLDv2 report.
Buffer serialize(std::span<const Record<Mld>> records, const Ipv6Address& source,
                 const Ipv6Address& destination);

}  // namespace mcq::wire
