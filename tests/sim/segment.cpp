#include "sim/segment.hpp"

namespace mcq::sim {

template <Family F>
void Segment<F>::plug(Port<F>& port) {
  port.segment_ = this;
  ports_.push_back(&port);
}

template <Family F>
void Segment<F>::cut() {
  if (!std::exchange(cut_, true)) ++world_.cuts;
  world_.disturb();
}

template <Family F>
void Segment<F>::heal() {
  if (std::exchange(cut_, false)) --world_.cuts;
  world_.disturb();
}

template <Family F>
void Segment<F>::carry(const Port<F>& from, const Packet<F>& packet) {
  for (auto* to : ports_) {
    if (to == &from) continue;
    for (int copies = world_.happens(world_.weather.duplication) ? 2 : 1; copies > 0; --copies) {
      deliver(*to, packet);
    }
  }
}

template <Family F>
void Segment<F>::deliver(Port<F>& to, const Packet<F>& packet) {
  if (cut_) return;
  if (doomed_ > 0 || world_.happens(world_.weather.loss)) {
    doomed_ = std::max(0, doomed_ - 1);
    return world_.disturb();
  }
  const auto delay = world_.random.between(Duration{}, world_.weather.max_delay);
  world_.timeline.after(delay, [this, &to, packet] {
    if (!cut_) to.receive(packet);
  });
}

template class Segment<Igmp>;
template class Segment<Mld>;

}  // namespace mcq::sim
