#include <spdlog/fmt/fmt.h>

#include <utility>
#include <variant>

#include "monitor/link_monitor.hpp"

// The part of LinkMonitor about members: joins, leaves, answers, silence.

namespace mcq::monitor {

template <Family F>
void LinkMonitor<F>::performed(const core::MembershipChanged<F>& changed, const Querier&,
                               TimePoint now) {
  if (changed.change == core::Change::kGroupRemoved) return group_ended(changed.group, now);
  if (!publisher_.wants_details()) return;
  const auto group = to_string(changed.group);
  const auto told = [&](EventKind kind, const std::string& message) {
    auto made = record(kind, Priority::kDebug, message);
    made.details.emplace_back("group-address", group);
    return made;
  };
  switch (changed.change) {
    case core::Change::kGroupAdded: {
      const auto& reporter = changed.reporter;
      auto joined =
          told(EventKind::kGroupAdded, group + " joined, last reporter " + to_string(reporter));
      if (!reporter.is_unspecified()) {
        joined.details.emplace_back("host-address", to_string(reporter));
      }
      return publisher_.publish(joined);
    }
    case core::Change::kGroupRemoved:
      return;
    case core::Change::kSourceRemoved: {
      const auto source = to_string(changed.source);
      auto left = told(EventKind::kSourceRemoved, group + " left its source " + source);
      left.details.emplace_back("source-address", source);
      return publisher_.publish(left);
    }
  }
}

/// Counts only members that we have queried since their last report. While another querier is
/// elected, switches forward reports to it; while this system was suspended, nobody queried.
template <Family F>
void LinkMonitor<F>::performed(const core::MemberLost<F>& lost, const Querier& querier,
                               TimePoint now) {
  if (querier.role() != core::Role::kQuerier) return;
  if (!hosts_.membership_expired(lost.host, querier.timing().response_interval, now)) return;
  lost_.add(lost.host, lost.last_report);
}

template <Family F>
void LinkMonitor<F>::group_ended(const Address& group, TimePoint now) {
  lost_.group = group;
  lost_.at = now;
  const auto lost = std::exchange(lost_, {});
  if (lost.hosts_count > 0) ended_.remember(lost);
  if (lost.hosts_count == 0 && !publisher_.wants_details()) return;
  const auto address = to_string(group);
  auto ended = record(EventKind::kGroupRemoved, Priority::kInfo, address);
  ended.details.emplace_back("group-address", address);
  if (lost.hosts_count > 0) {
    const auto host = to_string(lost.last_reporter);
    const auto ago = std::chrono::round<std::chrono::seconds>(now - lost.last_report);
    ended.message +=
        fmt::format(" ended without a leave: {} reported it last, {} s ago", host, ago.count());
    if (lost.hosts_count > 1) ended.message += fmt::format(", of {} hosts", lost.hosts_count);
    ended.details.emplace_back("host-address", host);
    if (publish(ended, now)) return;
  } else {
    ended.message += " left";
  }
  if (!publisher_.wants_details()) return;
  ended.priority = Priority::kDebug;
  publisher_.publish(ended);
}

template <Family F>
void LinkMonitor<F>::performed(const core::HostChanged<F>& changed, const Querier&, TimePoint) {
  if (!publisher_.wants_details()) return;
  const auto group = to_string(changed.group), host = to_string(changed.host);
  auto told = changed.listens
                  ? record(EventKind::kHostJoined, Priority::kDebug,
                           group + " joined by " + host + " as well")
                  : record(EventKind::kHostLeft, Priority::kDebug,
                           group + " no longer reported by " + host + ", but by others");
  told.details = {{"group-address", group}, {"host-address", host}};
  publisher_.publish(told);
}

/// Whether a report that came in time answers the last General Query. A join does not. An answer
/// has a current-state record (RFC 9776 §4.2.13, RFC 9777 §5.2); one of an older version, which
/// cannot say so, is of a group that was known before that query. Where groups are not kept, as in
/// 224.0.0.0/24, the host was known before it.
template <Family F>
bool LinkMonitor<F>::is_answer(const Received<F>& received, const Outcome& outcome,
                               const Querier& querier) const {
  const auto* report = std::get_if<Report<F>>(&received.packet.message);
  if (report == nullptr) return outcome.has_current_state;
  const auto* group = querier.groups().find(report->group);
  const auto since = group != nullptr ? group->since : hosts_.find(received.packet.source)->since;
  return since <= hosts_.last_query();
}

template <Family F>
void LinkMonitor<F>::received_report(const Received<F>& received, const Outcome& outcome,
                                     const Querier& querier, TimePoint now) {
  const auto& [packet, sender, is_own] = received;
  // A bridge that reports for itself, or a host without an address, is no host to know of.
  if (packet.source.is_unspecified()) return;
  if (const auto* leave = std::get_if<Leave<F>>(&packet.message)) {
    if (!leave->is_solicitation()) hosts_.left_group(packet.source);
    return;
  }
  const auto* report = std::get_if<Report<F>>(&packet.message);
  const auto version = report != nullptr ? report->version : F::kNewest;
  using Insertion = typename core::HostTable<F>::Insertion;
  using Reporter = typename core::HostTable<F>::Reporter;
  const auto reporter = is_own                 ? Reporter::kOwnHost
                        : outcome.is_of_switch ? Reporter::kSwitch
                                               : Reporter::kHost;
  const auto insertion = hosts_.received_report(packet.source, sender, version, now, reporter);
  if (hosts_.may_answer(querier.timing().response_interval, now) &&
      is_answer(received, outcome, querier)) {
    hosts_.answered_now();
  }
  if (outcome.is_leave) hosts_.left_group(packet.source);
  if (insertion == Insertion::kKnown) return;
  const auto host = to_string(packet.source), mac = to_string(sender);
  const auto told = [&](EventKind kind, Priority priority, const std::string& message) {
    auto made = record(kind, priority, message);
    made.details = {{"host-address", host}, {"mac-address", mac}};
    return made;
  };
  if (insertion == Insertion::kNew) {
    if (!publisher_.wants_details()) return;
    publisher_.publish(told(EventKind::kHostSeen, Priority::kDebug,
                            fmt::format("first report of {} ({}): {}v{}", host, mac, F::kName,
                                        static_cast<int>(version))));
  } else if (faults_.count(kTooManyOnLink, now)) {
    publish_counted(
        faults_, kTooManyOnLink,
        told(EventKind::kNoticed, Priority::kWarning,
             fmt::format("host {} ({}) is not remembered: the table of hosts is full", host, mac)));
  }
}

template void LinkMonitor<Igmp>::performed(const core::MembershipChanged<Igmp>&, const Querier&,
                                           TimePoint);
template void LinkMonitor<Igmp>::performed(const core::HostChanged<Igmp>&, const Querier&,
                                           TimePoint);
template void LinkMonitor<Igmp>::performed(const core::MemberLost<Igmp>&, const Querier&,
                                           TimePoint);
template void LinkMonitor<Igmp>::received_report(const Received<Igmp>&, const Outcome&,
                                                 const Querier&, TimePoint);
template void LinkMonitor<Mld>::performed(const core::MembershipChanged<Mld>&, const Querier&,
                                          TimePoint);
template void LinkMonitor<Mld>::performed(const core::HostChanged<Mld>&, const Querier&, TimePoint);
template void LinkMonitor<Mld>::performed(const core::MemberLost<Mld>&, const Querier&, TimePoint);
template void LinkMonitor<Mld>::received_report(const Received<Mld>&, const Outcome&,
                                                const Querier&, TimePoint);
template void LinkMonitor<Igmp>::group_ended(const Address&, TimePoint);
template void LinkMonitor<Mld>::group_ended(const Address&, TimePoint);
template bool LinkMonitor<Igmp>::is_answer(const Received<Igmp>&, const Outcome&,
                                           const Querier&) const;
template bool LinkMonitor<Mld>::is_answer(const Received<Mld>&, const Outcome&,
                                          const Querier&) const;

}  // namespace mcq::monitor
