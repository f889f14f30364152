#pragma once

#include <chrono>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Returns the time since boot including suspend (CLOCK_BOOTTIME): independent of the wall clock,
/// and a query that became due during a suspend is due after it.
TimePoint now();

/// Returns the wall clock time, for output only: it may jump.
std::chrono::system_clock::time_point wall_clock_now();

/// A descriptor that becomes readable when its deadline, on the clock of now(), has passed.
class Timer {
 public:
  /// Creates a disarmed timer.
  static Result<Timer> create();

  int fd() const { return fd_.get(); }
  /// The deadline; kNever while disarmed.
  TimePoint deadline() const { return deadline_; }
  /// Replaces the deadline; kNever disarms. Makes a system call only when it differs.
  void arm(TimePoint deadline);
  /// Makes the descriptor unreadable again after the timer fired.
  void acknowledge();

 private:
  explicit Timer(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  TimePoint deadline_ = kNever;
};

}  // namespace mcq::os
