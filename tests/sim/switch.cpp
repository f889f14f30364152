#include "sim/switch.hpp"

#include "core/router_discovery.hpp"

namespace mcq::sim {

template <Family F>
typename Switch<F>::SwitchPort::Member& Switch<F>::SwitchPort::member(const Address& group) {
  for (auto& member : members_) {
    if (member.group == group) return member;
  }
  return members_.emplace_back(Member{.group = group});
}

template <Family F>
void Switch<F>::forward(SwitchPort& in, const Packet<F>& packet) {
  ++lessons_;
  std::visit([&](const auto& message) { learn(in, packet, message); }, packet.message);
  // They go to groups that are flooded (RFC 4541 §2.1.2).
  const bool is_flooded = std::holds_alternative<Query<F>>(packet.message) ||
                          std::holds_alternative<RouterMessage>(packet.message);
  if (is_flooded) {
    for (auto& out : ports_) {
      if (&out != &in) out.send(packet);
    }
    return;
  }
  for (auto* out : routers_) {
    if (out != &in && world_.timeline.now() <= out->router_until_) out->send(packet);
  }
}

template <Family F>
void Switch<F>::set_router(SwitchPort& port, TimePoint until) {
  if (port.router_until_ == TimePoint::min()) {
    const auto by_number = [](const auto* a, const auto* b) { return a->number_ < b->number_; };
    routers_.insert(std::upper_bound(routers_.begin(), routers_.end(), &port, by_number), &port);
  }
  port.router_until_ = std::max(port.router_until_, until);
}

/// Where somebody has left, members have as long to answer a specific query as it says, and a
/// second for the way.
template <Family F>
void Switch<F>::learn(SwitchPort& in, const Packet<F>& packet, const Query<F>& query) {
  const auto until = world_.timeline.now() + aging_.router;
  if (!packet.source.is_unspecified()) set_router(in, until);
  if (query.is_general() || query.suppress || !query.sources.empty()) return;
  const auto left = (query.robustness != 0 ? query.robustness : 2) * query.max_response + 1s;
  for (auto& port : ports_) {
    auto& member = port.member(query.group);
    if (&port != &in && member.has_left) end_soon(member, left);
  }
}

template <Family F>
void Switch<F>::learn(SwitchPort& in, const Packet<F>&, const Report<F>& report) {
  auto& member = in.member(report.group);
  member.until = world_.timeline.now() + aging_.member;
  member.has_left = false;
  if (report.version == F::kNoLeave) member.until_silent = member.until;
}

template <Family F>
void Switch<F>::learn(SwitchPort& in, const Packet<F>&, const Leave<F>& leave) {
  auto& member = in.member(leave.group);
  member.has_left = true;
  if (aging_.after_leave != Duration::max()) end_soon(member, aging_.after_leave);
}

template <Family F>
void Switch<F>::learn(SwitchPort& in, const Packet<F>& packet, const OwnReport<F>& report) {
  for (const auto& record : report.records) {
    if (tells_of_a_member<F>(record.type, record.sources)) {
      learn(in, packet, Report<F>{F::kNewest, record.group});
    } else if (record.type == RecordType::kToIn) {
      learn(in, packet, Leave<F>{record.group});
    }
  }
}

/// The port is one of a router for the NeighborDeadInterval (RFC 4286 §3.1.5).
template <Family F>
void Switch<F>::learn(SwitchPort& in, const Packet<F>&, const RouterMessage& message) {
  if (message.type != RouterMessage::Type::kAdvertisement) return;
  const auto interval = message.interval + core::advertisement_jitter(message.interval);
  set_router(in, world_.timeline.now() + 3 * interval);
}

template <Family F>
void Switch<F>::end_soon(typename SwitchPort::Member& member, Duration left) {
  const auto now = world_.timeline.now();
  if (member.until_silent <= now) member.until = std::min(member.until, now + left);
}

template class Switch<Igmp>;
template class Switch<Mld>;

}  // namespace mcq::sim
