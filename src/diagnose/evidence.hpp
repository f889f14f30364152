#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace mcq::diagnose {

/// How long the cheapest switches remember a member.
inline constexpr Duration kSwitchMemory = 260s;

/// An observation that is longer has seen a query if there is a querier: the default of RFC 9776
/// §8.2 is the longest interval of common switches.
inline constexpr Duration kLongestQueryInterval = 128s;

/// When something was seen: the time since observation began, and the number of the frame.
struct Sighting {
  Duration time{};
  std::uint64_t frame = 0;
  bool operator==(const Sighting&) const = default;
};

/// A sender of General Queries.
struct QuerierEvidence {
  std::string address;
  std::string mac;                 ///< empty if unknown
  bool is_unspecified = false;     ///< 0.0.0.0 or ::
  int oldest = 0, newest = 0;      ///< versions of its queries
  std::uint64_t queries = 0;       ///< General Queries
  Sighting first, last;            ///< General Queries
  Duration typical_interval{};     ///< the median of the latest ones; 0 with less than two queries
  Duration longest_interval{};     ///< between two General Queries
  Duration advertised_interval{};  ///< QQIC; 0 if not advertised
  Duration response{};             ///< until the answers to its latest General Query must be here
  bool lacks_router_alert = false;
};

/// A change of the querier: the lowest address wins (RFC 9776 §6.6.2).
struct ElectionEvidence {
  Sighting at;
  std::string before, after;  ///< addresses; `before` is empty for the first querier
  Duration silence{};         ///< of the querier before
};

struct GroupEvidence {
  std::string address;
  std::vector<std::string> hosts;  ///< that have not left, sorted by address
  std::uint64_t reports = 0;
  Sighting first, last;  ///< reports
};

/// A host that is a member of a group.
struct HostEvidence {
  std::string address;
  std::string mac;               ///< empty if unknown
  int version = 0;               ///< of its latest report
  Sighting last;                 ///< report
  std::uint64_t answered = 0;    ///< General Queries
  std::uint64_t unanswered = 0;  ///< the latest General Queries in a row
};

/// A time without a report of a group longer than kSwitchMemory, with members that had not left: a
/// switch that forgets after it has closed the ports by then.
struct ForgottenEvidence {
  std::string group;
  Sighting last_report;
  std::optional<Sighting> back;  ///< the next report; none until the end
};

/// UDP datagrams from one source to one group, without groups that are flooded.
struct StreamEvidence {
  std::string group, source;
  std::string mac;                       ///< of the latest packet; empty if unknown
  std::uint16_t port = 0;                ///< destination of the latest packet
  int ttl = 0;                           ///< the lowest, or hop limit
  std::uint64_t packets = 0, bytes = 0;  ///< of IP
  double packet_rate = 0, bit_rate = 0;  ///< per second, without pauses; 0 with one packet
  Sighting first, last;
};

/// A steady stream to a group with members that ended when switches forget members, with no General
/// Query since their last report.
struct CutEvidence {
  std::string group, source;
  Sighting last_report, last_packet;
};

/// What was dropped, by reason.
struct MalformedEvidence {
  std::string reason;
  std::uint64_t count = 0;
  std::uint64_t first_frame = 0;
};

/// What was seen of one protocol on one link or VLAN.
struct LinkEvidence {
  std::string interface {};           ///< of this host; empty in a capture
  std::string protocol;               ///< "IGMP", "MLD"
  std::optional<std::uint16_t> vlan;  ///< none without a tag
  Duration observed{};                ///< how long
  std::uint64_t queries = 0, reports = 0, leaves = 0;
  std::vector<QuerierEvidence> queriers;  ///< sorted by address
  std::vector<ElectionEvidence> elections;
  std::string querier;  ///< the elected one at the end; empty if none
  std::vector<GroupEvidence> groups;
  std::vector<HostEvidence> hosts;
  std::vector<ForgottenEvidence> forgotten;
  std::vector<StreamEvidence> streams;  ///< sorted by group and source
  std::vector<CutEvidence> cuts;
  std::vector<MalformedEvidence> malformed;
  bool is_cut = false;                     ///< there was more than is followed
  Duration switch_memory = kSwitchMemory;  ///< how long the switch of this link remembers a member
};

}  // namespace mcq::diagnose
