#pragma once

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

inline constexpr std::uint8_t kVersion3Report = 0x22;

/// Parses an IGMP message: the whole payload of an IPv4 packet. Derives the version of a query from
/// its length and Max Resp Code (RFC 9776 §7.1). An IGMPv3 report refers to `payload`, which must
/// outlive it.
Result<Message<Igmp>, ParseError> parse_igmp(Bytes payload);

/// Serializes a message with its checksum. Rounds times down to the next value their codes can
/// carry; writes a robustness above 7 as 0 (RFC 9776 §4.1.6). A message of version 1 or 2 has 8
/// bytes and omits values it has no field for.
Buffer serialize(const Query<Igmp>& query);
Buffer serialize(const Report<Igmp>& report);
Buffer serialize(const Leave<Igmp>& leave);
Buffer serialize(const RouterMessage& message);
/// Serializes an IGMPv3 report.
Buffer serialize(std::span<const Record<Igmp>> records);

}  // namespace mcq::wire
