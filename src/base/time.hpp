#pragma once

#include <chrono>

namespace mcq {

using namespace std::chrono_literals;

/// Time as the core is told it. The clock has no now(): only os/clock.cpp reads one.
struct ProtocolClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ProtocolClock>;
  static constexpr bool is_steady = true;
};
using Duration = ProtocolClock::duration;
using TimePoint = std::chrono::time_point<ProtocolClock>;
inline constexpr TimePoint kNever = TimePoint::max();

}  // namespace mcq
