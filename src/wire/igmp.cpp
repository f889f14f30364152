#include "wire/igmp.hpp"

#include <algorithm>

#include "wire/time_code.hpp"

namespace mcq::wire {
namespace {

constexpr std::uint8_t kMembershipQuery = 0x11;
constexpr std::uint8_t kVersion1Report = 0x12;
constexpr std::uint8_t kVersion2Report = 0x16;
constexpr std::uint8_t kLeaveGroup = 0x17;

constexpr std::size_t kMessageSize = 8;  // IGMPv1 and IGMPv2
constexpr std::size_t kQuerySize = 12;   // IGMPv3, without sources
constexpr std::size_t kChecksumOffset = 2;

constexpr std::uint8_t kSuppressFlag = 0x08;
constexpr std::uint8_t kMaxQrv = 7;

Result<Message<Igmp>, ParseError> parse_version3_query(Bytes bytes) {
  if (bytes.size() < kQuerySize) return fail(ParseError::kBadLength);
  const auto header = bytes.first<kQuerySize>();
  const std::size_t sources = load<std::uint16_t, 10>(header);
  if (bytes.size() - kQuerySize < sources * 4) return fail(ParseError::kBadLength);
  const auto flags = load<std::uint8_t, 8>(header);
  Query<Igmp> query{
      .version = Igmp::Version::k3,
      .group = load_address<4, 4>(header),
      .max_response = TimeCode8::decode(load<std::uint8_t, 1>(header)) * Igmp::kResponseUnit,
      .query_interval = TimeCode8::decode(load<std::uint8_t, 9>(header)) * Duration{1s},
      .robustness = static_cast<std::uint8_t>(flags & kMaxQrv),
      .suppress = (flags & kSuppressFlag) != 0,
  };
  if (query.is_general() ? sources != 0 : !is_multicast(query.group)) {
    return fail(ParseError::kBadGroup);
  }
  query.sources.reserve(sources);
  for (std::size_t i = 0; i < sources; ++i) {
    query.sources.push_back(load_address<4, 0>(bytes.subspan(kQuerySize + 4 * i).first<4>()));
  }
  return Message<Igmp>{std::move(query)};
}

Result<Message<Igmp>, ParseError> parse_query(Bytes bytes) {
  if (bytes.size() != kMessageSize) return parse_version3_query(bytes);
  const auto header = bytes.first<kMessageSize>();
  const auto code = load<std::uint8_t, 1>(header);
  // IGMPv1 knows only General Queries; its group field is ignored (RFC 1112, appendix I).
  if (code == 0) return Message<Igmp>{Query<Igmp>{.version = Igmp::Version::k1}};
  const auto group = load_address<4, 4>(header);
  if (!group.is_unspecified() && !is_multicast(group)) return fail(ParseError::kBadGroup);
  return Message<Igmp>{Query<Igmp>{
      .version = Igmp::Version::k2, .group = group, .max_response = code * Igmp::kResponseUnit}};
}

std::uint8_t linear_code(Duration time) {
  const auto units = time / Igmp::kResponseUnit;
  return static_cast<std::uint8_t>(std::clamp<Duration::rep>(units, 1, 255));
}

std::uint8_t float_code(Duration time, Duration unit) {
  return TimeCode8::encode(
      static_cast<std::uint32_t>(std::clamp<Duration::rep>(time / unit, 0, TimeCode8::kMax)));
}

Buffer message(std::uint8_t type, std::uint8_t code, Ipv4Address group) {
  Buffer out;
  out.reserve(kQuerySize);
  append(out, type);
  append(out, code);
  append(out, std::uint16_t{0});
  append(out, group);
  return out;
}

Buffer with_checksum(Buffer out) {
  set_checksum(out, kChecksumOffset);
  return out;
}

}  // namespace

Result<Message<Igmp>, ParseError> parse_igmp(Bytes payload) {
  if (payload.size() < kMessageSize) return fail(ParseError::kTruncated);
  if (checksum(payload) != 0) return fail(ParseError::kBadChecksum);
  const auto header = payload.first<kMessageSize>();
  const auto type = load<std::uint8_t, 0>(header);
  const auto group = load_address<4, 4>(header);
  if (type == kMembershipQuery) return parse_query(payload);
  if (type != kVersion1Report && type != kVersion2Report && type != kLeaveGroup) {
    return fail(ParseError::kUnhandledType);
  }
  if (!is_multicast(group)) return fail(ParseError::kBadGroup);
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
  auto out =
      message(kMembershipQuery, float_code(query.max_response, Igmp::kResponseUnit), query.group);
  const auto qrv = query.robustness <= kMaxQrv ? query.robustness : 0U;
  append(out, static_cast<std::uint8_t>((query.suppress ? kSuppressFlag : 0U) | qrv));
  append(out, float_code(query.query_interval, 1s));
  append(out, static_cast<std::uint16_t>(query.sources.size()));
  for (const auto& source : query.sources) append(out, source);
  return with_checksum(std::move(out));
}

Buffer serialize(const Report<Igmp>& report) {
  const auto type = report.version == Igmp::Version::k1 ? kVersion1Report : kVersion2Report;
  return with_checksum(message(type, 0, report.group));
}

Buffer serialize(const Leave<Igmp>& leave) {
  return with_checksum(message(kLeaveGroup, 0, leave.group));
}

}  // namespace mcq::wire
