#include "instance/coalescing_reader.hpp"

#include <utility>

#include "os/clock.hpp"

namespace mcq::instance {

CoalescingReader::CoalescingReader(boost::asio::io_context& io, int fd, std::function<Found()> read)
    : fd_(fd), descriptor_(io), timer_(io), read_(std::move(read)) {
  wait();
}

CoalescingReader::~CoalescingReader() {
  if (descriptor_.is_open()) descriptor_.release();
}

void CoalescingReader::wait() {
  if (!descriptor_.is_open()) descriptor_.assign(fd_);
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](const boost::system::error_code& error) {
                           if (!error) this->read();  // else released: `this` may be gone
                         });
}

/// The event loop must not know the descriptor meanwhile, or each packet would still wake it. A
/// timer that has run out can no longer be stopped: its handler has to ask whether we still are.
void CoalescingReader::pause(Duration length) {
  if (descriptor_.is_open()) descriptor_.release();
  timer_.expires_after(length);
  timer_.async_wait([self = std::weak_ptr{self_}](const boost::system::error_code&) {
    if (const auto reader = self.lock()) (*reader)->read();
  });
}

void CoalescingReader::read() {
  const auto before = std::exchange(last_, os::now());
  if (read_() == Found::kMuch) {
    pause(Duration::zero());
  } else if (last_ - before < 2 * kPause) {
    pause(kPause);
  } else {
    wait();
  }
}

}  // namespace mcq::instance
