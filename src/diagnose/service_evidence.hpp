#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "core/event.hpp"
#include "core/wait_reason.hpp"
#include "os/bridge.hpp"

namespace mcq::diagnose {

/// A group that ended without a leave.
struct EndedGroup {
  std::string group;
  Duration ago{};                  ///< since it ended
  std::vector<std::string> hosts;  ///< some of those that stopped answering
  std::size_t hosts_count = 0;     ///< all of them
};

/// What the daemon knows of an interface and family that it serves.
struct ServiceEvidence {
  std::string interface {};  ///< "eth0"
  std::string name;          ///< "eth0", "eth0 (MLD)"
  std::string protocol;      ///< "IGMP", "MLD"
  core::Role role{};
  core::WaitReason wait_reason{};  ///< while the role is kWaiting
  std::string address;             ///< ours
  std::string querier;             ///< the elected one's
  bool proxy = false;

  // Recent faults; none while waiting.
  bool cannot_send = false;
  bool cannot_receive = false;
  bool served_twice = false;  ///< also by another igmp-querier of this machine
  bool asked_beside = false;  ///< another program of this machine queries from our address
  bool host_unreachable = false;
  bool too_many_groups = false, too_many_sources = false;  ///< some were refused
  bool flapping = false;
  bool rogue = false;     ///< a rogue querier has a lower address
  std::string duplicate;  ///< MAC address of a host that uses our address; empty if none
  /// Another querier that queries although our address is lower, and its MAC address; empty if
  /// none.
  std::string rival, rival_mac;

  // The other querier, in the role non-querier.
  Duration query_interval{};                ///< the longer of advertised and measured
  Duration query_due{};                     ///< longest known time between two of its queries
  Duration silence{};                       ///< since its last General Query
  Duration takeover{};                      ///< until we take over if it sends no query
  Duration own_interval{}, own_response{};  ///< of our queries: the longest between two, to answer
  bool tracks_hosts = true;
  std::size_t groups = 0, hosts = 0;

  // In the role querier: core::HostTable::Census.
  std::size_t answering = 0, silent = 0, never_answered = 0;
  std::vector<std::string> silent_hosts{};  ///< some of the silent ones
  bool own_host_silent = false;             ///< this host joined, and misses the queries
  std::size_t unheard = 0;                  ///< queries without a report, of no known member
  std::vector<EndedGroup> ended;            ///< within the last hour, and not reported since

  std::vector<std::string> not_held{};  ///< groups that are to be held, and could not be joined
  std::optional<os::Bridge> bridge;     ///< that the interface is; none if it is none
};

/// Whether the other querier has been silent for longer than its interval explains.
inline bool is_overdue(const ServiceEvidence& service) {
  return service.role == core::Role::kNonQuerier && service.silence > service.query_due;
}

}  // namespace mcq::diagnose
