#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/family.hpp"
#include "core/settings.hpp"
#include "wire/message.hpp"

namespace mcq::core {

/// What the querier has to know of its link.
template <Family F>
struct Link {
  bool up = false;             ///< packets can be sent and received
  typename F::Address self{};  ///< our address in the election; unspecified while there is none
  std::vector<typename F::Prefix> subnets{};  ///< those of the interface
  std::uint32_t mtu = 1500;                   ///< octets of the longest IP packet
  bool operator==(const Link&) const = default;
};

// What happens to a querier.

struct Tick {};  ///< the deadline has passed

template <Family F>
struct QueryHeard {
  typename F::Address source, destination;
  Query<F> query;
};

/// A report of IGMPv1, IGMPv2 or MLDv1.
template <Family F>
struct ReportHeard {
  typename F::Address source;
  Report<F> report;
};

template <Family F>
struct LeaveHeard {
  typename F::Address source;
  Leave<F> leave;
};

/// A record of an IGMPv3 or MLDv2 report.
template <Family F>
struct RecordHeard {
  typename F::Address source;
  Record<F> record;
};

template <Family F>
struct LinkChanged {
  Link<F> link;
};

/// A query that step() returned could not be sent.
template <Family F>
struct QueryFailed {
  Query<F> query;
};

/// Somebody wants a General Query now.
struct QueryRequested {};

template <Family F>
struct SettingsChanged {
  Settings<F> settings;
};

template <Family F>
using Event = std::variant<Tick, QueryHeard<F>, ReportHeard<F>, LeaveHeard<F>, RecordHeard<F>,
                           LinkChanged<F>, SettingsChanged<F>, QueryRequested, QueryFailed<F>>;

// What a querier wants done.

enum class Role : std::uint8_t {
  kWaiting,     ///< for a link or an address
  kQuerier,     ///< we ask
  kNonQuerier,  ///< a lower address asks
};

constexpr std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, 3> kWords{"waiting", "querier", "non-querier"};
  return kWords[static_cast<std::size_t>(role)];
}

enum class Cause : std::uint8_t {
  kLinkUp,           ///< the link can be used
  kLinkDown,         ///< it cannot
  kNoAddress,        ///< our last address went away
  kAddressChanged,   ///< our address moved below, or above, that of the other querier
  kLowerQuerier,     ///< a query from an address below ours
  kQuerierSilent,    ///< no such query for the other-querier-present interval
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
  typename F::Address querier{};  ///< the elected one; unspecified while waiting
  bool operator==(const RoleChanged&) const = default;
};

/// The startup burst begins: so many queries follow, unless the role is lost.
struct BurstBegan {
  int queries = 0;
  bool operator==(const BurstBegan&) const = default;
};

/// A query of the version that is configured, with what that advertises to other queriers
/// (RFC 9776 §4.1.6, §4.1.7). Whom it asks, and in which time, is still to be said.
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

/// What becomes of membership (RFC 9776 §6.3).
enum class Change : std::uint8_t {
  kGroupAdded,     ///< somebody listens to the group: its last reporter
  kGroupRemoved,   ///< nobody does any more
  kSourceRemoved,  ///< nobody asks for this source any more
};

template <Family F>
struct MembershipChanged {
  Change change{};
  typename F::Address group{};
  typename F::Address source{};    ///< of kSourceRemoved; else unspecified
  typename F::Address reporter{};  ///< of kGroupAdded; else unspecified
  bool operator==(const MembershipChanged&) const = default;
};

/// What becomes of the hosts behind a group, where they are tracked. The first of them comes with
/// kGroupAdded, the last ones go with kGroupRemoved.
template <Family F>
struct HostChanged {
  bool listens = false;  ///< false: it does no more, or has fallen silent
  typename F::Address group{};
  typename F::Address host{};
  bool operator==(const HostChanged&) const = default;
};

/// A group ends, as kGroupRemoved tells next, because nobody has reported it for the membership
/// interval: a member that has not left. Only where hosts are tracked.
template <Family F>
struct MemberLost {
  typename F::Address group{};
  typename F::Address host{};
  TimePoint last_report{};
  bool operator==(const MemberLost&) const = default;
};

/// What is worth counting and telling about a message that was heard.
enum class Notice : std::uint8_t {
  kProxyQuery,        ///< dropped: from the unspecified address (RFC 4541 §2.1.1)
  kForeignSubnet,     ///< dropped: its source is on no subnet of ours
  kUnicastQuery,      ///< dropped: sent to one host alone
  kWrongDestination,  ///< dropped: a General Query to a group that is not all-nodes
  kDuplicateAddress,  ///< dropped: it comes from our own address
  kIgnoredQuerier,    ///< dropped: the settings have it ignored
  kRogueRefused,      ///< dropped: it would win, and the settings forbid it
  kRogueQuerier,      ///< it wins although it should not
  kLongSilence,       ///< it wins, and announces a longer silence than it is granted
  kOtherVersion,      ///< its version is not the one we are configured for (RFC 9776 §7.3.1)
  kOtherSettings,     ///< a querier above us advertises other settings than ours (RFC 9776 §8)
  kOlderHost,         ///< a host speaks an older version than we: its group falls back to that
  kOlderReport,       ///< dropped: a report of an older version, which the settings forbid
  kForeignReport,     ///< dropped: a report whose source is on no subnet of ours
  kAnySource,         ///< dropped: a source-specific group without sources (RFC 9776 §6.3)
  kTooManyGroups,     ///< dropped: the table holds max-groups
  kTooManySources,    ///< dropped: so do the sources of the group, or of the table
  kTooManyHosts,      ///< not tracked: so do the hosts of the group, or of the table
  kNotFollowedUp,     ///< a leave brings no query: there were too many of late
};
inline constexpr std::size_t kNoticeCount = 19;

constexpr std::string_view to_string(Notice notice) {
  constexpr std::array<std::string_view, kNoticeCount> kWords{
      "proxy query",           "foreign subnet",    "unicast query",
      "wrong destination",     "duplicate address", "ignored querier",
      "rogue querier refused", "rogue querier",     "long silence",
      "other version",         "other settings",    "older host",
      "older report",          "foreign report",    "source-specific group without sources",
      "too many groups",       "too many sources",  "too many hosts",
      "leave not followed up"};
  return kWords[static_cast<std::size_t>(notice)];
}

/// Whether the whole message counts for nothing.
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

/// Whether some of the message counts for nothing.
constexpr bool refuses_part(Notice notice) {
  return refuses_message(notice) || notice == Notice::kAnySource ||
         notice == Notice::kTooManyGroups || notice == Notice::kTooManySources;
}

template <Family F>
struct Noticed {
  Notice notice{};
  typename F::Address from{};
  Duration silence{};  ///< of kLongSilence: how long it may be silent by what it announces
  bool operator==(const Noticed&) const = default;
};

template <Family F>
using Action = std::variant<SendQuery<F>, RoleChanged<F>, BurstBegan, MembershipChanged<F>,
                            HostChanged<F>, MemberLost<F>, Noticed<F>>;
template <Family F>
using Actions = std::vector<Action<F>>;

}  // namespace mcq::core
