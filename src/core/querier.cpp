#include "core/querier.hpp"

#include <tuple>
#include <utility>

namespace mcq::core {
namespace {

template <class Prefix, class Address>
bool contains(const std::vector<Prefix>& prefixes, const Address& address) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const Prefix& prefix) { return prefix.contains(address); });
}

constexpr Duration kRetryInterval = 1s;  ///< after a query could not be sent

/// Returns the settings that determine when General Queries are due.
template <Family F>
auto schedule_of(const Settings<F>& s) {
  return std::tuple{s.query_interval, s.jitter, s.startup_count, s.startup_interval};
}

}  // namespace

template <Family F>
Actions<F> Querier<F>::step(const Event<F>& event, TimePoint now) {
  Actions<F> actions;
  std::visit([&](const auto& e) { on(e, now, actions); }, event);
  for (const auto& action : actions) {
    const auto* sent = std::get_if<SendQuery<F>>(&action);
    if (sent == nullptr) continue;
    expect_answers(sent->query, now);
    if (!sent->query.is_general()) budget_.spend(now);
  }
  return actions;
}

template <Family F>
typename F::Address Querier<F>::querier() const {
  switch (role_) {
    case Role::kQuerier:
      return settings_.proxy ? Address{} : link_.self;
    case Role::kNonQuerier:
      return other_querier_;
    case Role::kWaiting:
      break;
  }
  return {};
}

template <Family F>
void Querier<F>::on(Tick, TimePoint now, Actions<F>& actions) {
  if (now >= other_querier_gone_) {  // IGMP-Q-09
    forget_other_querier();
    update_role(Cause::kQuerierSilent, querier(), now, actions);
  }
  if (now >= topology_queries_.deadline()) {
    topology_queries_.end();
    send_topology_query(now, actions);
  }
  if (now >= next_query_) send_general_query(now, actions);
  discovery_.tick(settings_, timing(), now, actions);
  groups_.tick(table_context(now), now, actions);
}

template <Family F>
void Querier<F>::on(const QueryReceived<F>& received, TimePoint now, Actions<F>& actions) {
  if (!link_.up) return;
  expect_answers(received.query, now);
  if (!received.query.is_general())
    return apply_specific_query(received, now, actions);  // IGMP-Q-13
  if (const auto notice = reason_to_drop(received)) {
    actions.push_back(Noticed<F>{*notice, received.source});
    return;
  }
  if (received.query.version != settings_.version) {  // IGMP-C-03
    actions.push_back(Noticed<F>{Notice::kOtherVersion, received.source});
  }
  if (!yields_to(received.source)) {          // IGMP-Q-06
    if (differs_from_ours(received.query)) {  // IGMP-T-14
      actions.push_back(Noticed<F>{Notice::kOtherSettings, received.source});
    }
    return;
  }
  if (is_rogue(received.source, received.query)) {
    actions.push_back(Noticed<F>{Notice::kRogueQuerier, received.source});
  } else if (const auto silence = silence_of(received.query);
             !is_granted(received.source, silence)) {
    actions.push_back(Noticed<F>{Notice::kLongSilence, received.source, silence});
  }
  other_querier_ = received.source;
  adopt(received.source, received.query, now);
  update_role(Cause::kLowerQuerier, querier(), now, actions);
}

/// Lowers our timers as a non-querier (IGMP-S-26); the querier lowered them when it sent the query.
/// A query sent elsewhere than to its group has not reached the members.
template <Family F>
void Querier<F>::apply_specific_query(const QueryReceived<F>& received, TimePoint now,
                                      Actions<F>& actions) {
  if (received.source.is_unspecified() || received.source == link_.self) return;
  if (is_ignored(received.source)) {
    actions.push_back(Noticed<F>{Notice::kIgnoredQuerier, received.source});
    return;
  }
  const bool counts = role_ == Role::kNonQuerier && received.destination == received.query.group &&
                      is_on_link(received.source);
  if (!counts) return;
  if (is_refused(received.source)) {
    actions.push_back(Noticed<F>{Notice::kRogueRefused, received.source});
  } else {
    groups_.receive(received.query, table_context(now), now);
  }
}

/// Any query on the link may be answered, also one that takes no part in the election. A forged one
/// must not hide rejoins for the 53 minutes that it can give hosts to answer.
template <Family F>
void Querier<F>::expect_answers(const Query<F>& query, TimePoint now) {
  constexpr Duration kUsual = 1min;
  const auto longest = std::max(kUsual, longest_answer(settings_.response_interval.get()));
  const auto answer = std::min(longest, longest_answer(query.max_response));
  answers_until_ = std::max(answers_until_, now + answer);
}

/// Whether a report received now may be a sign of a change of the topology.
template <Family F>
bool Querier<F>::looks_for_rejoins(TimePoint now) const {
  return now > answers_until_ && role_ == Role::kQuerier && settings_.query_on_rejoin &&
         !topology_queries_.is_pausing(now);
}

template <Family F>
auto Querier<F>::sign_in(const ReportReceived<F>& received, TimePoint now) -> Sign {
  if (!settings_.accept_older_reports) return std::nullopt;
  return sign_in(RecordReceived<F>{received.source, {RecordType::kIsEx, received.report.group, {}}},
                 now);
}

template <Family F>
auto Querier<F>::sign_in(const RecordReceived<F>& received, TimePoint now) -> Sign {
  const bool rejoins =
      looks_for_rejoins(now) && groups_.rejoins(received.source, received.record, now);
  return rejoins ? Sign{TopologySign::kRejoin} : std::nullopt;
}

template <Family F>
auto Querier<F>::sign_in(const LeaveReceived<F>& received, TimePoint) -> Sign {
  const bool solicits = received.leave.is_solicitation() && settings_.query_on_solicitation;
  return solicits ? Sign{TopologySign::kSolicitation} : std::nullopt;
}

template <Family F>
void Querier<F>::on(BpduReceived, TimePoint now, Actions<F>& actions) {
  if (settings_.query_on_bpdu) change_topology(TopologySign::kBpdu, {}, now, actions);
}

template <Family F>
void Querier<F>::change_topology(TopologySign sign, const Address& from, TimePoint now,
                                 Actions<F>& actions) {
  if (role_ != Role::kQuerier || !topology_queries_.begin(sign, now)) return;
  actions.push_back(TopologyChanged<F>{sign, from});
  send_topology_query(now, actions);
}

/// Sends a General Query in place of the next periodic one, but beside those of a startup burst
/// that are not due yet.
template <Family F>
void Querier<F>::send_topology_query(TimePoint now, Actions<F>& actions) {
  const auto left = startup_queries_left_;
  const auto due = next_query_;
  send_general_query(now, actions, true);
  if (left > 0 && due > now) std::tie(startup_queries_left_, next_query_) = std::tuple{left, due};
}

template <Family F>
template <class Received>
void Querier<F>::on(const Received& received, TimePoint now, Actions<F>& actions) {
  if (!link_.up) return;
  const bool is_foreign = settings_.verify_source_subnet && !received.source.is_unspecified() &&
                          !is_on_subnet(received.source);  // IGMP-R-16
  if (is_foreign) {
    actions.push_back(Noticed<F>{Notice::kForeignReport, received.source});
    return;
  }
  if (const auto sign = sign_in(received, now)) {
    change_topology(*sign, received.source, now, actions);
  }
  if (follows_up_leaves() && !budget_.allows(now) && calls_for_queries(received)) {
    actions.push_back(Noticed<F>{Notice::kNotFollowedUp, received.source});
  }
  groups_.receive(received, table_context(now), now, actions);
}

/// A proxy sends no specific queries: hosts may ignore queries from the unspecified address.
template <Family F>
bool Querier<F>::follows_up_leaves() const {
  return role_ == Role::kQuerier && !settings_.proxy;
}

template <Family F>
bool Querier<F>::calls_for_queries(const LeaveReceived<F>& received) const {
  return groups_.find(received.leave.group) != nullptr;
}

template <Family F>
bool Querier<F>::calls_for_queries(const RecordReceived<F>& received) const {
  const auto* group = groups_.find(received.record.group);
  if (group == nullptr) return false;
  const auto& rule = transition(group->mode(), received.record.type);
  const bool asks_about_sources = settings_.version == F::kNewest && !group->sources().empty() &&
                                  (rule.listed_requested.query || rule.other_requested.query);
  return rule.query_group || asks_about_sources;
}

/// Without budget for queries a leave lowers no timer either: members are not queried, so the group
/// lives as long as it would have without the leave.
template <Family F>
TableContext<F> Querier<F>::table_context(TimePoint now) const {
  const bool asks = follows_up_leaves() && budget_.allows(now);
  return {settings_, timing(), asks, link_.self, link_.mtu};
}

template <Family F>
void Querier<F>::on(const LinkChanged<F>& changed, TimePoint now, Actions<F>& actions) {
  const auto source = querier();
  const auto before = std::exchange(link_, changed.link);
  discovery_.update(link_, settings_, now, actions);
  if (!link_.up) {  // IGMP-Q-23: learnt state belongs to the former link
    forget_other_querier();
    groups_.clear();
    return update_role(Cause::kLinkDown, source, now, actions);
  }
  const auto cause = !before.up                    ? Cause::kLinkUp
                     : link_.self.is_unspecified() ? Cause::kNoAddress
                                                   : Cause::kAddressChanged;
  update_role(cause, source, now, actions);
}

template <Family F>
void Querier<F>::on(const SettingsChanged<F>& changed, TimePoint now, Actions<F>& actions) {
  const auto source = querier();
  // Other running timers are not changed (IGMP-T-13).
  const auto before = std::exchange(settings_, changed.settings);
  limit_other_querier(now);
  if (role_ == Role::kQuerier && schedule_of(before) != schedule_of(settings_))
    change_schedule(before, now);
  update_role(Cause::kSettingsChanged, source, now, actions);
  discovery_.update(link_, settings_, now, actions);
}

/// Only the querier sends queries (IGMP-Q-10).
template <Family F>
void Querier<F>::on(QueryRequested, TimePoint now, Actions<F>& actions) {
  if (role_ == Role::kQuerier) send_general_query(now, actions);
}

/// Schedules the query again as soon as kRetryInterval and the budget allow. It still counts as
/// unsent: neither a burst nor a round becomes shorter.
template <Family F>
void Querier<F>::on(const QueryFailed<F>& failed, TimePoint now, Actions<F>&) {
  const auto again = now + kRetryInterval;
  if (!failed.query.is_general()) {
    groups_.ask_again(failed.query, table_context(now), std::max(again, budget_.next()));
  } else if (role_ == Role::kQuerier) {
    ++startup_queries_left_;
    next_query_ = std::min(next_query_, again);
  }
}

/// Other routers are of no interest: queries elect, advertisements do not.
template <Family F>
void Querier<F>::on(const RouterMessageReceived<F>& received, TimePoint now, Actions<F>& actions) {
  if (!link_.up || !settings_.router_discovery) return;
  const bool solicits = received.message.type == RouterMessage::Type::kSolicitation;
  const auto& expected = solicits ? F::kAllRouters : F::kAllSnoopers;
  if (received.destination != expected || !is_on_link(received.source)) {  // MRD-20, MRD-21
    actions.push_back(Noticed<F>{Notice::kBadRouterMessage, received.source});
  } else if (solicits) {
    discovery_.solicited(now);
  }
}

template <Family F>
std::optional<Notice> Querier<F>::reason_to_drop(const QueryReceived<F>& received) const {
  if (received.source.is_unspecified()) return Notice::kProxyQuery;  // IGMP-R-20
  if (received.source != link_.self && is_ignored(received.source)) return Notice::kIgnoredQuerier;
  if (received.destination != F::kAllNodes) {
    if (is_multicast(received.destination)) return Notice::kWrongDestination;  // IGMP-R-24
    if (!settings_.accept_unicast_query) return Notice::kUnicastQuery;         // IGMP-R-23
  }
  if (!is_on_link(received.source)) return Notice::kForeignSubnet;      // IGMP-R-22
  if (received.source == link_.self) return Notice::kDuplicateAddress;  // IGMP-Q-22
  const bool refuses = settings_.on_rogue_querier == OnRogue::kIgnore;
  if (refuses && would_win(received.source) && is_rogue(received.source, received.query)) {
    return Notice::kRogueRefused;
  }
  return std::nullopt;
}

template <Family F>
bool Querier<F>::is_on_link(const Address& source) const {
  return !settings_.require_same_subnet || is_on_subnet(source);
}

/// Without subnets of our own, every source is accepted.
template <Family F>
bool Querier<F>::is_on_subnet(const Address& source) const {
  return link_.subnets.empty() || contains(link_.subnets, source);
}

/// Whether a query advertises other values than ours. Its interval may be lower than configured,
/// rounded to whole seconds and a 5-bit mantissa (RFC 9776 §4.1.7).
template <Family F>
bool Querier<F>::differs_from_ours(const Query<F>& query) const {
  if (query.version != F::kNewest) return false;
  const auto ours = settings_.query_interval.get();
  const auto lost = ours - query.query_interval;
  return query.robustness != settings_.robustness.get() || lost < Duration{} ||
         lost >= std::max<Duration>(ours / 16, 1s);
}

/// A proxy yields to every querier with an address (SNP-04), and so do we without one.
template <Family F>
bool Querier<F>::would_win(const Address& other) const {
  return settings_.proxy || link_.self.is_unspecified() || other < link_.self;
}

template <Family F>
bool Querier<F>::yields_to(const Address& other) const {
  return would_win(other) && is_on_link(other) && !is_ignored(other) && !is_refused(other);
}

template <Family F>
bool Querier<F>::is_ignored(const Address& querier) const {
  return contains(settings_.ignored_queriers, querier);
}

template <Family F>
bool Querier<F>::is_trusted(const Address& querier) const {
  return settings_.trusted_queriers && contains(*settings_.trusted_queriers, querier);
}

/// Whether a querier is refused by its address alone.
template <Family F>
bool Querier<F>::is_refused(const Address& querier) const {
  return settings_.trusted_queriers && !is_trusted(querier) &&
         settings_.on_rogue_querier == OnRogue::kIgnore;
}

/// Whether a querier may be silent for that long.
template <Family F>
bool Querier<F>::is_granted(const Address& querier, Duration silence) const {
  return is_trusted(querier) || silence <= settings_.max_other_querier_timeout();
}

/// Without trusted-queriers, a rogue is a querier that would silence us for hours.
template <Family F>
bool Querier<F>::is_rogue(const Address& querier, const Query<F>& query) const {
  return settings_.trusted_queriers
             ? !is_trusted(querier)
             : silence_of(query) > settings_.max_trusted_other_querier_timeout();
}

/// Returns the timing that a query advertises. Assumes our values for what it omits; without a
/// query interval, silent_timing().
template <Family F>
Timing Querier<F>::timing_of(const Query<F>& query) const {
  const bool has_interval = query.query_interval > Duration{};
  auto timing = has_interval ? settings_.timing() : settings_.silent_timing();
  if (query.max_response > Duration{}) timing.response_interval = query.max_response;
  if (has_interval) timing.query_interval = query.query_interval;
  if (query.robustness != 0) timing.robustness = query.robustness;
  return timing;
}

/// Returns how long the sender of a query may be silent by the values it advertises.
template <Family F>
Duration Querier<F>::silence_of(const Query<F>& query) const {
  const auto advertised = other_querier_present_interval(timing_of(query));
  if (query.query_interval > Duration{}) return advertised;
  return std::max(advertised, other_querier_present_interval(settings_.silent_timing()));
}

/// Adopts the values of the other querier, also for the timer that its query starts (IGMP-Q-17 to
/// IGMP-Q-19, IGMP-Q-30). One that advertises a longer silence than granted is treated as if it
/// advertised none.
template <Family F>
void Querier<F>::adopt(const Address& source, const Query<F>& query, TimePoint now) {
  const auto silence = silence_of(query);
  const bool holds = is_granted(source, silence);
  adopted_ = holds ? timing_of(query) : settings_.silent_timing();
  const bool decides = holds && !settings_.other_querier_interval;
  other_querier_gone_ = now + (decides ? silence : settings_.default_other_querier_timeout());
}

/// Limits the adopted values to what changed settings grant.
template <Family F>
void Querier<F>::limit_other_querier(TimePoint now) {
  if (other_querier_gone_ == kNever || is_trusted(other_querier_)) return;
  const auto longest = settings_.max_other_querier_timeout();
  other_querier_gone_ = std::min(other_querier_gone_, now + longest);
  if (other_querier_present_interval(adopted_) > longest) adopted_ = settings_.silent_timing();
}

template <Family F>
void Querier<F>::forget_other_querier() {
  other_querier_ = {};
  other_querier_gone_ = kNever;
}

/// Derives the role from its conditions. `source` is the source of our queries before the event: a
/// querier whose address changed begins a burst at once, for switches and other queriers.
template <Family F>
void Querier<F>::update_role(Cause cause, const Address& source, TimePoint now,
                             Actions<F>& actions) {
  if (other_querier_gone_ != kNever && !yields_to(other_querier_)) forget_other_querier();
  const bool may_ask = link_.up && (settings_.proxy || !link_.self.is_unspecified());
  const auto role = !may_ask                        ? Role::kWaiting
                    : other_querier_gone_ != kNever ? Role::kNonQuerier
                                                    : Role::kQuerier;
  const bool is_new = std::exchange(role_, role) != role;
  if (is_new) actions.push_back(RoleChanged<F>{role, cause, querier()});
  if (is_new && role == Role::kQuerier) groups_.fit_timers(now, table_context(now), now);
  if (role != Role::kQuerier) {
    next_query_ = kNever;  // IGMP-Q-10, IGMP-Q-11
    topology_queries_.end();
  } else if (is_new || querier() != source) {
    has_taken_over_ = cause == Cause::kQuerierSilent;
    begin_burst(now, actions);
  }
}

template <Family F>
void Querier<F>::begin_burst(TimePoint now, Actions<F>& actions) {
  startup_queries_left_ = settings_.startup_count.get();
  actions.push_back(BurstBegan{startup_queries_left_});
  send_general_query(now, actions);
}

/// Applies changed intervals from the last query on. When that postpones the next query, extends
/// the timers of members until they can have answered it. Does not restart a burst that is over.
template <Family F>
void Querier<F>::change_schedule(const Settings<F>& before, TimePoint now) {
  if (startup_queries_left_ > 0) {
    const int sent = before.startup_count.get() - startup_queries_left_;
    startup_queries_left_ = std::max(0, settings_.startup_count.get() - sent);
  }
  const auto due = std::exchange(next_query_, std::max(now, last_query_ + draw_interval()));
  if (next_query_ <= due) return;
  groups_.fit_timers(next_query_ + 2 * settings_.response_interval.get(), table_context(now), now);
}

/// Returns the interval from the last General Query to the next.
template <Family F>
Duration Querier<F>::draw_interval() {
  if (startup_queries_left_ > 0) return settings_.startup_interval.get();
  const auto longest = settings_.query_interval.get();
  return random_.between(longest - longest * settings_.jitter.get() / 100, longest);
}

/// The next query is scheduled from now: after a suspend there is one query, no backlog
/// (IGMP-Q-28).
template <Family F>
void Querier<F>::send_general_query(TimePoint now, Actions<F>& actions, bool is_urgent) {
  const auto& s = settings_;
  auto query = query_as_configured(s);
  // Switches are about to forget members that answered the previous querier, or us before a stop or
  // suspend (docs/decisions/0018).
  const bool is_late = now - s.response_interval.get() > next_query_;
  is_urgent = is_urgent || is_late || (has_taken_over_ && startup_queries_left_ > 0);
  if (s.version != F::kNoResponseTime) {
    query.max_response = is_urgent ? s.urgent_response() : s.response_interval.get();
  }
  actions.push_back(SendQuery<F>{querier(), F::kAllNodes, std::move(query)});
  startup_queries_left_ = std::max(0, startup_queries_left_ - 1);
  last_query_ = now;
  next_query_ = now + draw_interval();
}

template class Querier<Igmp>;
template class Querier<Mld>;

}  // namespace mcq::core
