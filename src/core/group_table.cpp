#include "core/group_table.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/by_address.hpp"

namespace mcq::core {
namespace {

constexpr std::size_t kMaxPacket = 65'535;  // bytes of an IP packet, whatever the MTU
/// Sources, and hosts, that all groups together may have for each group of max-groups.
constexpr std::size_t kShare = 4;

template <Family F>
bool may_query_groups(const TableContext<F>& s) {
  return s.asks && s.settings.version != F::kNoLeave;
}

/// Queries of older versions cannot carry sources.
template <Family F>
bool may_query_sources(const TableContext<F>& s) {
  return s.asks && s.settings.version == F::kNewest;
}

template <Family F>
Duration time_to_answer(const TableContext<F>& s) {
  return last_member_query_time(s.settings.last_member_interval.get(), s.settings.robustness.get());
}

/// Returns when the next specific query can be sent: now, or with the round that is due anyway.
/// Limits rounds to one per Last Member Query Interval, however many leaves there are.
template <Family F>
TimePoint next_round(const Group<F>& group, TimePoint now) {
  const auto next = group.next_query();
  return next == kNever ? now : std::max(now, next);
}

/// Returns how many more sources, or hosts, a group may get: it has `here` of at most `most`, and
/// all groups together have `everywhere`.
template <Family F>
std::size_t room_beside(std::size_t here, std::size_t everywhere, int most,
                        const TableContext<F>& s) {
  const auto per_group = static_cast<std::size_t>(most);
  const auto all = per_group + kShare * static_cast<std::size_t>(s.settings.max_groups.get());
  return std::min(per_group - std::min(per_group, here), all - std::min(all, everywhere));
}

}  // namespace

template <Family F>
void GroupTable<F>::receive(const ReportReceived<F>& received, const TableContext<F>& s,
                            TimePoint now, Actions<F>& actions) {
  const auto& [version, group] = received.report;
  if (!s.settings.accept_older_reports) {  // IGMP-C-13
    actions.push_back(Noticed<F>{Notice::kOlderReport, received.source});
    return;
  }
  apply(received.source, version, {RecordType::kIsEx, group, {}}, s, now, actions);  // IGMP-C-09
}

template <Family F>
void GroupTable<F>::receive(const LeaveReceived<F>& received, const TableContext<F>& s,
                            TimePoint now, Actions<F>& actions) {
  const auto& group = received.leave.group;
  if (received.leave.is_solicitation()) return;
  if (!s.settings.accept_older_reports) {
    actions.push_back(Noticed<F>{Notice::kOlderReport, received.source});
    return;
  }
  if (s.settings.ssm_aware && s.settings.ssm_ranges.contains(group)) return;  // IGMP-S-27
  apply(received.source, F::kNewest, {RecordType::kToIn, group, {}}, s, now, actions);
}

template <Family F>
void GroupTable<F>::apply(const Address& reporter, Version version, const Record<F>& record,
                          const TableContext<F>& s, TimePoint now, Actions<F>& actions) {
  const auto type = record.type;
  if (!F::is_tracked(record.group)) return;
  const auto notice = [&](Notice what) { actions.push_back(Noticed<F>{what, reporter}); };
  const bool excludes = type == RecordType::kIsEx || type == RecordType::kToEx;
  if (excludes && s.settings.ssm_aware && s.settings.ssm_ranges.contains(record.group)) {
    return notice(Notice::kAnySource);  // IGMP-S-27
  }
  list_sources(record.sources);
  if (changes_nothing(type, !listed_.empty())) return;
  const bool joins = reports_listener(type, !listed_.empty());
  auto* group = store_.find(record.group);
  const bool is_new = group == nullptr;
  if (!is_new && excludes && listed_.empty()) {
    const auto times = RefreshTimes{now, now + membership_interval(s.timing),
                                    now + older_host_present_interval(s.timing)};
    if (group->refresh(reporter, version, s.settings.explicit_tracking, times)) return;
  }
  if (is_new) {
    if (!joins) return;  // IGMP-S-16
    if (store_.size() >= static_cast<std::size_t>(s.settings.max_groups.get())) {
      return notice(Notice::kTooManyGroups);
    }
    group = &store_.add(record.group);
    group->since = now;
  }
  if (version != F::kNewest) {
    if (version < group->compatibility(now) && version < s.settings.version) {
      notice(Notice::kOlderHost);
    }
    group->set_older_present(version, now + older_host_present_interval(s.timing));  // IGMP-C-07
  }
  const auto mode = group->compatibility(now);
  if (is_ignored<F>(type, mode)) return;
  if (type == RecordType::kToEx && mode != F::kNewest) listed_.clear();  // IGMP-C-09

  const auto& rule = transition(group->mode(), type);
  if (!update_sources(*group, rule, s, now)) notice(Notice::kTooManySources);
  if (may_query_sources(s)) query_sources(*group, rule, s, now);
  if (rule.to_exclude) {
    group->expires = now + membership_interval(s.timing);
    if (s.settings.version != F::kNewest) group->set_queries_left(0);  // IGMP-M-05
  }
  if (rule.query_group && may_query_groups(s)) query_group(*group, s, now);
  if (group->mode() == FilterMode::kInclude && group->sources().empty()) return remove(*group);

  if (is_new)
    actions.push_back(MembershipChanged<F>{Change::kGroupAdded, record.group, {}, reporter});
  if (joins) {
    const auto tracked = track(*group, reporter, version, s, now, actions);
    group->set_last_reporter(reporter);
    if (tracked == Tracked::kNoRoom) notice(Notice::kTooManyHosts);
    if (tracked == Tracked::kJoined && !is_new) {
      actions.push_back(HostChanged<F>{true, record.group, reporter});
    }
  } else if (type == RecordType::kToIn) {
    untrack(*group, reporter, actions);
  }
  if (group->next_query() <= now) send_queries(*group, s, now, actions);
  rearm(*group);
}

/// A record of another filter mode, or of other sources, is a change of what the host requests. The
/// sources of a group with several hosts may be those of another one.
template <Family F>
bool GroupTable<F>::rejoins(const Address& host, const Record<F>& record, TimePoint now) {
  if (!reports_listener(record.type, !record.sources.empty())) return false;
  auto* group = store_.find(record.group);
  auto* known = group == nullptr ? nullptr : group->find_host(host);
  if (known == nullptr || !known->rejoins(now)) return false;
  const auto sources = std::as_const(*group).sources();
  const auto is_requested = [&](const Address& source) {
    const auto place = place_of(sources, source);
    return place != sources.end() && place->address == source && place->is_requested();
  };
  const bool excludes = record.type == RecordType::kIsEx || record.type == RecordType::kToEx;
  const bool repeats =
      excludes ? group->mode() == FilterMode::kExclude
               : group->hosts().size() == 1 &&
                     std::all_of(record.sources.begin(), record.sources.end(), is_requested);
  known->joined = coarse(now);  // also a change of what it requests is retransmitted
  return repeats;
}

/// Sets listed_ to the unicast sources of a record (IGMP-R-27).
template <Family F>
void GroupTable<F>::list_sources(std::span<const Address> sources) {
  listed_.clear();
  if (sources.empty()) return;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(listed_),
               [](const Address& a) { return is_unicast(a); });
  std::sort(listed_.begin(), listed_.end());
  listed_.erase(std::unique(listed_.begin(), listed_.end()), listed_.end());
}

/// Calls `visit` with every source that the group has or the record lists: its entry in the group,
/// or null; its address; whether the record lists it.
template <Family F>
template <class Visit>
void GroupTable<F>::merge(const Group<F>& group, Visit visit) const {
  auto listed = listed_.begin();
  for (const auto& source : group.sources()) {
    for (; listed != listed_.end() && *listed < source.address; ++listed) {
      visit(nullptr, *listed, true);
    }
    const bool is_listed = listed != listed_.end() && *listed == source.address;
    visit(&source, source.address, is_listed);
    if (is_listed) ++listed;
  }
  for (; listed != listed_.end(); ++listed) visit(nullptr, *listed, true);
}

/// Applies a rule to the sources. Returns false when there was no room for all new ones; known
/// ones are never dropped for them.
template <Family F>
bool GroupTable<F>::update_sources(Group<F>& group, const Transition& rule,
                                   const TableContext<F>& s, TimePoint now) {
  if (group.sources().empty() && listed_.empty()) return true;
  std::size_t kept = 0;
  merge(group, [&](const Source<F>* known, const Address&, bool listed) {
    kept += known != nullptr && rule.cell(known, listed).fate != Fate::kDrop ? 1U : 0U;
  });
  const auto elsewhere = sources_ - group.sources().size();
  auto room = room_beside(kept, kept + elsewhere, s.settings.max_sources.get(), s);

  bool complete = true;
  updated_.clear();
  merge(group, [&](const Source<F>* known, const Address& address, bool listed) {
    const auto fate = rule.cell(known, listed).fate;
    if (fate == Fate::kDrop) return;
    if (known == nullptr && room == 0) {
      complete = false;
      return;
    }
    room -= known == nullptr ? 1 : 0;
    auto source = known != nullptr ? *known : Source<F>{.address = address};
    if (fate == Fate::kRefresh) source.expires = now + membership_interval(s.timing);
    if (fate == Fate::kGroupTimer) source.expires = group.expires;
    if (fate == Fate::kExclude) source = {.address = address};
    updated_.push_back(source);
  });
  sources_ = elsewhere + updated_.size();
  group.set_sources(updated_);
  return complete;
}

/// "Send Q(G, X)" (RFC 9776 §6.6.3.2): lowers the timers of the sources that the rule queries, and
/// schedules the queries. Skips sources whose timers are as low already.
template <Family F>
void GroupTable<F>::query_sources(Group<F>& group, const Transition& rule, const TableContext<F>& s,
                                  TimePoint now) {
  if (!rule.listed_requested.query && !rule.other_requested.query) return;
  const auto first = next_round(group, now);
  const auto lowered = first + time_to_answer(s);
  for (auto& source : group.sources()) {
    const bool listed = std::binary_search(listed_.begin(), listed_.end(), source.address);
    if (!source.is_requested() || source.expires <= lowered) continue;
    if (!(listed ? rule.listed_requested : rule.other_requested).query) continue;
    source.expires = lowered;
    source.queries_left = static_cast<std::uint8_t>(s.settings.robustness.get());
    group.set_next_query(first);
  }
}

/// "Send Q(G)" (RFC 9776 §6.6.3.1): lowers the group timer and schedules the queries, unless they
/// are pending already.
template <Family F>
void GroupTable<F>::query_group(Group<F>& group, const TableContext<F>& s, TimePoint now) {
  const auto first = next_round(group, now);
  const auto lowered = first + time_to_answer(s);
  if (group.expires <= lowered && group.queries_left() > 0) return;
  group.expires = std::min(group.expires, lowered);  // IGMP-X-02
  group.set_queries_left(static_cast<std::uint8_t>(s.settings.robustness.get()));
  group.set_next_query(first);
}

/// Sends one round of the pending specific queries, also when the election was lost meanwhile
/// (IGMP-Q-15).
template <Family F>
void GroupTable<F>::send_queries(Group<F>& group, const TableContext<F>& s, TimePoint now,
                                 Actions<F>& actions) {
  const auto& settings = s.settings;
  group.set_next_query(kNever);
  // Queries that cannot be sent now are dropped.
  const bool can_ask = !s.self.is_unspecified() && settings.version != F::kNoLeave;
  const bool can_ask_sources = can_ask && settings.version == F::kNewest;
  if (!can_ask) group.set_queries_left(0);
  const auto lowered = now + time_to_answer(s);
  const auto send = [&](bool suppress, std::vector<Address> sources) {
    auto query = query_as_configured(settings);
    query.group = group.address;
    query.sources = std::move(sources);
    query.max_response = settings.last_member_interval.get();
    query.suppress = suppress && settings.version == F::kNewest;
    actions.push_back(SendQuery<F>{s.self, group.address, std::move(query)});
    group.set_next_query(now + settings.last_member_interval.get());
  };
  if (const auto left = group.queries_left(); left > 0) {
    group.set_queries_left(left - 1);
    send(group.expires > lowered, {});  // IGMP-X-03
  }
  const auto mtu = std::clamp<std::size_t>(s.mtu, F::kQueryOverhead, kMaxPacket);
  const auto per_query = std::max<std::size_t>(1, (mtu - F::kQueryOverhead) / sizeof(Address));
  for (const bool suppress : {true, false}) {  // IGMP-X-05
    std::vector<Address> asked;
    for (auto& source : group.sources()) {
      if (!can_ask_sources) source.queries_left = 0;
      if (source.queries_left == 0 || (source.expires > lowered) != suppress) continue;
      --source.queries_left;
      asked.push_back(source.address);
      if (asked.size() == per_query) send(suppress, std::exchange(asked, {}));
    }
    if (!asked.empty()) send(suppress, std::move(asked));
  }
}

template <Family F>
void GroupTable<F>::receive(const Query<F>& query, const TableContext<F>& s, TimePoint now) {
  auto* group = store_.find(query.group);
  if (group == nullptr || query.suppress) return;  // IGMP-X-12
  // The times are those of the sender: groups must not expire before its members may answer it
  // (IGMP-X-14).
  const auto interval =
      query.max_response > Duration{} ? query.max_response : s.settings.last_member_interval.get();
  const int count = query.robustness != 0 ? query.robustness : s.timing.robustness;
  const auto lowered = now + last_member_query_time(interval, count);
  if (query.sources.empty()) group->expires = std::min(group->expires, lowered);
  for (const auto& address : query.sources) {
    const auto sources = group->sources();
    const auto source = place_of(sources, address);
    const bool is_known = source != sources.end() && source->address == address;
    if (is_known) source->expires = std::min(source->expires, lowered);
  }
  rearm(*group);
}

template <Family F>
void GroupTable<F>::ask_again(const Query<F>& query, const TableContext<F>& s, TimePoint from) {
  auto* group = store_.find(query.group);
  if (group == nullptr) return;
  const auto next = next_round(*group, from);
  const auto answered = [&](std::uint8_t queries_left) {
    return next + last_member_query_time(s.settings.last_member_interval.get(), queries_left);
  };
  if (query.sources.empty() && group->mode() == FilterMode::kExclude) {
    group->set_queries_left(group->queries_left() + 1);
    group->expires = std::max(group->expires, answered(group->queries_left()));
  }
  for (const auto& address : query.sources) {
    const auto sources = group->sources();
    const auto source = place_of(sources, address);
    const bool is_known = source != sources.end() && source->address == address;
    if (!is_known || !source->is_requested()) continue;
    ++source->queries_left;
    source->expires = std::max(source->expires, answered(source->queries_left));
  }
  group->set_next_query(next);
  rearm(*group);
}

template <Family F>
void GroupTable<F>::remove(Group<F>& group) {
  sources_ -= group.sources().size();
  hosts_ -= group.hosts().size();
  store_.remove(group);
}

template <Family F>
void GroupTable<F>::clear() {
  store_.clear();
  sources_ = hosts_ = 0;
  to_fit_.reset();
}

template <Family F>
void GroupTable<F>::rearm(Group<F>& group) {
  auto due = group.next_query();
  if (group.mode() == FilterMode::kExclude) due = std::min(due, group.expires);
  for (const auto& source : group.sources()) {
    if (source.is_requested()) due = std::min(due, source.expires);
  }
  store_.set_timer(group, due);
}

template <Family F>
auto GroupTable<F>::track(Group<F>& group, const Address& host, Version version,
                          const TableContext<F>& s, TimePoint now, Actions<F>& actions) -> Tracked {
  if (!s.settings.explicit_tracking || host.is_unspecified()) return Tracked::kAsBefore;
  if (auto* known = group.find_host(host)) {
    known->version = version;
    known->last_report = now;
    return Tracked::kAsBefore;
  }
  const auto is_full = [&] {
    return room_beside(group.hosts().size(), hosts_, s.settings.max_hosts.get(), s) == 0;
  };
  if (is_full()) {
    forget_silent_hosts(group, s, now, actions);
    if (is_full()) return Tracked::kNoRoom;
  }
  group.add_host({host, version, coarse(now), now});
  ++hosts_;
  return Tracked::kJoined;
}

template <Family F>
void GroupTable<F>::untrack(Group<F>& group, const Address& host, Actions<F>& actions) {
  forget_hosts(
      group, [&](const Host<F>& h) { return h.address == host; }, actions);
}

/// Stops to track hosts that have not reported for the membership interval.
template <Family F>
void GroupTable<F>::forget_silent_hosts(Group<F>& group, const TableContext<F>& s, TimePoint now,
                                        Actions<F>& actions) {
  const auto longest = membership_interval(s.timing);
  forget_hosts(
      group, [&](const Host<F>& h) { return h.last_report + longest <= now; }, actions);
}

template <Family F>
template <class Gone>
void GroupTable<F>::forget_hosts(Group<F>& group, Gone gone, Actions<F>& actions) {
  hosts_ -= group.erase_hosts([&](const Host<F>& h) {
    const bool is_gone = gone(h);
    if (is_gone) actions.push_back(HostChanged<F>{false, group.address, h.address});
    return is_gone;
  });
}

template class GroupTable<Igmp>;
template class GroupTable<Mld>;

}  // namespace mcq::core
