#include "core/group_table.hpp"

// GroupTable: timers.

namespace mcq::core {
namespace {

// Bounds of one call.
constexpr int kGroupsPerTick = 1024;
constexpr std::size_t kActionsPerTick = 4096;

}  // namespace

template <Family F>
void GroupTable<F>::tick(const TableContext<F>& s, TimePoint now, Actions<F>& actions) {
  if (to_fit_) fit_some(s, now);
  for (int i = 0; i < kGroupsPerTick && actions.size() < kActionsPerTick; ++i) {
    auto* group = store_.take(now);
    if (group == nullptr) return;
    if (!expire(*group, s, now, actions)) continue;
    if (group->next_query() <= now) send_queries(*group, s, now, actions);
    // Answers to one query spread over a response interval: without that grace, members that
    // answered the same query would not be lost together.
    forget_silent_hosts(*group, s, now - s.timing.response_interval, actions);
    group->tidy(now);
    rearm(*group);
  }
}

template <Family F>
void GroupTable<F>::fit_timers(TimePoint earliest, const TableContext<F>& s, TimePoint now) {
  earliest_ = earliest;
  to_fit_ = 0;
  fit_some(s, now);
}

template <Family F>
void GroupTable<F>::fit_some(const TableContext<F>& s, TimePoint now) {
  const auto group_until = now + membership_interval(s.timing);
  const auto version_until = now + older_host_present_interval(s.timing);
  for (int seen = 0; to_fit_ && seen < kGroupsPerTick;) {
    to_fit_ = store_.visit_some(*to_fit_, [&](Group<F>& group) {
      group.fit_timers(earliest_, group_until, version_until);
      rearm(group);
      return ++seen < kGroupsPerTick;
    });
  }
}

/// Ends the timers that are due (RFC 9776 §6.2.2, §6.2.3, §6.5). Returns false when that removed
/// the group.
template <Family F>
bool GroupTable<F>::expire(Group<F>& group, const TableContext<F>& s, TimePoint now,
                           Actions<F>& actions) {
  const auto address = group.address;
  const auto before = group.sources().size();
  for (auto& source : group.sources()) {
    if (!source.is_requested() || source.expires > now) continue;
    actions.push_back(MembershipChanged<F>{Change::kSourceRemoved, address, source.address, {}});
    source = {.address = source.address};  // IGMP-S-18
  }
  if (group.mode() == FilterMode::kExclude && group.expires <= now) {  // IGMP-S-19
    group.expires = kStopped;
    group.set_queries_left(0);
  }
  if (group.mode() == FilterMode::kExclude) return true;
  group.erase_sources([](const auto& source) { return !source.is_requested(); });
  sources_ -= before - group.sources().size();
  if (!group.sources().empty()) return true;
  report_lost_members(group, s, now, actions);
  remove(group);
  actions.push_back(MembershipChanged<F>{Change::kGroupRemoved, address, {}, {}});
  return false;
}

/// Appends MemberLost for the hosts of a group that ends without a leave: then its last report is a
/// membership interval ago. After a leave, or a query of another querier, it ends earlier.
template <Family F>
void GroupTable<F>::report_lost_members(Group<F>& group, const TableContext<F>& s, TimePoint now,
                                        Actions<F>& actions) const {
  const auto* last = group.find_host(group.last_reporter());
  if (last == nullptr || last->last_report + membership_interval(s.timing) > now) return;
  for (const auto& host : group.hosts()) {
    actions.push_back(MemberLost<F>{group.address, host.address, host.last_report});
  }
}

template void GroupTable<Igmp>::tick(const TableContext<Igmp>&, TimePoint, Actions<Igmp>&);
template void GroupTable<Igmp>::fit_timers(TimePoint, const TableContext<Igmp>&, TimePoint);
template void GroupTable<Igmp>::fit_some(const TableContext<Igmp>&, TimePoint);
template bool GroupTable<Igmp>::expire(Group<Igmp>&, const TableContext<Igmp>&, TimePoint,
                                       Actions<Igmp>&);
template void GroupTable<Igmp>::report_lost_members(Group<Igmp>&, const TableContext<Igmp>&,
                                                    TimePoint, Actions<Igmp>&) const;
template void GroupTable<Mld>::tick(const TableContext<Mld>&, TimePoint, Actions<Mld>&);
template void GroupTable<Mld>::fit_timers(TimePoint, const TableContext<Mld>&, TimePoint);
template void GroupTable<Mld>::fit_some(const TableContext<Mld>&, TimePoint);
template bool GroupTable<Mld>::expire(Group<Mld>&, const TableContext<Mld>&, TimePoint,
                                      Actions<Mld>&);
template void GroupTable<Mld>::report_lost_members(Group<Mld>&, const TableContext<Mld>&, TimePoint,
                                                   Actions<Mld>&) const;

}  // namespace mcq::core
