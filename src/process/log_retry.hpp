#pragma once

#include "base/event_loop.hpp"
#include "process/retry.hpp"

namespace mcq::process {

/// Writes the log lines that the log could not accept at once, by retrying from the event loop. At
/// most one may exist at a time.
class LogRetry {
 public:
  explicit LogRetry(boost::asio::io_context& io);
  ~LogRetry();
  LogRetry(const LogRetry&) = delete;
  LogRetry& operator=(const LogRetry&) = delete;

 private:
  Retry retry_;
};

}  // namespace mcq::process
