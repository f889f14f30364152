#pragma once

#include <chrono>

namespace mcq {

using namespace std::chrono_literals;

/// The clock of all protocol timers. Has no now(): only os/clock.cpp reads a clock, and callers
/// pass the time on.
struct ProtocolClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ProtocolClock>;
  static constexpr bool is_steady = true;
};
using Duration = ProtocolClock::duration;
using TimePoint = std::chrono::time_point<ProtocolClock>;
/// The deadline of a timer that is not running.
inline constexpr TimePoint kNever = TimePoint::max();

}  // namespace mcq
