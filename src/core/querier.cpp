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

constexpr Duration kRetryInterval = 1s;  ///< for a query that cannot be sent

/// The settings that decide when General Queries are due.
template <Family F>
auto beat_of(const Settings<F>& s) {
  return std::tuple{s.query_interval, s.jitter, s.startup_count, s.startup_interval};
}

}  // namespace

template <Family F>
Actions<F> Querier<F>::step(const Event<F>& event, TimePoint now) {
  Actions<F> actions;
  std::visit([&](const auto& e) { on(e, now, actions); }, event);
  for (const auto& action : actions) {
    const auto* sent = std::get_if<SendQuery<F>>(&action);
    if (sent != nullptr && !sent->query.is_general()) budget_.spend(now);
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
  if (now >= next_query_) send_general_query(now, actions);
  groups_.tick(table_context(now), now, actions);
}

template <Family F>
void Querier<F>::on(const QueryHeard<F>& heard, TimePoint now, Actions<F>& actions) {
  if (!link_.up) return;
  if (!heard.query.is_general()) return hear_specific_query(heard, now, actions);  // IGMP-Q-13
  if (const auto notice = reason_to_drop(heard)) {
    actions.push_back(Noticed<F>{*notice, heard.source});
    return;
  }
  if (heard.query.version != settings_.version) {  // IGMP-C-03
    actions.push_back(Noticed<F>{Notice::kOtherVersion, heard.source});
  }
  if (!yields_to(heard.source)) {          // IGMP-Q-06
    if (differs_from_ours(heard.query)) {  // IGMP-T-14
      actions.push_back(Noticed<F>{Notice::kOtherSettings, heard.source});
    }
    return;
  }
  if (is_rogue(heard.source, heard.query)) {
    actions.push_back(Noticed<F>{Notice::kRogueQuerier, heard.source});
  } else if (const auto silence = silence_of(heard.query); !is_granted(heard.source, silence)) {
    actions.push_back(Noticed<F>{Notice::kLongSilence, heard.source, silence});
  }
  other_querier_ = heard.source;
  adopt(heard.source, heard.query, now);
  update_role(Cause::kLowerQuerier, querier(), now, actions);
}

/// Whoever asks lowers the timers of those who listen (IGMP-S-26). We have lowered our own when we
/// asked. A query that was not sent to the group has not reached its members.
template <Family F>
void Querier<F>::hear_specific_query(const QueryHeard<F>& heard, TimePoint now,
                                     Actions<F>& actions) {
  if (heard.source.is_unspecified() || heard.source == link_.self) return;
  if (is_ignored(heard.source)) {
    actions.push_back(Noticed<F>{Notice::kIgnoredQuerier, heard.source});
    return;
  }
  const bool counts = role_ == Role::kNonQuerier && heard.destination == heard.query.group &&
                      is_on_link(heard.source);
  if (!counts) return;
  if (is_refused(heard.source)) {
    actions.push_back(Noticed<F>{Notice::kRogueRefused, heard.source});
  } else {
    groups_.hear(heard.query, table_context(now), now);
  }
}

template <Family F>
template <class Heard>
void Querier<F>::on(const Heard& heard, TimePoint now, Actions<F>& actions) {
  if (!link_.up) return;
  const bool is_foreign = settings_.verify_source_subnet && !heard.source.is_unspecified() &&
                          !is_on_subnet(heard.source);  // IGMP-R-16
  if (is_foreign) {
    actions.push_back(Noticed<F>{Notice::kForeignReport, heard.source});
  } else {
    if (follows_up_leaves() && !budget_.allows(now) && calls_for_queries(heard)) {
      actions.push_back(Noticed<F>{Notice::kNotFollowedUp, heard.source});
    }
    groups_.hear(heard, table_context(now), now, actions);
  }
}

/// A proxy asks nobody in particular: hosts may ignore what comes from the unspecified address.
template <Family F>
bool Querier<F>::follows_up_leaves() const {
  return role_ == Role::kQuerier && !settings_.proxy;
}

template <Family F>
bool Querier<F>::calls_for_queries(const LeaveHeard<F>& heard) const {
  return groups_.find(heard.leave.group) != nullptr;
}

template <Family F>
bool Querier<F>::calls_for_queries(const RecordHeard<F>& heard) const {
  const auto* group = groups_.find(heard.record.group);
  if (group == nullptr) return false;
  const auto& rule = transition(group->mode(), heard.record.type);
  const bool asks_about_sources = settings_.version == F::kNewest && !group->sources().empty() &&
                                  (rule.listed_requested.query || rule.other_requested.query);
  return rule.query_group || asks_about_sources;
}

/// A leave that the budget does not allow to follow up lowers no timer either: members were not
/// asked, so the group lives as long as it would have without that leave.
template <Family F>
TableContext<F> Querier<F>::table_context(TimePoint now) const {
  const bool asks = follows_up_leaves() && budget_.allows(now);
  return {settings_, timing(), asks, link_.self, link_.mtu};
}

template <Family F>
void Querier<F>::on(const LinkChanged<F>& changed, TimePoint now, Actions<F>& actions) {
  const auto source = querier();
  const auto before = std::exchange(link_, changed.link);
  if (!link_.up) {  // IGMP-Q-23: what was learnt belongs to the link that went away
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
  // Other running timers run out as they were set (IGMP-T-13).
  const auto before = std::exchange(settings_, changed.settings);
  limit_other_querier(now);
  if (role_ == Role::kQuerier && beat_of(before) != beat_of(settings_)) change_beat(before, now);
  update_role(Cause::kSettingsChanged, source, now, actions);
}

/// Only the querier asks (IGMP-Q-10).
template <Family F>
void Querier<F>::on(QueryRequested, TimePoint now, Actions<F>& actions) {
  if (role_ == Role::kQuerier) send_general_query(now, actions);
}

/// It is sent again as soon as kRetryInterval and the budget allow. It is still to be sent: neither
/// the burst nor a round is shorter for it.
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

template <Family F>
std::optional<Notice> Querier<F>::reason_to_drop(const QueryHeard<F>& heard) const {
  if (heard.source.is_unspecified()) return Notice::kProxyQuery;  // IGMP-R-20
  if (heard.source != link_.self && is_ignored(heard.source)) return Notice::kIgnoredQuerier;
  if (heard.destination != F::kAllNodes) {
    if (is_multicast(heard.destination)) return Notice::kWrongDestination;  // IGMP-R-24
    if (!settings_.accept_unicast_query) return Notice::kUnicastQuery;      // IGMP-R-23
  }
  if (!is_on_link(heard.source)) return Notice::kForeignSubnet;      // IGMP-R-22
  if (heard.source == link_.self) return Notice::kDuplicateAddress;  // IGMP-Q-22
  const bool refuses = settings_.on_rogue_querier == OnRogue::kIgnore;
  if (refuses && would_win(heard.source) && is_rogue(heard.source, heard.query)) {
    return Notice::kRogueRefused;
  }
  return std::nullopt;
}

template <Family F>
bool Querier<F>::is_on_link(const Address& source) const {
  return !settings_.require_same_subnet || is_on_subnet(source);
}

/// Without a subnet of our own there is nothing to compare with.
template <Family F>
bool Querier<F>::is_on_subnet(const Address& source) const {
  return link_.subnets.empty() || contains(link_.subnets, source);
}

/// Whether a query advertises other values than ours. An interval may come back lower than it was
/// configured: whole seconds, with a 5-bit mantissa (RFC 9776 §4.1.7).
template <Family F>
bool Querier<F>::differs_from_ours(const Query<F>& query) const {
  if (query.version != F::kNewest) return false;
  const auto ours = settings_.query_interval.get();
  const auto lost = ours - query.query_interval;
  return query.robustness != settings_.robustness.get() || lost < Duration{} ||
         lost >= std::max<Duration>(ours / 16, 1s);
}

/// A proxy yields to every real querier (SNP-04), and whoever has no address has nothing to win.
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

/// Whatever it says.
template <Family F>
bool Querier<F>::is_refused(const Address& querier) const {
  return settings_.trusted_queriers && !is_trusted(querier) &&
         settings_.on_rogue_querier == OnRogue::kIgnore;
}

/// Whether we wait so long for a querier.
template <Family F>
bool Querier<F>::is_granted(const Address& querier, Duration silence) const {
  return is_trusted(querier) || silence <= settings_.max_other_querier_timeout();
}

/// Where nobody has said whom to trust, a rogue is one that would have us silent for hours.
template <Family F>
bool Querier<F>::is_rogue(const Address& querier, const Query<F>& query) const {
  return settings_.trusted_queriers
             ? !is_trusted(querier)
             : silence_of(query) > settings_.max_trusted_other_querier_timeout();
}

/// The values that a query advertises. What it does not say is as we have it configured; where it
/// does not say how often it is repeated, that may be as seldom as the RFC's defaults have it.
template <Family F>
Timing Querier<F>::timing_of(const Query<F>& query) const {
  const bool says_how_often = query.query_interval > Duration{};
  auto timing = says_how_often ? settings_.timing() : settings_.silent_timing();
  if (query.max_response > Duration{}) timing.response_interval = query.max_response;
  if (says_how_often) timing.query_interval = query.query_interval;
  if (query.robustness != 0) timing.robustness = query.robustness;
  return timing;
}

/// How long the sender of a query may be silent by what that advertises.
template <Family F>
Duration Querier<F>::silence_of(const Query<F>& query) const {
  const auto advertised = other_querier_present_interval(timing_of(query));
  if (query.query_interval > Duration{}) return advertised;
  return std::max(advertised, other_querier_present_interval(settings_.silent_timing()));
}

/// The other querier's values hold while it reigns, first of all for the timer that its own query
/// starts (IGMP-Q-17 to IGMP-Q-19, IGMP-Q-30). One that announces a longer silence than it is
/// granted counts as if it had advertised nothing.
template <Family F>
void Querier<F>::adopt(const Address& source, const Query<F>& query, TimePoint now) {
  const auto silence = silence_of(query);
  const bool holds = is_granted(source, silence);
  adopted_ = holds ? timing_of(query) : settings_.silent_timing();
  const bool decides = holds && !settings_.other_querier_interval;
  other_querier_gone_ = now + (decides ? silence : settings_.default_other_querier_timeout());
}

/// Has what the other querier announced hold no longer than the settings now grant.
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

/// Brings the role in line with what it follows from. `source` is where queries came from before: a
/// querier that has a new address tells the switch and the other queriers at once.
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

/// The new intervals count from the last query on: members that report from now on live by them.
/// Those that reported before live until they can have answered a query that is put off. A burst
/// that is over does not begin anew.
template <Family F>
void Querier<F>::change_beat(const Settings<F>& before, TimePoint now) {
  if (startup_queries_left_ > 0) {
    const int sent = before.startup_count.get() - startup_queries_left_;
    startup_queries_left_ = std::max(0, settings_.startup_count.get() - sent);
  }
  const auto due = std::exchange(next_query_, std::max(now, last_query_ + draw_gap()));
  if (next_query_ <= due) return;
  groups_.fit_timers(next_query_ + 2 * settings_.response_interval.get(), table_context(now), now);
}

/// The time from the General Query that was sent last to the next one.
template <Family F>
Duration Querier<F>::draw_gap() {
  if (startup_queries_left_ > 0) return settings_.startup_interval.get();
  const auto longest = settings_.query_interval.get();
  return random_.between(longest - longest * settings_.jitter.get() / 100, longest);
}

/// The next one counts from now: a host that wakes late sends one query, no backlog (IGMP-Q-28).
template <Family F>
void Querier<F>::send_general_query(TimePoint now, Actions<F>& actions) {
  const auto& s = settings_;
  auto query = query_as_configured(s);
  // Switches are about to forget those who answered the querier before us, or us before we were
  // stopped or suspended (docs/decisions/0018).
  const bool is_late = now - s.response_interval.get() > next_query_;
  const bool is_urgent = is_late || (has_taken_over_ && startup_queries_left_ > 0);
  if (s.version != F::kNoResponseTime) {
    query.max_response = is_urgent ? s.urgent_response() : s.response_interval.get();
  }
  actions.push_back(SendQuery<F>{querier(), F::kAllNodes, std::move(query)});
  startup_queries_left_ = std::max(0, startup_queries_left_ - 1);
  last_query_ = now;
  next_query_ = now + draw_gap();
}

template class Querier<Igmp>;
template class Querier<Mld>;

}  // namespace mcq::core
