#pragma once

#include <functional>
#include <memory>

#include "base/event_loop.hpp"
#include "base/time.hpp"

namespace mcq::process {

/// Calls a function once, after a time, from the event loop.
class Timer {
 public:
  explicit Timer(boost::asio::io_context& io);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Calls `on_expiry` after `time`, instead of an earlier function not yet called.
  void start(Duration time, std::function<void()> on_expiry);
  /// Forgets the function. It is not called afterwards, nor after destruction.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcq::process
