#include "instance/bpdu_receiver.hpp"

#include <cstddef>

#include "os/clock.hpp"

namespace mcq::instance {

Result<Ok> BpduReceiver::listen(bool listens) {
  if (listens == socket_.has_value()) return Ok{};
  reader_.reset();
  socket_.reset();
  if (!listens) return Ok{};
  auto opened = os::BpduSocket::open();
  if (!opened) return fail(std::move(opened).error());
  socket_.emplace(*std::move(opened));
  reader_.emplace(
      io_, socket_->fd(), [this] { return read(); }, kPause);
  return Ok{};
}

CoalescingReader::Found BpduReceiver::read() {
  constexpr std::size_t kFramesPerTurn = 16;
  const auto now = os::now();
  std::size_t frames = 0;
  for (; frames < kFramesPerTurn; ++frames) {
    const auto frame = socket_->receive();
    if (!frame) break;
    on_bpdu_(*frame, now);
  }
  return frames == 0 ? CoalescingReader::Found::kNothing : CoalescingReader::Found::kAll;
}

}  // namespace mcq::instance
