#include "wire/igmp.hpp"

#include <algorithm>

#include "wire/query_tail.hpp"
#include "wire/records.hpp"
#include "wire/router_discovery.hpp"
#include "wire/time_code.hpp"

namespace mcq::wire {
namespace {

constexpr std::uint8_t kMembershipQuery = 0x11;
constexpr std::uint8_t kVersion1Report = 0x12;
constexpr std::uint8_t kVersion2Report = 0x16;
constexpr std::uint8_t kLeaveGroup = 0x17;

// A message of IGMPv1 or IGMPv2, and the first 8 bytes of an IGMPv3 query (RFC 9776 §4.1);
// query_tail.hpp has the rest of that query:
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      Type     | Max Resp Code |            Checksum           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                         Group Address                         |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// An IGMPv3 report (RFC 9776 §4.2); records.cpp has the records:
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  Type = 0x22  |    Reserved   |            Checksum           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |             Flags             |  Number of Group Records (M)  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  .                                                               .
//  .                    Group Records [1] to [M]                   .
//  .                                                               .
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kTypeOffset = 0;
constexpr std::size_t kCodeOffset = 1;
constexpr std::size_t kChecksumOffset = 2;
constexpr std::size_t kGroupOffset = 4;
constexpr std::size_t kRecordCountOffset = 6;

Result<Message<Igmp>, ParseError> parse_version3_query(Bytes bytes) {
  const auto header = bytes.first<kHeaderSize>();
  Query<Igmp> query{
      .version = Igmp::Version::k3,
      .group = load_address<4, kGroupOffset>(header),
      .max_response =
          TimeCode8::decode(load<std::uint8_t, kCodeOffset>(header)) * Igmp::kResponseUnit,
  };
  if (!read_query_tail(bytes.subspan(kHeaderSize), query)) return fail(ParseError::kBadLength);
  if (!has_valid_group(query)) return fail(ParseError::kBadGroup);
  return Message<Igmp>{std::move(query)};
}

Result<Message<Igmp>, ParseError> parse_query(Bytes bytes) {
  if (bytes.size() != kHeaderSize) return parse_version3_query(bytes);
  const auto header = bytes.first<kHeaderSize>();
  const auto code = load<std::uint8_t, kCodeOffset>(header);
  // IGMPv1 has only General Queries; the group field is ignored (RFC 1112, appendix I).
  if (code == 0) return Message<Igmp>{Query<Igmp>{.version = Igmp::Version::k1}};
  Query<Igmp> query{.version = Igmp::Version::k2,
                    .group = load_address<4, kGroupOffset>(header),
                    .max_response = code * Igmp::kResponseUnit};
  if (!has_valid_group(query)) return fail(ParseError::kBadGroup);
  return Message<Igmp>{std::move(query)};
}

/// Parses a message of a type that has not the 8 bytes of the others, or is unknown.
Result<Message<Igmp>, ParseError> parse_other(Bytes payload, std::uint8_t type) {
  if (!is_router_message<Igmp>(type)) return fail(ParseError::kUnhandledType);
  const auto index = static_cast<RouterMessage::Type>(type - kRouterAdvertisement<Igmp>);
  const auto message = parse_router_message(payload, index);
  if (!message) return fail(message.error());
  return Message<Igmp>{*message};
}

/// Parses a payload of less than 8 bytes.
Result<Message<Igmp>, ParseError> parse_short(Bytes payload) {
  const bool is_whole =
      payload.size() >= kRouterMessageSize && is_router_message<Igmp>(payload[kTypeOffset]);
  if (!is_whole) return fail(ParseError::kTruncated);
  if (checksum(payload) != 0) return fail(ParseError::kBadChecksum);
  return parse_other(payload, payload[kTypeOffset]);
}

/// Returns the Max Resp Time of an IGMPv2 query, at least 1: 0 would make it an IGMPv1 query.
std::uint8_t linear_code(Duration time) {
  const auto units = time / Igmp::kResponseUnit;
  return static_cast<std::uint8_t>(std::clamp<Duration::rep>(units, 1, 255));
}

Buffer message(std::uint8_t type, std::uint8_t code, Ipv4Address group) {
  Buffer out;
  out.reserve(kHeaderSize + kQueryTailSize);
  append(out, type);
  append(out, code);
  append(out, std::uint16_t{0});  // checksum
  append(out, group);
  return out;
}

Buffer with_checksum(Buffer out) {
  set_checksum(out, kChecksumOffset);
  return out;
}

}  // namespace

Result<Message<Igmp>, ParseError> parse_igmp(Bytes payload) {
  if (payload.size() < kHeaderSize) return parse_short(payload);
  if (checksum(payload) != 0) return fail(ParseError::kBadChecksum);
  const auto header = payload.first<kHeaderSize>();
  const auto type = load<std::uint8_t, kTypeOffset>(header);
  if (type == kVersion3Report) {
    return Message<Igmp>{
        RecordReport<Igmp>{.count = load<std::uint16_t, kRecordCountOffset>(header),
                           .records = payload.subspan(kHeaderSize)}};
  }
  if (type == kMembershipQuery) return parse_query(payload);
  if (type != kVersion1Report && type != kVersion2Report && type != kLeaveGroup) {
    return parse_other(payload, type);
  }
  const auto group = load_address<4, kGroupOffset>(header);
  const bool solicits = type == kLeaveGroup && group.is_unspecified();
  if (!is_multicast(group) && !solicits) return fail(ParseError::kBadGroup);
  if (type == kLeaveGroup) return Message<Igmp>{Leave<Igmp>{group}};
  return Message<Igmp>{
      Report<Igmp>{type == kVersion1Report ? Igmp::Version::k1 : Igmp::Version::k2, group}};
}

Buffer serialize(const Query<Igmp>& query) {
  using Version = Igmp::Version;
  if (query.version == Version::k1) return with_checksum(message(kMembershipQuery, 0, {}));
  if (query.version == Version::k2) {
    return with_checksum(message(kMembershipQuery, linear_code(query.max_response), query.group));
  }
  const auto code = time_code<TimeCode8>(query.max_response, Igmp::kResponseUnit);
  auto out = message(kMembershipQuery, code, query.group);
  append_query_tail(out, query);
  return with_checksum(std::move(out));
}

Buffer serialize(const Report<Igmp>& report) {
  const auto type = report.version == Igmp::Version::k1 ? kVersion1Report : kVersion2Report;
  return with_checksum(message(type, 0, report.group));
}

Buffer serialize(const Leave<Igmp>& leave) {
  return with_checksum(message(kLeaveGroup, 0, leave.group));
}

Buffer serialize(const RouterMessage& message) {
  return with_checksum(serialize_router_message(message, kRouterAdvertisement<Igmp>));
}

Buffer serialize(std::span<const Record<Igmp>> records) {
  Buffer out{kVersion3Report, 0, 0, 0, 0, 0};  // reserved, checksum, flags
  append_records(out, records);
  return with_checksum(std::move(out));
}

}  // namespace mcq::wire
