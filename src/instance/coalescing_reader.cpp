#include "instance/coalescing_reader.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "os/clock.hpp"

namespace mcq::instance {

/// Handlers that are pending when the reader is destroyed find it gone.
struct CoalescingReader::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& io, int descriptor_to_read, std::function<Found()> on_readable,
        Duration between_turns)
      : fd(descriptor_to_read),
        descriptor(io),
        timer(io),
        read(std::move(on_readable)),
        pause_length(between_turns) {}

  void wait() {
    if (!descriptor.is_open()) descriptor.assign(fd);
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = weak_from_this()](const boost::system::error_code& error) {
                            const auto state = self.lock();
                            if (!error && state) state->turn();
                          });
  }
  /// The event loop must not know the descriptor meanwhile, or each packet would still wake it.
  void pause(Duration length) {
    if (descriptor.is_open()) descriptor.release();
    timer.expires_after(length);
    timer.async_wait([self = weak_from_this()](const boost::system::error_code&) {
      if (const auto state = self.lock()) state->turn();
    });
  }
  void turn() {
    const auto before = std::exchange(last, os::now());
    const auto found = read();
    if (found == Found::kMuch) {
      pause(Duration::zero());
    } else if (found == Found::kAll && last - before < 2 * pause_length) {
      pause(pause_length);
    } else {
      wait();
    }
  }

  int fd;
  boost::asio::posix::stream_descriptor descriptor;  ///< open while it is waited for
  boost::asio::steady_timer timer;
  std::function<Found()> read;
  Duration pause_length;
  TimePoint last{};  ///< time of the last read
};

CoalescingReader::CoalescingReader(boost::asio::io_context& io, int fd, std::function<Found()> read,
                                   Duration pause)
    : state_(std::make_shared<State>(io, fd, std::move(read), pause)) {
  state_->wait();
}

CoalescingReader::~CoalescingReader() {
  if (state_->descriptor.is_open()) state_->descriptor.release();
}

}  // namespace mcq::instance
