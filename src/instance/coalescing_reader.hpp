#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/time.hpp"

namespace mcq::instance {

/// Empties a buffer that others fill, as soon as there is something: but where that happens again
/// and again, it lets more come together first. A storm of packets wakes us a thousand times a
/// second, not once for each, and one by itself waits for nothing.
class CoalescingReader {
 public:
  static constexpr Duration kPause = std::chrono::milliseconds{1};

  /// What a turn has found.
  enum class Found : std::uint8_t {
    kAll,   ///< everything that was there
    kMuch,  ///< that was so much that the buffer may be full after a pause, or there is more
  };

  /// `read` takes what is there, up to a bound of its own, after which others get their turn; it
  /// must not destroy the reader. `fd` belongs to somebody else.
  CoalescingReader(boost::asio::io_context& io, int fd, std::function<Found()> read);
  ~CoalescingReader();
  CoalescingReader(const CoalescingReader&) = delete;
  CoalescingReader& operator=(const CoalescingReader&) = delete;

 private:
  void wait();
  void pause(Duration length);
  void read();

  int fd_;
  boost::asio::posix::stream_descriptor descriptor_;  ///< open while we wait for it
  boost::asio::steady_timer timer_;
  std::function<Found()> read_;
  TimePoint last_{};  ///< when it read
  std::shared_ptr<CoalescingReader*> self_ = std::make_shared<CoalescingReader*>(this);
};

}  // namespace mcq::instance
