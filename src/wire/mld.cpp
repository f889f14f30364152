#include "wire/mld.hpp"

#include <algorithm>

#include "wire/query_tail.hpp"
#include "wire/records.hpp"
#include "wire/time_code.hpp"

namespace mcq::wire {
namespace {

constexpr std::uint8_t kIcmpv6 = 58;

// A message of MLDv1, and the first 24 bytes of an MLDv2 query (RFC 9777 §5.1); query_tail.hpp has
// the rest of that query:
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      Type     |      Code     |            Checksum           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |     Maximum Response Code     |            Reserved           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                                                               |
//  *                                                               *
//  |                                                               |
//  *                       Multicast Address                       *
//  |                                                               |
//  *                                                               *
//  |                                                               |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr std::size_t kHeaderSize = 24;
constexpr std::size_t kTypeOffset = 0;
constexpr std::size_t kChecksumOffset = 2;
constexpr std::size_t kResponseCodeOffset = 4;
constexpr std::size_t kGroupOffset = 8;

// An MLDv2 report (RFC 9777 §5.2); records.cpp has the records:
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |   Type = 143  |    Reserved   |            Checksum           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |             Flags             | Nr of Mcast Address Records(M)|
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  .                                                               .
//  .              Multicast Address Records [1] to [M]             .
//  .                                                               .
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr std::size_t kReportHeaderSize = 8;
constexpr std::size_t kRecordCountOffset = 6;

constexpr Duration::rep kMaxLinearCode = 65'535;

/// Returns the sum of the pseudo header (RFC 8200 §8.1). `length` is that of the message, without
/// the hop-by-hop header.
std::uint32_t pseudo_header(const Ipv6Address& source, const Ipv6Address& destination,
                            std::size_t length) {
  return std::uint32_t{internet_sum(source.bytes)} + internet_sum(destination.bytes) +
         static_cast<std::uint32_t>(length) + kIcmpv6;
}

/// Returns why a source is refused; none for a link-local one (RFC 9777 §5.1.14, §5.2). A report
/// from :: comes from a host whose address is still tentative.
std::optional<ParseError> wrong_source(MldType type, const Ipv6Address& source) {
  if (is_link_local(source)) return std::nullopt;
  const bool is_report = type == MldType::kVersion1Report || type == MldType::kVersion2Report;
  return is_report && source.is_unspecified() ? ParseError::kUnspecifiedSource
                                              : ParseError::kBadSource;
}

Result<Message<Mld>, ParseError> parse_query(Bytes bytes) {
  const auto header = bytes.first<kHeaderSize>();
  const auto code = load<std::uint16_t, kResponseCodeOffset>(header);
  Query<Mld> query{.version = Mld::Version::k1,
                   .group = load_address<16, kGroupOffset>(header),
                   .max_response = code * Mld::kResponseUnit};
  if (bytes.size() > kHeaderSize) {
    query.version = Mld::Version::k2;
    query.max_response = TimeCode16::decode(code) * Mld::kResponseUnit;
    if (!read_query_tail(bytes.subspan(kHeaderSize), query)) return fail(ParseError::kBadLength);
  }
  if (!has_valid_group(query)) return fail(ParseError::kBadGroup);
  return Message<Mld>{std::move(query)};
}

Result<Message<Mld>, ParseError> parse_router(Bytes payload) {
  const auto type = payload[kTypeOffset] - kRouterAdvertisement<Mld>;
  const auto message = parse_router_message(payload, static_cast<RouterMessage::Type>(type));
  if (!message) return fail(message.error());
  return Message<Mld>{*message};
}

Buffer message(MldType type, std::uint16_t code, const Ipv6Address& group) {
  Buffer out;
  out.reserve(kHeaderSize + kQueryTailSize);
  append(out, static_cast<std::uint8_t>(type));
  append(out, std::uint8_t{0});   // code
  append(out, std::uint16_t{0});  // checksum
  append(out, code);
  append(out, std::uint16_t{0});  // reserved
  append(out, group);
  return out;
}

Buffer with_checksum(Buffer out, const Ipv6Address& source, const Ipv6Address& destination) {
  set_checksum(out, kChecksumOffset, pseudo_header(source, destination, out.size()));
  return out;
}

}  // namespace

Result<Message<Mld>, ParseError> parse_mld(Bytes payload, const Ipv6Address& source,
                                           const Ipv6Address& destination) {
  const bool is_short = payload.size() < kReportHeaderSize;
  const bool is_of_router =
      payload.size() >= kRouterMessageSize && is_router_message<Mld>(payload[kTypeOffset]);
  if (is_short && !is_of_router) return fail(ParseError::kTruncated);
  if (checksum(payload, pseudo_header(source, destination, payload.size())) != 0) {
    return fail(ParseError::kBadChecksum);
  }
  if (!is_mld(payload[kTypeOffset])) return fail(ParseError::kUnhandledType);
  const auto type = static_cast<MldType>(payload[kTypeOffset]);
  if (const auto error = wrong_source(type, source)) return fail(*error);
  if (is_of_router) return parse_router(payload);
  if (type == MldType::kVersion2Report) {
    const auto header = payload.first<kReportHeaderSize>();
    return Message<Mld>{RecordReport<Mld>{.count = load<std::uint16_t, kRecordCountOffset>(header),
                                          .records = payload.subspan(kReportHeaderSize)}};
  }
  if (payload.size() < kHeaderSize) return fail(ParseError::kBadLength);
  if (type == MldType::kQuery) return parse_query(payload);
  const auto group = load_address<16, kGroupOffset>(payload.first<kHeaderSize>());
  if (!is_multicast(group)) return fail(ParseError::kBadGroup);
  if (type == MldType::kDone) return Message<Mld>{Leave<Mld>{group}};
  return Message<Mld>{Report<Mld>{Mld::Version::k1, group}};
}

Buffer serialize(const Query<Mld>& query, const Ipv6Address& source,
                 const Ipv6Address& destination) {
  if (query.version == Mld::Version::k1) {
    const auto units =
        std::clamp<Duration::rep>(query.max_response / Mld::kResponseUnit, 0, kMaxLinearCode);
    return with_checksum(message(MldType::kQuery, static_cast<std::uint16_t>(units), query.group),
                         source, destination);
  }
  const auto code = time_code<TimeCode16>(query.max_response, Mld::kResponseUnit);
  auto out = message(MldType::kQuery, code, query.group);
  append_query_tail(out, query);
  return with_checksum(std::move(out), source, destination);
}

Buffer serialize(const Report<Mld>& report, const Ipv6Address& source,
                 const Ipv6Address& destination) {
  return with_checksum(message(MldType::kVersion1Report, 0, report.group), source, destination);
}

Buffer serialize(const Leave<Mld>& done, const Ipv6Address& source,
                 const Ipv6Address& destination) {
  return with_checksum(message(MldType::kDone, 0, done.group), source, destination);
}

Buffer serialize(const RouterMessage& message, const Ipv6Address& source,
                 const Ipv6Address& destination) {
  return with_checksum(serialize_router_message(message, kRouterAdvertisement<Mld>), source,
                       destination);
}

Buffer serialize(std::span<const Record<Mld>> records, const Ipv6Address& source,
                 const Ipv6Address& destination) {
  // type, reserved, checksum, flags
  Buffer out{static_cast<std::uint8_t>(MldType::kVersion2Report), 0, 0, 0, 0, 0};
  append_records(out, records);
  return with_checksum(std::move(out), source, destination);
}

}  // namespace mcq::wire
