#include "core/peer_queriers.hpp"

#include <algorithm>

#include "core/host_table.hpp"

namespace mcq::core {
namespace {

constexpr Duration kSecond = 1s;

}  // namespace

template <Family F>
bool PeerQueriers<F>::count_query(TimePoint now) {
  if (now - second_began_ >= kSecond) {
    second_began_ = now;
    queries_of_the_second_ = 0;
  }
  return ++queries_of_the_second_ > kStorm;
}

template <Family F>
PeerFinding PeerQueriers<F>::received(const PeerQuery<F>& received, TimePoint now) {
  const auto& [source, sender, query, role, elected, last_query] = received;
  const bool is_elected = role == Role::kNonQuerier && elected == source;
  const bool is_rival = role == Role::kQuerier && !elected.is_unspecified();
  if (role != Role::kWaiting && !is_elected && !is_rival) return PeerFinding::kNothing;
  if (is_rival && now - rival_.last_query >= kRemembered) rival_ = {};
  // One rival at a time.
  if (is_rival && rival_.queries > 0 && rival_.address != source) return PeerFinding::kNothing;
  auto& peer = is_rival ? rival_ : other_;
  auto finding = is_elected ? PeerFinding::kElected : PeerFinding::kNothing;
  if (peer.address != source) {
    if (is_elected && !peer.address.is_unspecified()) finding = PeerFinding::kOtherElected;
    peer = {.address = source};
  }
  // A query sent before it can have received ours is due.
  const bool is_undue = is_rival && peer.queries > 0 && last_query != kNever &&
                        last_query > peer.last_query && now - last_query >= HostTable<F>::kTransit;
  if (is_undue) {
    ++peer.undue;
    finding = PeerFinding::kUndue;
  }
  if (peer.queries > 0) peer.measured_interval = now - peer.last_query;
  peer.mac = sender;
  peer.version = query.version;
  peer.query_interval = query.query_interval;
  peer.robustness = query.robustness;
  peer.last_query = now;
  ++peer.queries;
  return finding;
}

template <Family F>
bool PeerQueriers<F>::role_changed(const RoleChanged<F>& changed, const MacAddress& sender,
                                   TimePoint now) {
  rival_ = {};
  if (changed.cause == Cause::kLowerQuerier || changed.cause == Cause::kQuerierSilent) {
    std::rotate(elections_.begin(), elections_.begin() + 1, elections_.end());
    elections_.back() = now;
  }
  const bool is_lost = changed.to == Role::kNonQuerier && changed.cause == Cause::kLowerQuerier;
  if (is_lost) other_ = {.address = changed.querier, .mac = sender};
  return is_lost;
}

template <Family F>
void PeerQueriers<F>::address_changed() {
  rival_ = {};
  duplicate_.reset();
}

template <Family F>
void PeerQueriers<F>::duplicate_received(const MacAddress& sender, TimePoint now) {
  duplicate_ = {sender, now};
}

template <Family F>
const OtherQuerier<F>* PeerQueriers<F>::rival(TimePoint now) const {
  const bool is_recent = now - rival_.last_query < kRemembered;
  return rival_.undue > 0 && is_recent ? &rival_ : nullptr;
}

template <Family F>
std::optional<MacAddress> PeerQueriers<F>::duplicate(TimePoint now) const {
  if (!duplicate_ || now - duplicate_->last_seen >= kRemembered) return std::nullopt;
  return duplicate_->mac;
}

template <Family F>
bool PeerQueriers<F>::is_flapping(TimePoint now) const {
  return elections_.front() != TimePoint::min() && now - elections_.front() < 1h;
}

template class PeerQueriers<Igmp>;
template class PeerQueriers<Mld>;

}  // namespace mcq::core
