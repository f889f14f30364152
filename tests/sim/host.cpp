#include "sim/host.hpp"

namespace mcq::sim {

template <Family F>
void Host<F>::join(const Address& group) {
  if (find(group) != memberships_.end()) return;
  memberships_.push_back({group, kNever});
  report(group);
  answer(memberships_.back(), kUnsolicitedReportInterval);
}

template <Family F>
void Host<F>::leave(const Address& group) {
  const auto membership = find(group);
  if (membership == memberships_.end()) return;
  memberships_.erase(membership);
  this->send({address_, group, Leave<F>{group}});
}

template <Family F>
bool Host<F>::has_joined(const Address& group) const {
  return std::any_of(memberships_.begin(), memberships_.end(),
                     [&](const auto& m) { return m.group == group; });
}

template <Family F>
void Host<F>::receive(const Packet<F>& packet) {
  if (const auto* query = std::get_if<Query<F>>(&packet.message)) return hear(*query);
  if (const auto* other = std::get_if<Report<F>>(&packet.message)) suppress(*other);
}

template <Family F>
void Host<F>::hear(const Query<F>& query) {
  ++queries_heard_;
  spoken_ = std::min(version_, query.version);
  const auto longest =
      query.version == F::kNoResponseTime ? kUnsolicitedReportInterval : query.max_response;
  for (auto& membership : memberships_) answer(membership, longest);
}

template <Family F>
void Host<F>::answer(Membership& membership, Duration longest) {
  const auto now = world_.timeline.now();
  if (membership.due != kNever && membership.due <= now + longest) return;
  const auto delay =
      percent_ ? longest * *percent_ / 100 : world_.random.between(Duration{}, longest);
  membership.due = now + delay;
  world_.timeline.at(membership.due, [this, group = membership.group] {
    const auto due = find(group);
    if (due == memberships_.end() || due->due != world_.timeline.now()) return;
    due->due = kNever;
    report(group);
  });
}

template <Family F>
void Host<F>::suppress(const Report<F>& heard) {
  if (spoken_ == F::kNewest) return;
  const auto membership = find(heard.group);
  if (membership != memberships_.end()) membership->due = kNever;
}

template <Family F>
void Host<F>::report(const Address& group) {
  ++reports_sent_;
  this->send({address_, group, Report<F>{spoken_, group}});
}

template class Host<Igmp>;
template class Host<Mld>;

}  // namespace mcq::sim
