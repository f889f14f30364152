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

/// What the table is to know of the querier it belongs to.
template <Family F>
struct TableContext {
  const Settings<F>& settings;
  Timing timing;               ///< in force: ours, or the elected querier's
  bool asks = false;           ///< we are the querier, and follow up a leave with queries
  typename F::Address self{};  ///< the source of those queries
  std::uint32_t mtu = 1500;    ///< octets of the longest IP packet
};

/// Who listens to what on a link: the state of RFC 9776 §6.2 and RFC 9777 §7.2 per group, and the
/// hosts behind it. A group nobody listens to has no entry. A report that only refreshes what is
/// known allocates nothing, and no event costs more because there are more groups.
///
/// It is bounded by max-groups, max-sources and max-hosts; all groups together hold at most four
/// times max-groups sources, and as many hosts, beyond those of one group. What does not fit is
/// refused and told of; nothing that is known is given up for it.
template <Family F>
class GroupTable {
 public:
  using Address = typename F::Address;

  /// The seed keeps those who choose the groups from choosing where they are stored.
  explicit GroupTable(Random random) : store_(random) {}

  void hear(const ReportHeard<F>& heard, const TableContext<F>& s, TimePoint now,
            Actions<F>& actions);
  void hear(const LeaveHeard<F>& heard, const TableContext<F>& s, TimePoint now,
            Actions<F>& actions);
  void hear(const RecordHeard<F>& heard, const TableContext<F>& s, TimePoint now,
            Actions<F>& actions) {
    apply(heard.source, F::kNewest, heard.record, s, now, actions);
  }
  /// A specific query of another querier (RFC 9776 §6.6.1).
  void hear(const Query<F>& query, const TableContext<F>& s, TimePoint now);
  /// A specific query of ours could not be sent: what it is about is asked about again at `from`,
  /// or with the round that is due later, and lives until that can be answered.
  void ask_again(const Query<F>& query, const TableContext<F>& s, TimePoint from);
  /// Does what is due, up to a bound: when more is due, deadline() is not later than `now`.
  void tick(const TableContext<F>& s, TimePoint now, Actions<F>& actions);
  TimePoint deadline() const { return to_fit_ ? TimePoint{} : store_.deadline(); }
  /// Has no timer run for longer than the timing in force sets it for, and none end before
  /// `earliest` but those of groups and sources that are being asked about. Of many groups the
  /// first are seen to at once, the others by the next calls of tick().
  void fit_timers(TimePoint earliest, const TableContext<F>& s, TimePoint now);
  void clear();

  /// Groups; sources and hosts of all groups together.
  std::size_t size() const { return store_.size(); }
  std::size_t sources() const { return sources_; }
  std::size_t hosts() const { return hosts_; }

  /// Reports of these groups, in that order, are most likely heard next but for a few others.
  void expect(const Address& soon, const Address& later) const { store_.fetch(soon, later); }
  /// Null when nobody listens to the group. Valid until the next event.
  const Group<F>* find(const Address& group) const { return store_.find(group); }
  /// Calls `visit` with every Group, in no order.
  template <class Visit>
  void for_each(Visit visit) const {
    store_.for_each(visit);
  }
  /// The same in steps, between which the table may change: visits some, from `place` on, first 0,
  /// until `visit` returns false; returns the place to go on from, none when that was all. Each
  /// group that is there all the while is visited once.
  template <class Visit>
  std::optional<std::uint32_t> visit_some(std::uint32_t place, Visit visit) const {
    return store_.visit_some(place, visit);
  }

 private:
  using Version = typename F::Version;

  /// `version` is that of the host; the newest one for whatever is no report of an older one.
  void apply(const Address& reporter, Version version, const Record<F>& record,
             const TableContext<F>& s, TimePoint now, Actions<F>& actions);
  void take_in(std::span<const Address> sources);
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
  void tell_lost_members(Group<F>& group, const TableContext<F>& s, TimePoint now,
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
  std::optional<std::uint32_t> to_fit_;  ///< the place from which fit_timers() goes on
  TimePoint earliest_{};
  // Kept between records, so that none needs memory of its own.
  std::vector<Address> listed_;     ///< the sources of a record: valid ones, each once, by address
  std::vector<Source<F>> updated_;  ///< the sources of its group as they become
};

extern template class GroupTable<Igmp>;
extern template class GroupTable<Mld>;

}  // namespace mcq::core
