#include "process/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <utility>

namespace mcq::process {

struct Signals::State {
  State(boost::asio::io_context& io, std::function<void(int signal)> function)
      : signals(io), on_signal(std::move(function)) {}

  void wait() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;  // destroyed: `this` may be gone
      wait();
      on_signal(signal);
    });
  }

  boost::asio::signal_set signals;
  std::function<void(int signal)> on_signal;
};

Signals::Signals(boost::asio::io_context& io, std::initializer_list<int> signals,
                 std::function<void(int signal)> on_signal)
    : state_(std::make_unique<State>(io, std::move(on_signal))) {
  for (const int signal : signals) state_->signals.add(signal);
  state_->wait();
}

Signals::~Signals() = default;

}  // namespace mcq::process
