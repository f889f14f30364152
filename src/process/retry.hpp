#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <utility>

namespace mcq::process {

/// Calls `attempt` after an interval, repeatedly until it returns true. No timer runs otherwise.
class Retry {
 public:
  Retry(boost::asio::io_context& io, std::chrono::milliseconds interval,
        std::function<bool()> attempt)
      : timer_(io), interval_(interval), attempt_(std::move(attempt)) {}
  Retry(const Retry&) = delete;
  Retry& operator=(const Retry&) = delete;

  /// Schedules an attempt after the interval, unless one is scheduled.
  void later() {
    if (std::exchange(is_due_, true)) return;
    timer_.expires_after(interval_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;  // destroyed: `this` may be gone
      is_due_ = false;
      if (!attempt_()) later();
    });
  }
  bool is_due() const { return is_due_; }

 private:
  boost::asio::steady_timer timer_;
  std::chrono::milliseconds interval_;
  std::function<bool()> attempt_;
  bool is_due_ = false;
};

}  // namespace mcq::process
