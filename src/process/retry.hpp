#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "process/timer.hpp"

namespace mcq::process {

/// Calls `attempt` after an interval, repeatedly until it returns true. No timer runs otherwise.
class Retry {
 public:
  Retry(boost::asio::io_context& io, std::chrono::milliseconds interval,
        std::function<bool()> attempt)
      : timer_(io), interval_(interval), attempt_(std::move(attempt)) {}

  /// Schedules an attempt after the interval, unless one is scheduled.
  void later() {
    if (std::exchange(is_due_, true)) return;
    timer_.start(interval_, [this] {
      is_due_ = false;
      if (!attempt_()) later();
    });
  }
  bool is_due() const { return is_due_; }

 private:
  Timer timer_;
  std::chrono::milliseconds interval_;
  std::function<bool()> attempt_;
  bool is_due_ = false;
};

}  // namespace mcq::process
