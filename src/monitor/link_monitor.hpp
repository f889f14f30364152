#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/token_bucket.hpp"
#include "core/host_table.hpp"
#include "core/querier.hpp"
#include "monitor/event_publisher.hpp"
#include "monitor/fault_counters.hpp"
#include "wire/packet.hpp"

namespace mcq::monitor {

/// Counted since the interface is served.
template <Family F>
struct Statistics {
  using PerVersion = std::array<std::uint64_t, static_cast<std::size_t>(F::kNewest)>;
  std::uint64_t general_queries_sent = 0, specific_queries_sent = 0;
  PerVersion queries{}, reports{};  ///< received, from version 1 on
  std::uint64_t leaves = 0;
  std::uint64_t elections_lost = 0, role_changes = 0;
};

/// A querier whose General Queries we hear.
template <Family F>
struct OtherQuerier {
  typename F::Address address{};
  MacAddress mac{};
  typename F::Version version{};
  Duration query_interval{};     ///< as advertised; 0 when not
  std::uint8_t robustness = 0;   ///< the same
  Duration measured_interval{};  ///< between its last two queries; 0 before the second
  TimePoint last_query{};
  std::uint64_t queries = 0;
  std::uint64_t undue = 0;  ///< those that it sent although it should have heard ours
};

// Packets that came faster than we could take them in.
inline constexpr std::string_view kReportsShed = "receive buffer full";
inline constexpr std::string_view kQueriesShed = "receive buffer for queries full";
// Faults that keep a querier from doing its work.
inline constexpr std::string_view kCannotOpen = "cannot open the socket";
inline constexpr std::string_view kCannotSend = "cannot send";
inline constexpr std::string_view kCannotReceive = "cannot receive";
inline constexpr std::string_view kHostUnreachable = "cannot reach programs on this host";
/// Another process of this machine asks on the same interface.
inline constexpr std::string_view kServedTwice = "interface served twice";
/// Another program of this machine sends General Queries from our address.
inline constexpr std::string_view kAskedBeside = "another querier on this machine";
/// Another querier above us asks although we do.
inline constexpr std::string_view kDoesNotYield = "other querier does not yield";
/// Others send far more General Queries than any election or beat needs.
inline constexpr std::string_view kQueryStorm = "query storm";
/// HostTable is full.
inline constexpr std::string_view kTooManyOnLink = "too many hosts on the link";

/// Watches a querier: counts what happens, remembers what status tells of it, and tells the log and
/// the event stream. Decides nothing.
template <Family F>
class LinkMonitor {
 public:
  using Address = typename F::Address;
  using Querier = core::Querier<F>;

  LinkMonitor(std::string interface, Random random, EventPublisher& publisher, TimePoint now);

  /// "eth0", "eth0 (MLD)"
  const std::string& name() const { return name_; }

  // What the edge has seen.
  /// `is_own`: this host has sent it.
  void received(const wire::Packet<F>& packet, const MacAddress& sender, bool is_own = false);
  void dropped(std::string_view reason, const MacAddress& sender, TimePoint now);
  /// The kernel had no room for so many packets.
  void shed(std::string_view reason, std::size_t packets, TimePoint now);
  void failed(std::string_view reason, Priority priority, const std::string& what, TimePoint now);
  void waiting(const std::string& reason, TimePoint now);
  void address_changed(const Address& address, TimePoint now);
  /// The link went away, or hosts are not to be known any more.
  void forget_hosts() { hosts_.clear(); }
  void no_longer_served() const;

  // What the core made of it. `received` came before.
  void performed(const core::RoleChanged<F>& changed, const std::string& waiting_for,
                 TimePoint now);
  void performed(const core::SendQuery<F>& sent, const Querier& querier, TimePoint now);
  void performed(const core::BurstBegan& burst, const Querier&, TimePoint now);
  void performed(const core::MembershipChanged<F>& changed, const Querier& querier, TimePoint now);
  void performed(const core::HostChanged<F>& changed, const Querier&, TimePoint);
  void performed(const core::MemberLost<F>& lost, const Querier& querier, TimePoint now);
  void performed(const core::Noticed<F>& noticed, const Querier&, TimePoint now);
  /// A message from `sender` was taken in, unless a Noticed has refused it.
  void taken_in(const wire::Packet<F>& packet, const Querier& querier,
                const core::Settings<F>& settings, TimePoint now);

  /// Of the packet at hand.
  const MacAddress& sender() const { return sender_; }
  const Statistics<F>& statistics() const { return statistics_; }
  const FaultCounters& drops() const { return drops_; }
  const FaultCounters& faults() const { return faults_; }
  const core::HostTable<F>& hosts() const { return hosts_; }
  /// The one that was elected last.
  const OtherQuerier<F>& other_querier() const { return other_; }
  /// Whether it happened with the last General Query, or since.
  bool persists(std::string_view fault) const;
  /// One above us that asks although we do; null unless it has done so of late.
  const OtherQuerier<F>* rival(TimePoint now) const;
  /// The MAC address of the last that used our own; none when that is long ago.
  std::optional<MacAddress> duplicate(TimePoint now) const;
  TimePoint since() const { return since_; }
  TimePoint role_since() const { return role_since_; }
  /// Whether the role changes so often that somebody must look.
  bool is_flapping(TimePoint now) const;

  static constexpr std::size_t kFlaps = 6;  ///< elections lost or won within an hour
  static constexpr int kStorm = 100;        ///< queries of others within a second

 private:
  EventRecord record(EventKind kind, Priority priority, const std::string& message) const;
  bool announce(EventRecord record, TimePoint now);
  void group_ended(const Address& group, TimePoint now);
  void tell(const FaultCounters& fault_counts, std::string_view reason, EventRecord record);
  void heard_general_query(const Address& source, const Query<F>& query, const Querier& querier,
                           TimePoint now);
  void watch_for_storm(const Address& source, TimePoint now);
  void complain(std::string_view fault, const Address& querier, const char* what, TimePoint now);
  bool is_answer(const wire::Packet<F>& packet, const Querier& querier) const;
  void heard_member(const wire::Packet<F>& packet, const Querier& querier, TimePoint now);
  void querier_changed(const Address& querier, TimePoint now);

  std::string interface_, name_;
  EventPublisher& publisher_;
  Statistics<F> statistics_;
  FaultCounters drops_, faults_;
  core::HostTable<F> hosts_;
  OtherQuerier<F> other_, rival_;
  std::map<EventKind, RateLimit> limits_;
  TimePoint since_, role_since_;
  std::array<TimePoint, kFlaps>
      elections_{};  ///< the last ones that changed our role, oldest first
  // Of the group that ends next.
  std::size_t lost_members_ = 0;
  core::MemberLost<F> last_lost_{};  ///< the one that reported last
  MacAddress sender_{};              ///< of the packet at hand
  bool is_refused_ = false;          ///< the packet at hand
  bool is_own_ = false;              ///< the same: this host has sent it
  std::optional<MacAddress> duplicate_;
  TimePoint second_began_{};  ///< the second at hand of watch_for_storm
  int queries_of_the_second_ = 0;
};

extern template class LinkMonitor<Igmp>;
extern template class LinkMonitor<Mld>;

}  // namespace mcq::monitor
