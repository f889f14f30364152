#include "sim/switch.hpp"

namespace mcq::sim {

template <Family F>
void Switch<F>::forward(SwitchPort& in, const Packet<F>& packet) {
  ++lessons_;
  const auto now = world_.timeline.now();
  const bool is_query = std::holds_alternative<Query<F>>(packet.message);
  if (is_query && !packet.source.is_unspecified()) in.router_until_ = now + aging_.router;
  if (const auto* report = std::get_if<Report<F>>(&packet.message)) {
    learn(in, report->group, now + aging_.member);
  }
  for (auto& out : ports_) {
    if (&out != &in && (is_query || now <= out.router_until_)) out.send(packet);
  }
}

template <Family F>
void Switch<F>::learn(SwitchPort& port, const Address& group, TimePoint until) {
  for (auto& [member, member_until] : port.members_) {
    if (member == group) {
      member_until = until;
      return;
    }
  }
  port.members_.emplace_back(group, until);
}

template class Switch<Igmp>;
template class Switch<Mld>;

}  // namespace mcq::sim
