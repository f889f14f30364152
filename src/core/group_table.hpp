#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "core/event.hpp"
#include "core/group_store.hpp"
#include "core/settings.hpp"
#include "core/transition.hpp"

namespace mcq::core {

/// The state of the querier that its table depends on, for one call.
template <Family F>
struct TableContext {
  const Settings<F>& settings;
  Timing timing;               ///< in force: ours, or the elected querier's
  bool asks = false;           ///< whether a leave is followed by specific queries
  typename F::Address self{};  ///< source of specific queries
  std::uint32_t mtu = 1500;    ///< bytes of the longest IP packet
};

/// The membership of a link: per group the state of RFC 9776 §6.2 and RFC 9777 §7.2 and its hosts.
/// A group without members has no entry. A report that only refreshes known state allocates
/// nothing, and the cost of an event does not depend on the number of groups.
///
/// Bounded by max-groups, max-sources and max-hosts; all groups together hold at most four times
/// max-groups sources, and as many hosts, beyond those of one group. Refuses what exceeds a bound,
/// with a Notice; to make room evicts only hosts that are silent for the membership interval.
template <Family F>
class GroupTable {
 public:
  using Address = typename F::Address;

  /// `random` seeds the hash of group addresses, which hosts choose.
  explicit GroupTable(Random random) : store_(random) {}

  /// Applies a report, leave or record, and appends the actions that follow from it.
  void receive(const ReportReceived<F>& received, const TableContext<F>& s, TimePoint now,
               Actions<F>& actions);
  void receive(const LeaveReceived<F>& received, const TableContext<F>& s, TimePoint now,
               Actions<F>& actions);
  void receive(const RecordReceived<F>& received, const TableContext<F>& s, TimePoint now,
               Actions<F>& actions) {
    apply(received.source, F::kNewest, received.record, s, now, actions);
  }
  /// Whether a host joins a group again that it is a member of, by a report received outside the
  /// response time of any query: Host::rejoins(), and the report repeats what the table has.
  /// Further reports are then retransmissions of this one. Always false without explicit tracking.
  bool rejoins(const Address& host, const Record<F>& record, TimePoint now);
  /// Lowers the timers that a specific query of another querier is about (RFC 9776 §6.6.1).
  void receive(const Query<F>& query, const TableContext<F>& s, TimePoint now);
  /// Schedules a specific query again that could not be sent: at `from`, or with a later round that
  /// is due anyway. Extends the timers it is about until members can have answered.
  void ask_again(const Query<F>& query, const TableContext<F>& s, TimePoint from);
  /// Processes timers that are due, up to a bound: while more are, deadline() is not after `now`.
  void tick(const TableContext<F>& s, TimePoint now, Actions<F>& actions);
  TimePoint deadline() const { return to_fit_ ? TimePoint{} : store_.deadline(); }
  /// Limits all timers to what the timing in force allows, and extends them to `earliest` except
  /// those of groups and sources that are being queried. Processes a bounded number of groups; the
  /// next calls of tick() do the rest.
  void fit_timers(TimePoint earliest, const TableContext<F>& s, TimePoint now);
  void clear();

  /// Numbers of groups, and of the sources and hosts of all groups.
  std::size_t size() const { return store_.size(); }
  std::size_t sources() const { return sources_; }
  std::size_t hosts() const { return hosts_; }

  /// Prefetches the state of two groups, for reports of them that are expected in this order.
  void prefetch(const Address& soon, const Address& later) const { store_.prefetch(soon, later); }
  /// Returns null when the group has no member. The pointer is valid until the next event.
  const Group<F>* find(const Address& group) const { return store_.find(group); }
  /// Calls `visit` with every Group, in unspecified order.
  template <class Visit>
  void for_each(Visit visit) const {
    store_.for_each(visit);
  }
  /// Visits some groups from `place` on, first 0, until `visit` returns false. Returns the place to
  /// continue from; none after the last group. The table may change between calls: a group that
  /// exists during all of them is visited once.
  template <class Visit>
  std::optional<std::uint32_t> visit_some(std::uint32_t place, Visit visit) const {
    return store_.visit_some(place, visit);
  }

 private:
  using Version = typename F::Version;

  /// Applies a record. `version`: of the host for a report of an older version, else the newest.
  void apply(const Address& reporter, Version version, const Record<F>& record,
             const TableContext<F>& s, TimePoint now, Actions<F>& actions);
  void list_sources(std::span<const Address> sources);
  bool update_sources(Group<F>& group, const Transition& rule, const TableContext<F>& s,
                      TimePoint now);
  template <class Visit>
  void merge(const Group<F>& group, Visit visit) const;

  void query_sources(Group<F>& group, const Transition& rule, const TableContext<F>& s,
                     TimePoint now);
  void query_group(Group<F>& group, const TableContext<F>& s, TimePoint now);
  void send_queries(Group<F>& group, const TableContext<F>& s, TimePoint now, Actions<F>& actions);

  void fit_some(const TableContext<F>& s, TimePoint now);
  bool expire(Group<F>& group, const TableContext<F>& s, TimePoint now, Actions<F>& actions);
  void report_lost_members(Group<F>& group, const TableContext<F>& s, TimePoint now,
                           Actions<F>& actions) const;
  void remove(Group<F>& group);
  void rearm(Group<F>& group);

  enum class Tracked : std::uint8_t { kAsBefore, kJoined, kNoRoom };
  Tracked track(Group<F>& group, const Address& host, Version version, const TableContext<F>& s,
                TimePoint now, Actions<F>& actions);
  void untrack(Group<F>& group, const Address& host, Actions<F>& actions);
  void forget_silent_hosts(Group<F>& group, const TableContext<F>& s, TimePoint now,
                           Actions<F>& actions);
  template <class Gone>
  void forget_hosts(Group<F>& group, Gone gone, Actions<F>& actions);

  GroupStore<F> store_;
  std::size_t sources_ = 0, hosts_ = 0;
  std::optional<std::uint32_t> to_fit_;  ///< where fit_timers() continues; none when it is done
  TimePoint earliest_{};
  // Members to reuse their memory for the next record.
  std::vector<Address> listed_;     ///< valid sources of a record, sorted, without duplicates
  std::vector<Source<F>> updated_;  ///< new sources of its group
};

extern template class GroupTable<Igmp>;
extern template class GroupTable<Mld>;

}  // namespace mcq::core
