#include "soak/sender.hpp"

namespace mcq::soak {

TimePoint Sender::due() const {
  const auto second = next_ / plan_.rate, rest = next_ % plan_.rate;
  return begun_ + std::chrono::seconds{second} + Duration{1s} * rest / plan_.rate;
}

TimePoint Sender::deadline() const {
  return !is_ended_ && next_ < plan_.packets() ? due() : kNever;
}

void Sender::step(TimePoint now) {
  for (int i = 0; i < kBatch && deadline() <= now; ++i) {
    send(now, false);
    ++next_;
  }
}

void Sender::end(TimePoint now) {
  is_ended_ = true;
  for (int i = 0; i < kEnds; ++i) send(now, true);
}

void Sender::send(TimePoint now, bool is_end) {
  const auto bytes = serialize(
      {.run = run_, .sequence = next_, .sent = now - begun_, .plan = plan_, .is_end = is_end});
  const auto sent = socket_.send(bytes);
  if (is_end) return;
  error_ = sent ? 0 : sent.error();
  if (!sent) ++failed_;
}

}  // namespace mcq::soak
