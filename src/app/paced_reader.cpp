#include "app/paced_reader.hpp"

#include <utility>

#include "os/clock.hpp"

namespace mcq::app {

PacedReader::PacedReader(boost::asio::io_context& io, int fd, std::function<Found()> read)
    : descriptor_(io, fd), timer_(io), read_(std::move(read)) {
  wait();
}

PacedReader::~PacedReader() { descriptor_.release(); }

void PacedReader::wait() {
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](const boost::system::error_code& error) {
                           if (!error) this->read();  // else released: `this` may be gone
                         });
}

/// A timer that has run out can no longer be stopped: its handler has to ask whether we still are.
void PacedReader::pause(Duration length) {
  timer_.expires_after(length);
  timer_.async_wait([self = std::weak_ptr{self_}](const boost::system::error_code&) {
    if (const auto reader = self.lock()) (*reader)->read();
  });
}

void PacedReader::read() {
  const auto before = std::exchange(last_, os::now());
  if (read_() == Found::kMuch) {
    pause(Duration::zero());
  } else if (last_ - before < 2 * kPause) {
    pause(kPause);
  } else {
    wait();
  }
}

}  // namespace mcq::app
