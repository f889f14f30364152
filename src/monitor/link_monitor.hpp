#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/token_bucket.hpp"
#include "core/host_table.hpp"
#include "core/peer_queriers.hpp"
#include "core/querier.hpp"
#include "monitor/ended_groups.hpp"
#include "monitor/event_publisher.hpp"
#include "monitor/fault_counters.hpp"
#include "monitor/received.hpp"
#include "monitor/statistics.hpp"

namespace mcq::monitor {

// Packets lost because a socket buffer was full.
inline constexpr std::string_view kReportsLost = "receive buffer full";
inline constexpr std::string_view kQueriesLost = "receive buffer for queries full";
// Faults of this process.
inline constexpr std::string_view kCannotOpen = "cannot open the socket";
inline constexpr std::string_view kCannotSend = "cannot send";
inline constexpr std::string_view kCannotReceive = "cannot receive";
inline constexpr std::string_view kHostUnreachable = "cannot reach programs on this host";
inline constexpr std::string_view kCannotHold = "cannot hold a group";
/// Another igmp-querier of this machine queries on the same interface.
inline constexpr std::string_view kServedTwice = "interface served twice";
/// Another program of this machine sends General Queries from our address.
inline constexpr std::string_view kAskedBeside = "another querier on this machine";
/// Another querier with a higher address keeps querying.
inline constexpr std::string_view kDoesNotYield = "other querier does not yield";
/// Other hosts send more than PeerQueriers::kStorm queries a second.
inline constexpr std::string_view kQueryStorm = "query storm";
/// HostTable is full.
inline constexpr std::string_view kTooManyOnLink = "too many hosts on the link";

/// Counts and publishes what a querier receives, sends and decides, and keeps what status reports.
/// Has no influence on the querier.
template <Family F>
class LinkMonitor {
 public:
  using Address = typename F::Address;
  using Querier = core::Querier<F>;

  LinkMonitor(std::string interface, Random random, EventPublisher& publisher, TimePoint now);

  /// "eth0", "eth0 (MLD)"
  const std::string& name() const { return name_; }

  // Events of the sockets and the interface.
  /// Call once for each parsed packet, after the core has processed it.
  void received(const Received<F>& received, const Outcome& outcome, const Querier& querier,
                const core::Settings<F>& settings, TimePoint now);
  void dropped(std::string_view reason, const MacAddress& sender, TimePoint now);
  /// `packets` were lost because a socket buffer was full.
  void lost(std::string_view reason, std::size_t packets, TimePoint now);
  void failed(std::string_view reason, Priority priority, const std::string& what, TimePoint now);
  void waiting(const std::string& reason, TimePoint now);
  void address_changed(const Address& address, TimePoint now);
  /// Forgets the hosts: the link went down, or explicit tracking was turned off.
  void forget_hosts() {
    hosts_.clear();
    ended_.clear();
  }
  void no_longer_served() const;

  // Actions of the core. `sender` is the link-layer sender of the packet that caused the action;
  // any value where none did.
  void performed(const core::RoleChanged<F>& changed, const std::string& waiting_for,
                 const MacAddress& sender, TimePoint now);
  void performed(const core::Noticed<F>& noticed, const MacAddress& sender, TimePoint now);
  void performed(const core::TopologyChanged<F>& changed, const MacAddress& sender, TimePoint now);
  void performed(const core::SendQuery<F>& sent, const Querier& querier, TimePoint now);
  void performed(const core::SendRouterMessage<F>& sent, const Querier&, TimePoint now);
  void performed(const core::BurstBegan& burst, const Querier&, TimePoint now);
  void performed(const core::MembershipChanged<F>& changed, const Querier& querier, TimePoint now);
  void performed(const core::HostChanged<F>& changed, const Querier&, TimePoint);
  void performed(const core::MemberLost<F>& lost, const Querier& querier, TimePoint now);

  const Statistics<F>& statistics() const { return statistics_; }
  const FaultCounters& drops() const { return drops_; }
  const FaultCounters& faults() const { return faults_; }
  const core::HostTable<F>& hosts() const { return hosts_; }
  /// Groups that ended without a leave while we were the querier.
  const EndedGroups<F>& ended_groups() const { return ended_; }
  /// Whether the fault occurred at or after our last General Query.
  bool persists(std::string_view fault) const;
  TimePoint since() const { return since_; }
  TimePoint role_since() const { return role_since_; }

  // See PeerQueriers.
  const core::OtherQuerier<F>& other_querier() const { return peers_.other_querier(); }
  const core::OtherQuerier<F>* rival(TimePoint now) const { return peers_.rival(now); }
  std::optional<MacAddress> duplicate(TimePoint now) const { return peers_.duplicate(now); }
  bool is_flapping(TimePoint now) const { return peers_.is_flapping(now); }

 private:
  /// Bounds the records of a kind: 20 at once, then one a minute.
  struct Limit {
    TokenBucket bucket{20, 1min};
    std::uint64_t left_out = 0;
  };

  EventRecord record(EventKind kind, Priority priority, const std::string& message) const;
  bool publish(EventRecord record, TimePoint now);
  void group_ended(const Address& group, TimePoint now);
  void publish_counted(const FaultCounters& fault_counts, std::string_view reason,
                       EventRecord record);
  void received_general_query(const Received<F>& received, const Query<F>& query,
                              const Querier& querier, TimePoint now);
  void complain(std::string_view fault, const Received<F>& received, const char* what,
                TimePoint now);
  bool is_answer(const Received<F>& received, const Outcome& outcome, const Querier& querier) const;
  void received_report(const Received<F>& received, const Outcome& outcome, const Querier& querier,
                       TimePoint now);
  void querier_changed(const Received<F>& received, TimePoint now);

  std::string interface_, name_;
  EventPublisher& publisher_;
  Statistics<F> statistics_;
  FaultCounters drops_, faults_;
  core::HostTable<F> hosts_;
  core::PeerQueriers<F> peers_;
  std::map<EventKind, Limit> limits_;
  TimePoint since_, role_since_;
  EndedGroups<F> ended_;
  EndedGroup<F> lost_{};  ///< the members lost of the group whose kGroupRemoved follows
};

extern template class LinkMonitor<Igmp>;
extern template class LinkMonitor<Mld>;

}  // namespace mcq::monitor
