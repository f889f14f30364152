#include "process/fd_watcher.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <utility>

namespace mcq::process {

struct FdWatcher::State {
  boost::asio::posix::stream_descriptor descriptor;
  std::function<void()> callback;

  void wait() {
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [this](const boost::system::error_code& error) {
                            if (error) return;  // released: `this` may be gone
                            callback();
                            wait();
                          });
  }
};

FdWatcher::FdWatcher(boost::asio::io_context& io, int fd, std::function<void()> callback)
    : state_(std::make_unique<State>(
          State{boost::asio::posix::stream_descriptor{io, fd}, std::move(callback)})) {
  state_->wait();
}

FdWatcher::~FdWatcher() { state_->descriptor.release(); }

}  // namespace mcq::process
