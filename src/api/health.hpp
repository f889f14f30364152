#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "core/event.hpp"
#include "instance/wait_reason.hpp"

namespace mcq::api {

/// What can be the matter with a querier, as far as it can know.
struct LinkCondition {
  std::string name;  ///< "eth0", "eth0 (MLD)"
  core::Role role{};
  instance::WaitReason wait_reason{};  ///< while the role is kWaiting
  std::string address;                 ///< ours
  std::string querier;                 ///< the elected one's
  bool proxy = false;

  // What has gone wrong of late.
  bool cannot_send = false;
  bool cannot_receive = false;
  bool served_twice = false;  ///< by another process of this machine too
  bool asked_beside = false;  ///< another program of this machine asks from our address
  bool host_unreachable = false;
  bool too_many_groups = false, too_many_sources = false;  ///< some were refused
  bool flapping = false;
  bool rogue = false;     ///< a querier would win that should not
  std::string duplicate;  ///< the MAC address of one that uses ours; empty when none
  std::string rival;      ///< who asks although our address is lower; empty when nobody

  // Of the other querier, while we stand by.
  Duration query_interval{};  ///< the longer of what it advertises and what was measured
  Duration query_due{};       ///< longest time between two of its queries, as far as is known
  Duration silence{};         ///< since its last General Query
  Duration takeover{};        ///< until we take over unless it asks again
  bool tracks_hosts = true;
  std::size_t groups = 0, hosts = 0;

  // While we are the querier; core::HostTable::Census.
  std::size_t answering = 0, silent = 0, never_answered = 0;
  std::vector<std::string> silent_hosts{};  ///< some of the silent ones
};

/// Whether streams stay alive, in one line for people. If not: the first thing to look at, and what
/// to do about it.
struct Verdict {
  bool healthy = true;
  std::string text;
  bool operator==(const Verdict&) const = default;
};

Verdict judge(const LinkCondition& condition);

}  // namespace mcq::api
