#pragma once

#include <functional>
#include <memory>

#include "base/event_loop.hpp"

namespace mcq::process {

/// Calls a function from the event loop whenever a descriptor is readable.
class FdWatcher {
 public:
  /// Does not own `fd`, which must outlive it. `callback` must not destroy the watcher.
  FdWatcher(boost::asio::io_context& io, int fd, std::function<void()> callback);
  ~FdWatcher();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mcq::process
