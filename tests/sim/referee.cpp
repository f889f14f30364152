#include "sim/referee.hpp"

namespace mcq::sim {

template <Family F>
void Referee<F>::watch(const Step<F>& step, TimePoint own_now, TimePoint now) {
  own_now_ = own_now;
  now_ = now;
  must_ask_ = false;
  const auto timing = step.role_before == core::Role::kNonQuerier ? adopted_ : settings_.timing();
  std::visit([&](const auto& event) { on(event); }, step.event);
  int queries = 0;
  bool takes_over = false;  // is told before the burst
  for (const auto& action : step.actions) {
    if (const auto* burst = std::get_if<core::BurstBegan>(&action)) {
      burst_owed_ = settings_.startup_count.get();
      has_taken_over_ = takes_over;
      expect(burst->queries == burst_owed_, Rule::kBurst, "told a burst of another length");
    }
    if (std::holds_alternative<core::TopologyChanged<F>>(action)) begin_pair();
    const auto* query = std::get_if<core::SendQuery<F>>(&action);
    if (query != nullptr && query->query.is_general()) {
      check_query(*query, step.role);
      ++queries;
    }
    if (const auto* change = std::get_if<core::RoleChanged<F>>(&action)) {
      expect(change->to != role_, Rule::kRoleTold, "told a role that it had");
      role_ = change->to;
      burst_owed_ = settings_.startup_count.get();
      pair_left_ = 0;
      takes_over = change->cause == core::Cause::kQuerierSilent;
    }
  }
  ledger_.watch(step, settings_, link_, timing, own_now, now);
  expect(role_ == step.role, Rule::kRoleTold, "changed its role and did not tell");
  expect(queries <= 1, Rule::kNoBacklog, "sent several queries at once");
  expect(queries == 1 || !must_ask_, Rule::kNeverSilent, "has a new link or address, did not ask");
  if (std::holds_alternative<core::Tick>(step.event)) {
    expect(!step.is_stuck, Rule::kNoBacklog, "left its deadline in the past");
    expect(own_now >= step.due_before || step.actions.empty(), Rule::kEarlyTick, "acted early");
  }
}

template <Family F>
void Referee<F>::check_silence(TimePoint own_now, TimePoint now) {
  if (role_ != core::Role::kQuerier) return;
  own_now_ = own_now;
  now_ = now;
  expect(last_asked_ && own_now <= *last_asked_ + longest_gap_, Rule::kNeverSilent,
         "is querier and did not ask");
}

template <Family F>
void Referee<F>::on(core::Tick) {
  if (own_now_ >= silent_until_) end_silence();
}

template <Family F>
void Referee<F>::on(const core::QueryReceived<F>& received) {
  const bool counts = link_.up && received.query.is_general() &&
                      received.destination == F::kAllNodes && is_below(received.source);
  if (!counts) return;
  silencer_ = received.source;
  adopted_ = announced(settings_, received.query);
  silent_until_ = own_now_ + owed_silence(settings_, received.query);
}

template <Family F>
void Referee<F>::on(const core::LinkChanged<F>& changed) {
  if (changed.link == link_) return;
  const auto before = std::exchange(link_, changed.link);
  if (!link_.up || !is_below(silencer_)) end_silence();
  allow_burst();
  const bool may_ask = link_.up && (settings_.proxy || !link_.self.is_unspecified());
  const bool is_new = !before.up || (before.self != link_.self && !settings_.proxy);
  must_ask_ = may_ask && is_new && silencer_.is_unspecified();
}

template <Family F>
void Referee<F>::on(const core::SettingsChanged<F>& changed) {
  const auto before = std::exchange(settings_, changed.settings);
  // What is left of a burst, and the interval after the last query, are as the new settings have
  // it.
  const auto adjust = [&](int left) {
    const int more = settings_.startup_count.get() - before.startup_count.get();
    return left > 0 ? std::max(0, left + more) : 0;
  };
  burst_allowed_ = adjust(burst_allowed_);
  burst_owed_ = adjust(burst_owed_);
  const bool may_ask_at_once = shortest_gap_ == Duration{};
  set_gaps();
  if (may_ask_at_once) shortest_gap_ = {};
  if (last_asked_) longest_gap_ = std::max(longest_gap_, own_now_ - *last_asked_);
  if (before.proxy != settings_.proxy) allow_burst();
  if (!is_below(silencer_)) end_silence();
}

template <Family F>
void Referee<F>::end_silence() {
  if (std::exchange(silencer_, {}).is_unspecified()) return;
  silent_until_ = TimePoint::min();
  allow_burst();
}

template <Family F>
void Referee<F>::allow_burst() {
  burst_allowed_ = settings_.startup_count.get();
  shortest_gap_ = Duration{};
}

template <Family F>
bool Referee<F>::is_below(const Address& other) const {
  const bool on_link = std::any_of(link_.subnets.begin(), link_.subnets.end(),
                                   [&](const auto& s) { return s.contains(other); });
  if ((!on_link && settings_.require_same_subnet) || other.is_unspecified() || other == link_.self)
    return false;
  return settings_.proxy || link_.self.is_unspecified() || other < link_.self;
}

template <Family F>
void Referee<F>::check_query(const core::SendQuery<F>& sent, core::Role role) {
  const auto elected = settings_.proxy ? Address{} : link_.self;
  expect(link_.up && role == core::Role::kQuerier && sent.source == elected &&
             sent.destination == F::kAllNodes && (settings_.proxy || !elected.is_unspecified()),
         Rule::kElectedAddress, "sent a query that it may not send");
  const auto response = settings_.response_interval.get();
  const bool is_urgent = has_taken_over_ && burst_owed_ > 0;
  const auto before_the_next = is_urgent ? settings_.startup_interval.get() : response;
  expect(sent.query.max_response <= std::min(response, before_the_next), Rule::kBurst,
         "gave members more time than the next query leaves");
  expect(own_now_ >= silent_until_, Rule::kSilentAfterLosing, "asked after it had lost");
  if (is_of_pair()) return;
  expect(!last_asked_ || own_now_ >= *last_asked_ + shortest_gap_, Rule::kBurst, "asked too soon");
  last_asked_ = own_now_;
  burst_allowed_ = std::max(0, burst_allowed_ - 1);
  burst_owed_ = std::max(0, burst_owed_ - 1);
  set_gaps();
}

template <Family F>
void Referee<F>::begin_pair() {
  expect(!pair_begun_ || own_now_ >= *pair_begun_ + 10s, Rule::kBurst,
         "began a second pair of queries within 10 s");
  pair_begun_ = own_now_;
  pair_left_ = 2;
}

/// Whether a query is the first or the second after a change of the topology. It is beside those of
/// a burst, and in place of a periodic one.
template <Family F>
bool Referee<F>::is_of_pair() {
  if (pair_left_ == 0 || own_now_ < *pair_begun_ + (pair_left_ == 2 ? 0s : 1s)) return false;
  --pair_left_;
  if (burst_owed_ == 0) last_asked_ = own_now_;
  return true;
}

template <Family F>
void Referee<F>::set_gaps() {
  const auto interval = settings_.query_interval.get();
  const auto soonest = interval - interval * settings_.jitter.get() / 100;
  shortest_gap_ = burst_allowed_ > 0 ? settings_.startup_interval.get() : soonest;
  longest_gap_ = burst_owed_ > 0 ? settings_.startup_interval.get() : interval;
}

template <Family F>
void Referee<F>::expect(bool holds, Rule rule, const char* otherwise) {
  if (holds) return;
  verdict_.broken(rule, now_, text_of(link_.self) + ' ' + otherwise);
}

template class Referee<Igmp>;
template class Referee<Mld>;

}  // namespace mcq::sim
