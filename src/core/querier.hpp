#pragma once

#include <algorithm>
#include <utility>

#include "base/random.hpp"
#include "base/token_bucket.hpp"
#include "core/event.hpp"
#include "core/group_table.hpp"
#include "core/router_discovery.hpp"
#include "core/settings.hpp"

namespace mcq::core {

/// Bound of the specific queries that leaves cause on a link: a burst, then one in each interval.
/// Rounds in progress continue, so it may be overdrawn by their queries; no round begins meanwhile.
inline constexpr int kSpecificQueryBurst = 4000;
inline constexpr Duration kSpecificQueryInterval = 2ms;

/// The querier of one link and family: role, election and schedule of General Queries
/// (RFC 9776 §6.6.2, RFC 9777 §7.6.2), and the group table. The querier with the lowest address
/// queries; the others take over when its queries cease.
///
/// The role always follows from its conditions: a link that is up, an address (or proxy mode), and
/// no other querier with a lower address.
template <Family F>
class Querier {
 public:
  using Address = typename F::Address;

  /// Waits for its first LinkChanged. `random` draws query intervals, which others can observe;
  /// `secret` seeds the hash of groups, and must be independent of it.
  Querier(Settings<F> settings, Random random, Random secret = Random{0})
      : settings_(std::move(settings)),
        random_(random),
        groups_(secret),
        discovery_(Random{Random{random}.next()}) {}

  /// Applies an event and returns the actions that follow, in order. The only way to change state.
  [[nodiscard]] Actions<F> step(const Event<F>& event, TimePoint now);
  /// When step(Tick{}) is due; kNever when nothing is. A Tick before that changes nothing.
  [[nodiscard]] TimePoint deadline() const {
    return std::min({next_query_, other_querier_gone_, topology_queries_.deadline(),
                     groups_.deadline(), discovery_.deadline()});
  }

  [[nodiscard]] Role role() const { return role_; }
  /// The elected querier: our address or the other one's; unspecified while waiting.
  [[nodiscard]] Address querier() const;
  /// The timing in force: that of the elected querier (RFC 9776 §4.1.6, §4.1.7), else ours.
  [[nodiscard]] Timing timing() const {
    return role_ == Role::kNonQuerier ? adopted_ : settings_.timing();
  }
  /// When the next General Query is due; kNever unless we are the querier.
  [[nodiscard]] TimePoint next_query() const { return next_query_; }
  /// When we take over unless the other querier queries again; kNever without one.
  [[nodiscard]] TimePoint other_querier_gone() const { return other_querier_gone_; }
  [[nodiscard]] const GroupTable<F>& groups() const { return groups_; }
  [[nodiscard]] const RouterDiscovery<F>& router_discovery() const { return discovery_; }

 private:
  void on(Tick, TimePoint now, Actions<F>& actions);
  void on(const QueryReceived<F>& received, TimePoint now, Actions<F>& actions);
  /// A report, a leave or a record.
  template <class Received>
  void on(const Received& received, TimePoint now, Actions<F>& actions);
  void on(BpduReceived, TimePoint now, Actions<F>& actions);
  void on(const LinkChanged<F>& changed, TimePoint now, Actions<F>& actions);
  void on(const SettingsChanged<F>& changed, TimePoint now, Actions<F>& actions);
  void on(QueryRequested, TimePoint now, Actions<F>& actions);
  void on(const QueryFailed<F>& failed, TimePoint now, Actions<F>&);
  void on(const RouterMessageReceived<F>& received, TimePoint now, Actions<F>& actions);
  void on(Stopped, TimePoint, Actions<F>& actions) { discovery_.stop(actions); }

  std::optional<Notice> reason_to_drop(const QueryReceived<F>& received) const;
  void apply_specific_query(const QueryReceived<F>& received, TimePoint now, Actions<F>& actions);
  void expect_answers(const Query<F>& query, TimePoint now);
  using Sign = std::optional<TopologySign>;
  Sign sign_in(const ReportReceived<F>& received, TimePoint now);
  Sign sign_in(const RecordReceived<F>& received, TimePoint now);
  Sign sign_in(const LeaveReceived<F>& received, TimePoint now);
  bool looks_for_rejoins(TimePoint now) const;
  void change_topology(TopologySign sign, const Address& from, TimePoint now, Actions<F>& actions);
  void send_topology_query(TimePoint now, Actions<F>& actions);
  bool follows_up_leaves() const;
  bool calls_for_queries(const LeaveReceived<F>& received) const;
  bool calls_for_queries(const RecordReceived<F>& received) const;
  bool calls_for_queries(const ReportReceived<F>&) const { return false; }
  TableContext<F> table_context(TimePoint now) const;
  bool is_on_link(const Address& source) const;
  bool is_on_subnet(const Address& source) const;
  bool yields_to(const Address& other) const;
  bool would_win(const Address& other) const;
  bool is_ignored(const Address& querier) const;
  bool is_trusted(const Address& querier) const;
  bool is_refused(const Address& querier) const;
  bool is_granted(const Address& querier, Duration silence) const;
  bool is_rogue(const Address& querier, const Query<F>& query) const;
  bool differs_from_ours(const Query<F>& query) const;
  Timing timing_of(const Query<F>& query) const;
  Duration silence_of(const Query<F>& query) const;
  void adopt(const Address& source, const Query<F>& query, TimePoint now);
  void limit_other_querier(TimePoint now);
  void forget_other_querier();
  void update_role(Cause cause, const Address& source, TimePoint now, Actions<F>& actions);
  void begin_burst(TimePoint now, Actions<F>& actions);
  void change_schedule(const Settings<F>& before, TimePoint now);
  Duration draw_interval();
  void send_general_query(TimePoint now, Actions<F>& actions, bool is_urgent = false);

  Settings<F> settings_;
  Random random_;
  Link<F> link_;
  Role role_ = Role::kWaiting;
  int startup_queries_left_ = 0;
  bool has_taken_over_ = false;  ///< the current burst, if any, follows a takeover
  TimePoint last_query_{};       ///< our last General Query
  TimePoint next_query_ = kNever;
  TimePoint other_querier_gone_ = kNever;  ///< kNever without another querier
  Address other_querier_{};
  Timing adopted_;
  GroupTable<F> groups_;
  TopologyQueries topology_queries_;
  TimePoint answers_until_{};  ///< until when reports may be answers to a query
  RouterDiscovery<F> discovery_;
  TokenBucket budget_{kSpecificQueryBurst, kSpecificQueryInterval};
};

extern template class Querier<Igmp>;
extern template class Querier<Mld>;

}  // namespace mcq::core
