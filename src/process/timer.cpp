#include "process/timer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <utility>

namespace mcq::process {

struct Timer::State {
  boost::asio::steady_timer timer;
  std::uint64_t start = 0;  ///< number of the latest start or stop
};

Timer::Timer(boost::asio::io_context& io)
    : state_(std::make_shared<State>(State{boost::asio::steady_timer{io}})) {}

Timer::~Timer() { stop(); }

/// A timer that has expired can no longer be cancelled: its handler compares the number.
void Timer::start(Duration time, std::function<void()> on_expiry) {
  const auto start = ++state_->start;
  state_->timer.expires_after(time);
  state_->timer.async_wait(
      [weak = std::weak_ptr{state_}, start, then = std::move(on_expiry)](const auto&) {
        const auto state = weak.lock();
        if (state && state->start == start) then();
      });
}

void Timer::stop() {
  ++state_->start;
  try {
    state_->timer.cancel();
  } catch (const boost::system::system_error&) {
    return;  // its handler compares the number
  }
}

}  // namespace mcq::process
