#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <utility>

namespace mcq::app {

/// Calls back whenever a descriptor that somebody else owns is readable. The callback must not
/// destroy the Readable it is called from.
class Readable {
 public:
  Readable(boost::asio::io_context& io, int fd, std::function<void()> callback)
      : descriptor_(io, fd), callback_(std::move(callback)) {
    wait();
  }
  ~Readable() { descriptor_.release(); }
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

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

}  // namespace mcq::app
