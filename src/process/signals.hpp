#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "base/event_loop.hpp"

namespace mcq::process {

/// Calls a function from the event loop for each of some signals that this process receives.
class Signals {
 public:
  Signals(boost::asio::io_context& io, std::initializer_list<int> signals,
          std::function<void(int signal)> on_signal);
  ~Signals();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mcq::process
