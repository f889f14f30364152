#pragma once

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// The ICMPv6 types that are MLD (RFC 2710 §3, RFC 9777 §5).
enum class MldType : std::uint8_t {
  kQuery = 130,
  kVersion1Report = 131,
  kDone = 132,
  kVersion2Report = 143,
};
constexpr bool is_mld(std::uint8_t type) { return (type >= 130 && type <= 132) || type == 143; }

/// Reads an MLD message: the payload of an IPv6 packet behind its extension headers. The addresses
/// of the packet enter the checksum (RFC 9777 §5.1.2) and decide what may be believed: what comes
/// from an address that is not link-local is kBadSource, but a report from :: is
/// kUnspecifiedSource (RFC 9777 §5.1.14, §5.2). The version of a query follows from its length
/// (RFC 9777 §8.1). The records of an MLDv2 report stay in `payload`.
Result<Message<Mld>, ParseError> parse_mld(Bytes payload, const Ipv6Address& source,
                                           const Ipv6Address& destination);

/// The octets of a message between two addresses. What a field cannot carry becomes the next lower
/// value it can; version 1 takes 24 octets and loses what it has no field for.
Buffer serialize(const Query<Mld>& query, const Ipv6Address& source,
                 const Ipv6Address& destination);
Buffer serialize(const Report<Mld>& report, const Ipv6Address& source,
                 const Ipv6Address& destination);
Buffer serialize(const Leave<Mld>& done, const Ipv6Address& source, const Ipv6Address& destination);
/// An MLDv2 report.
Buffer serialize(std::span<const Record<Mld>> records, const Ipv6Address& source,
                 const Ipv6Address& destination);

}  // namespace mcq::wire
