#pragma once

#include <boost/asio/io_context.hpp>

#include "process/retry.hpp"

namespace mcq::process {

/// Writes lines that are kept as soon as there is room for them, as long as it lives. One at a
/// time.
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
