#include "wire/router_discovery.hpp"

#include <algorithm>
#include <limits>

namespace mcq::wire {
namespace {

// An advertisement (RFC 4286 §3.2). Solicitations and terminations (RFC 4286 §4.1, §5.1) are its
// first 4 bytes, with a reserved byte for the interval:
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |      Type     |  Ad. Interval |            Checksum           |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |         Query Interval        |      Robustness Variable      |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
constexpr std::size_t kAdvertisementSize = 8;
constexpr std::size_t kIntervalOffset = 1;
constexpr std::size_t kQueryIntervalOffset = 4;
constexpr std::size_t kRobustnessOffset = 6;

template <class Field>
Field seconds(Duration time) {
  constexpr Duration::rep kMost = std::numeric_limits<Field>::max();
  return static_cast<Field>(std::clamp<Duration::rep>(time / 1s, 0, kMost));
}

}  // namespace

Result<RouterMessage, ParseError> parse_router_message(Bytes payload, RouterMessage::Type type) {
  if (type != RouterMessage::Type::kAdvertisement) return RouterMessage{.type = type};
  if (payload.size() < kAdvertisementSize) return fail(ParseError::kBadLength);
  const auto bytes = payload.first<kAdvertisementSize>();
  return RouterMessage{
      .type = type,
      .interval = load<std::uint8_t, kIntervalOffset>(bytes) * Duration{1s},
      .query_interval = load<std::uint16_t, kQueryIntervalOffset>(bytes) * Duration{1s},
      .robustness = load<std::uint16_t, kRobustnessOffset>(bytes)};
}

Buffer serialize_router_message(const RouterMessage& message, std::uint8_t advertisement) {
  const bool advertises = message.type == RouterMessage::Type::kAdvertisement;
  Buffer out;
  out.reserve(kAdvertisementSize);
  append(out, static_cast<std::uint8_t>(advertisement + static_cast<unsigned>(message.type)));
  append(out, advertises ? seconds<std::uint8_t>(message.interval) : std::uint8_t{0});
  append(out, std::uint16_t{0});  // checksum
  if (!advertises) return out;
  append(out, seconds<std::uint16_t>(message.query_interval));
  append(out, message.robustness);
  return out;
}

}  // namespace mcq::wire
