#pragma once

#include "soak/measurement.hpp"

namespace mcq::soak::test {

inline const IpAddress kSender = Ipv4Address{{192, 0, 2, 30}};
inline const IpAddress kOther = Ipv4Address{{192, 0, 2, 31}};
inline const IpAddress kQuerier = Ipv4Address{{192, 0, 2, 1}};
inline constexpr TimePoint kJoined{1000s};

/// A stream of ten packets a second for a minute that reaches a measurement.
class Stream {
 public:
  explicit Stream(bool sees_reports = true) : measurement{kJoined, sees_reports} {}

  Packet packet(std::uint64_t sequence) const {
    return {.run = 1, .sequence = sequence, .sent = sequence * 100ms, .plan = plan};
  }
  /// One packet, when it is due.
  void arrives(std::uint64_t sequence) {
    measurement.received(packet(sequence), kSender, at(sequence * 100ms));
  }
  void arrive(std::uint64_t first, std::uint64_t end) {
    for (auto i = first; i < end; ++i) arrives(i);
  }
  void ends(std::uint64_t sequence) {
    auto last = packet(sequence);
    last.is_end = true;
    measurement.received(last, kSender, at(sequence * 100ms));
  }
  /// So long after the first packet, which comes a second after the join.
  static TimePoint at(Duration after) { return kJoined + 1s + after; }

  Plan plan{.rate = 10, .duration = 1min};
  Measurement measurement;
};

}  // namespace mcq::soak::test
