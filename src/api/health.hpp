#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "core/event.hpp"
#include "instance/wait_reason.hpp"

namespace mcq::api {

/// The state of a querier that determines its health.
struct LinkCondition {
  std::string name;  ///< "eth0", "eth0 (MLD)"
  core::Role role{};
  instance::WaitReason wait_reason{};  ///< while the role is kWaiting
  std::string address;                 ///< ours
  std::string querier;                 ///< the elected one's
  bool proxy = false;

  // Recent faults.
  bool cannot_send = false;
  bool cannot_receive = false;
  bool served_twice = false;  ///< also by another igmp-querier of this machine
  bool asked_beside = false;  ///< another program of this machine queries from our address
  bool host_unreachable = false;
  bool too_many_groups = false, too_many_sources = false;  ///< some were refused
  bool flapping = false;
  bool rogue = false;     ///< a rogue querier has a lower address
  std::string duplicate;  ///< MAC address of a host that uses our address; empty if none
  std::string rival;  ///< other querier that queries although our address is lower; empty if none

  // The other querier, in the role non-querier.
  Duration query_interval{};  ///< the longer of advertised and measured
  Duration query_due{};       ///< longest known time between two of its queries
  Duration silence{};         ///< since its last General Query
  Duration takeover{};        ///< until we take over if it sends no query
  bool tracks_hosts = true;
  std::size_t groups = 0, hosts = 0;

  // In the role querier: core::HostTable::Census.
  std::size_t answering = 0, silent = 0, never_answered = 0;
  std::vector<std::string> silent_hosts{};  ///< some of the silent ones
};

/// Whether streams stay alive, and a line for people: if they do not, the gravest fault and its
/// remedy.
struct Verdict {
  bool healthy = true;
  std::string text;
  bool operator==(const Verdict&) const = default;
};

Verdict judge(const LinkCondition& condition);

}  // namespace mcq::api
