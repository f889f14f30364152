#pragma once

#include <chrono>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Time since boot, suspend included (CLOCK_BOOTTIME): setting the wall clock does not move it, and
/// a query that fell due while the machine slept is due when it wakes.
TimePoint now();

/// The time of day, for people: it may be set, and jump.
std::chrono::system_clock::time_point wall_clock_now();

/// Becomes readable when its deadline has passed, on the clock of now().
class Timer {
 public:
  static Result<Timer> create();

  int fd() const { return fd_.get(); }
  /// When it fires; kNever when it does not.
  TimePoint deadline() const { return deadline_; }
  /// Replaces the deadline; kNever disarms. Costs a system call only when it differs.
  void arm(TimePoint deadline);
  /// Makes a timer that has fired unreadable again.
  void acknowledge();

 private:
  explicit Timer(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  TimePoint deadline_ = kNever;
};

}  // namespace mcq::os
