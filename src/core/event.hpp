#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/family.hpp"
#include "core/settings.hpp"
#include "core/topology_queries.hpp"
#include "wire/message.hpp"

namespace mcq::core {

/// The link as the querier needs it.
template <Family F>
struct Link {
  bool up = false;             ///< whether packets can be sent and received
  typename F::Address self{};  ///< our address in the election; unspecified without one
  std::vector<typename F::Prefix> subnets{};  ///< subnets of the interface
  std::uint32_t mtu = 1500;                   ///< bytes of the longest IP packet
  bool operator==(const Link&) const = default;
};

// Events: the input of a querier.

struct Tick {};  ///< Querier::deadline() has passed

/// A query was received.
template <Family F>
struct QueryReceived {
  typename F::Address source, destination;
  Query<F> query;
};

/// A report of IGMPv1, IGMPv2 or MLDv1 was received.
template <Family F>
struct ReportReceived {
  typename F::Address source;
  Report<F> report;
};

/// An IGMPv2 Leave Group or MLDv1 Done was received. For the unspecified group: a switch solicits a
/// General Query after a change of the topology.
template <Family F>
struct LeaveReceived {
  typename F::Address source;
  Leave<F> leave;
};

/// A record of an IGMPv3 or MLDv2 report was received.
template <Family F>
struct RecordReceived {
  typename F::Address source;
  Record<F> record;
};

/// A BPDU with the topology change flag was received.
struct BpduReceived {};

/// A message of Multicast Router Discovery was received.
template <Family F>
struct RouterMessageReceived {
  typename F::Address source, destination;
  RouterMessage message;
};

/// The link is now as given.
template <Family F>
struct LinkChanged {
  Link<F> link;
};

/// A query that step() returned could not be sent.
template <Family F>
struct QueryFailed {
  Query<F> query;
};

/// A General Query is to be sent at once.
struct QueryRequested {};

/// The querier ends; no other event may follow.
struct Stopped {};

/// The settings are now as given.
template <Family F>
struct SettingsChanged {
  Settings<F> settings;
};

template <Family F>
using Event = std::variant<Tick, QueryReceived<F>, ReportReceived<F>, LeaveReceived<F>,
                           RecordReceived<F>, BpduReceived, LinkChanged<F>, SettingsChanged<F>,
                           QueryRequested, QueryFailed<F>, RouterMessageReceived<F>, Stopped>;

// Actions: the output of a querier.

enum class Role : std::uint8_t {
  kWaiting,     ///< no link or no address
  kQuerier,     ///< we query
  kNonQuerier,  ///< a querier with a lower address queries
};

constexpr std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, 3> kWords{"waiting", "querier", "non-querier"};
  return kWords[static_cast<std::size_t>(role)];
}

enum class Cause : std::uint8_t {
  kLinkUp,           ///< the link went up
  kLinkDown,         ///< the link went down
  kNoAddress,        ///< our last address was removed
  kAddressChanged,   ///< our address became lower or higher than that of the other querier
  kLowerQuerier,     ///< a query came from an address lower than ours
  kQuerierSilent,    ///< no such query came for the Other Querier Present Interval
  kSettingsChanged,  ///< proxy mode was switched
};

constexpr std::string_view to_string(Cause cause) {
  constexpr std::array<std::string_view, 7> kWords{
      "link up",       "link down",      "no address",      "address changed",
      "lower querier", "querier silent", "settings changed"};
  return kWords[static_cast<std::size_t>(cause)];
}

template <Family F>
struct RoleChanged {
  Role to{};
  Cause cause{};
  typename F::Address querier{};  ///< the elected querier; unspecified while waiting
  bool operator==(const RoleChanged&) const = default;
};

/// The startup burst begins.
struct BurstBegan {
  int queries = 0;  ///< in the burst, unless the role is lost before
  bool operator==(const BurstBegan&) const = default;
};

/// A change of the topology begins a pair of General Queries.
template <Family F>
struct TopologyChanged {
  TopologySign sign{};
  typename F::Address from{};  ///< source of the packet that is the sign; unspecified for kBpdu
  bool operator==(const TopologyChanged&) const = default;
};

/// Returns a General Query of the configured version with the values it advertises to other
/// queriers (RFC 9776 §4.1.6, §4.1.7). The caller sets the group and the response time.
template <Family F>
Query<F> query_as_configured(const Settings<F>& settings) {
  Query<F> query{.version = settings.version};
  if (settings.version == F::kNewest) {
    query.query_interval = settings.query_interval.get();
    query.robustness = static_cast<std::uint8_t>(settings.robustness.get());
  }
  return query;
}

template <Family F>
struct SendQuery {
  typename F::Address source, destination;
  Query<F> query;
  bool operator==(const SendQuery&) const = default;
};

template <Family F>
struct SendRouterMessage {
  typename F::Address source, destination;
  RouterMessage message;
  bool operator==(const SendRouterMessage&) const = default;
};

/// A change of membership (RFC 9776 §6.3).
enum class Change : std::uint8_t {
  kGroupAdded,     ///< the group has its first member, the last reporter
  kGroupRemoved,   ///< the group has no member left
  kSourceRemoved,  ///< no member requests this source any more
};

template <Family F>
struct MembershipChanged {
  Change change{};
  typename F::Address group{};
  typename F::Address source{};    ///< of kSourceRemoved; else unspecified
  typename F::Address reporter{};  ///< of kGroupAdded; else unspecified
  bool operator==(const MembershipChanged&) const = default;
};

/// A host joined or left a group. Only with explicit tracking, and neither for the host of
/// kGroupAdded nor for those a group still has at kGroupRemoved.
template <Family F>
struct HostChanged {
  bool listens = false;  ///< false: it left, or did not report for the membership interval
  typename F::Address group{};
  typename F::Address host{};
  bool operator==(const HostChanged&) const = default;
};

/// A member of a group that expired without a leave: no report came for the membership interval.
/// Precedes kGroupRemoved. Only with explicit tracking.
template <Family F>
struct MemberLost {
  typename F::Address group{};
  typename F::Address host{};
  TimePoint last_report{};
  bool operator==(const MemberLost&) const = default;
};

/// A fact about a received message to count and to log.
enum class Notice : std::uint8_t {
  kProxyQuery,        ///< dropped: from the unspecified address (RFC 4541 §2.1.1)
  kForeignSubnet,     ///< dropped: the source is on no subnet of ours
  kUnicastQuery,      ///< dropped: sent to a unicast address
  kWrongDestination,  ///< dropped: a General Query to a group other than all-nodes
  kDuplicateAddress,  ///< dropped: sent from our own address
  kIgnoredQuerier,    ///< dropped: listed in ignored-queriers
  kRogueRefused,      ///< dropped: would win the election, against the settings
  kRogueQuerier,      ///< wins the election, and is not trusted
  kLongSilence,       ///< wins, but advertises a longer silence than allowed
  kOtherVersion,      ///< of another version than the configured one (RFC 9776 §7.3.1)
  kOtherSettings,     ///< a querier that loses advertises other settings (RFC 9776 §8)
  kOlderHost,         ///< from a host of an older version: its group falls back to that
  kOlderReport,       ///< dropped: a report of an older version, against the settings
  kForeignReport,     ///< dropped: a report whose source is on no subnet of ours
  kAnySource,         ///< dropped: source-specific group, no sources (RFC 9776 §6.3)
  kTooManyGroups,     ///< dropped: the table has max-groups groups
  kTooManySources,    ///< dropped: the group, or the table, has no room for the sources
  kTooManyHosts,      ///< not tracked: the group, or the table, has no room for the host
  kNotFollowedUp,     ///< a leave is not followed by queries: the query budget is spent
  kBadRouterMessage,  ///< dropped: a foreign source, or another group (RFC 4286 §4.4, §7)
};
inline constexpr std::size_t kNoticeCount = 20;

constexpr std::string_view to_string(Notice notice) {
  constexpr std::array<std::string_view, kNoticeCount> kWords{
      "proxy query",           "foreign subnet",        "unicast query",
      "wrong destination",     "duplicate address",     "ignored querier",
      "rogue querier refused", "rogue querier",         "long silence",
      "other version",         "other settings",        "older host",
      "older report",          "foreign report",        "source-specific group without sources",
      "too many groups",       "too many sources",      "too many hosts",
      "leave not followed up", "router message refused"};
  return kWords[static_cast<std::size_t>(notice)];
}

/// Whether a message with this notice is dropped as a whole.
constexpr bool refuses_message(Notice notice) {
  switch (notice) {
    case Notice::kProxyQuery:
    case Notice::kForeignSubnet:
    case Notice::kUnicastQuery:
    case Notice::kWrongDestination:
    case Notice::kDuplicateAddress:
    case Notice::kIgnoredQuerier:
    case Notice::kRogueRefused:
    case Notice::kOlderReport:
    case Notice::kForeignReport:
    case Notice::kBadRouterMessage:
      return true;
    case Notice::kRogueQuerier:
    case Notice::kLongSilence:
    case Notice::kOtherVersion:
    case Notice::kOtherSettings:
    case Notice::kOlderHost:
    case Notice::kAnySource:
    case Notice::kTooManyGroups:
    case Notice::kTooManySources:
    case Notice::kTooManyHosts:
    case Notice::kNotFollowedUp:
      return false;
  }
  return false;
}

/// Whether a message with this notice is dropped as a whole or in part.
constexpr bool refuses_part(Notice notice) {
  return refuses_message(notice) || notice == Notice::kAnySource ||
         notice == Notice::kTooManyGroups || notice == Notice::kTooManySources;
}

template <Family F>
struct Noticed {
  Notice notice{};
  typename F::Address from{};
  Duration silence{};  ///< kLongSilence only: the silence that the querier advertises
  bool operator==(const Noticed&) const = default;
};

template <Family F>
using Action =
    std::variant<SendQuery<F>, RoleChanged<F>, BurstBegan, TopologyChanged<F>, MembershipChanged<F>,
                 HostChanged<F>, MemberLost<F>, Noticed<F>, SendRouterMessage<F>>;
template <Family F>
using Actions = std::vector<Action<F>>;

}  // namespace mcq::core
