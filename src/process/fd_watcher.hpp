#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <utility>

namespace mcq::process {

/// Calls `callback` from the event loop whenever `fd` is readable. Does not own `fd`, which must
/// outlive it. The callback must not destroy the watcher.
class FdWatcher {
 public:
  FdWatcher(boost::asio::io_context& io, int fd, std::function<void()> callback)
      : descriptor_(io, fd), callback_(std::move(callback)) {
    wait();
  }
  ~FdWatcher() { descriptor_.release(); }
  FdWatcher(const FdWatcher&) = delete;
  FdWatcher& operator=(const FdWatcher&) = delete;

 private:
  void wait() {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this](const boost::system::error_code& error) {
                             if (error) return;  // released: `this` may be gone
                             callback_();
                             wait();
                           });
  }

  boost::asio::posix::stream_descriptor descriptor_;
  std::function<void()> callback_;
};

}  // namespace mcq::process
