#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/event_loop.hpp"
#include "base/time.hpp"

namespace mcq::instance {

/// Reads a descriptor when it becomes readable, with interrupt coalescing: a reader that read less
/// than two pauses ago pauses first, and waits again once a pause has brought nothing. With kPause,
/// a storm of packets wakes the process a thousand times a second; a single packet is read at once.
class CoalescingReader {
 public:
  static constexpr Duration kPause = std::chrono::milliseconds{1};

  /// Result of a turn.
  enum class Found : std::uint8_t {
    kNothing,  ///< the buffer was empty
    kAll,      ///< the buffer is empty, and was not nearly full
    kMuch,     ///< more is pending, or the buffer may fill up during a pause
  };

  /// `read` reads what is pending, up to a bound of its own; it must not destroy the reader. Does
  /// not own `fd`, which must outlive the reader.
  CoalescingReader(boost::asio::io_context& io, int fd, std::function<Found()> read,
                   Duration pause = kPause);
  ~CoalescingReader();
  CoalescingReader(const CoalescingReader&) = delete;
  CoalescingReader& operator=(const CoalescingReader&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcq::instance
