#pragma once

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

inline constexpr std::uint8_t kVersion3Report = 0x22;

/// Reads an IGMP message: the whole payload of an IPv4 packet. The version of a query follows from
/// its length and Max Resp Code (RFC 9776 §7.1). The records of an IGMPv3 report stay in `payload`.
Result<Message<Igmp>, ParseError> parse_igmp(Bytes payload);

/// The octets of a message. What a field cannot carry becomes the next lower value it can: times
/// by their codes, a robustness above 7 as 0 (RFC 9776 §4.1.6). Versions 1 and 2 take 8 octets and
/// lose what they have no field for.
Buffer serialize(const Query<Igmp>& query);
Buffer serialize(const Report<Igmp>& report);
Buffer serialize(const Leave<Igmp>& leave);
/// An IGMPv3 report.
Buffer serialize(std::span<const Record<Igmp>> records);

}  // namespace mcq::wire
