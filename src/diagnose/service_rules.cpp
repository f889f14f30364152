#include "diagnose/service_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "base/family.hpp"
#include "text/printable.hpp"

namespace mcq::diagnose::service_rules {
namespace {

using core::WaitReason;

constexpr std::size_t kNamed = 3;       ///< hosts that a sentence names
constexpr std::size_t kFewQueries = 3;  ///< without a report: that may be chance
constexpr const char* kLog = "the log says why (journalctl -u igmp-querier)";

bool waits_for(const ServiceEvidence& service, WaitReason reason) {
  return service.role == core::Role::kWaiting && service.wait_reason == reason;
}

/// The row with another severity, where this evidence proves less or more than a capture does.
Rule as(Severity severity, Rule rule) {
  rule.severity = severity;
  return rule;
}

/// The time since the last query is the least that the interval can be.
Duration interval(const ServiceEvidence& s) { return std::max(s.query_interval, s.silence); }

bool is_gone(const ServiceEvidence& s) { return is_overdue(s) && s.silence >= kSwitchMemory; }

// One silent host, or a few among many, may have been switched off. Those that have never answered
// joined all the same, so reports get through, and queries or answers do not.

bool does_nobody_answer(const ServiceEvidence& s) { return s.answering == 0 && s.silent > 0; }

bool may_be_switched_off(const ServiceEvidence& s) {
  return s.silent == 1 && s.never_answered == 0;
}

bool are_queries_lost(const ServiceEvidence& s) {
  return !does_nobody_answer(s) && s.never_answered > 1 && s.never_answered >= s.answering;
}

}  // namespace

void no_interface(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!waits_for(s, WaitReason::kInterface)) return;
  add(findings, rule, s.protocol, "waiting for the interface to appear",
      "check its name and driver (ip link)");
}

void no_ethernet(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!waits_for(s, WaitReason::kEthernet)) return;
  add(findings, rule, s.protocol, "waiting for an Ethernet interface of that name",
      "name the interface of the LAN (ip link)");
}

void port_of_bridge(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!waits_for(s, WaitReason::kUpperDevice)) return;
  add(findings, rule, s.protocol, "waiting for its bridge or bond to let it go",
      "name that bridge or bond instead (ip link)");
}

void vlan_interface(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!waits_for(s, WaitReason::kVlanDevice)) return;
  add(findings, rule, s.protocol, "waiting for the interface of this VLAN to be deleted",
      "name that interface instead of the VLAN of the trunk (ip -d link)");
}

void paused(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!waits_for(s, WaitReason::kPause)) return;
  add(findings, rule, s.protocol, "waiting for soak to end its measurement",
      "queries go on when it ends");
}

void no_link(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!waits_for(s, WaitReason::kLink)) return;
  add(findings, rule, s.protocol, "no link", "check cable and switch port");
}

void no_socket(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!waits_for(s, WaitReason::kReceiver)) return;
  add(findings, rule, s.protocol, "cannot open its sockets", kLog);
}

void no_address(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (waits_for(s, WaitReason::kIpv4Address)) {
    add(findings, rule, s.protocol, "no IPv4 address to query from",
        "add one to the interface, or use --proxy");
  } else if (waits_for(s, WaitReason::kLinkLocalAddress)) {
    add(findings, rule, s.protocol, "no IPv6 link-local address to query from",
        "enable IPv6 on the interface");
  } else if (waits_for(s, WaitReason::kSourceAddress)) {
    add(findings, rule, s.protocol, "the interface does not have the configured source-address",
        "add it to the interface, or change source-address");
  }
}

void cannot_send(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.cannot_send) add(findings, rule, s.protocol, "cannot send queries", kLog);
}

void served_twice(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!s.served_twice) return;
  add(findings, rule, s.protocol,
      "another igmp-querier on this machine serves this interface as well", "stop one of the two");
}

void asked_beside(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!s.asked_beside) return;
  add(findings, rule, s.protocol,
      "another querier on this machine sends queries from our address " + s.address,
      "stop one of the two");
}

void cannot_receive(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.cannot_receive) add(findings, rule, s.protocol, "some reports were not received", kLog);
}

void cannot_hold(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.not_held.empty()) return;
  const auto groups = text::some_of(s.not_held, s.not_held.size(), kNamed);
  const bool is_one = s.not_held.size() == 1;
  add(findings, rule, s.protocol,
      fmt::format("{} {} to be held, and could not be joined", groups, is_one ? "is" : "are"),
      std::string{s.protocol == Igmp::kName ? "sudo sysctl net.ipv4.igmp_max_memberships=200; "
                                            : ""} +
          kLog);
}

void table_full(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.too_many_groups) {
    add(findings, rule, s.protocol, "groups were refused, the table is full", "raise max-groups");
  }
  if (s.too_many_sources) {
    add(findings, rule, s.protocol, "sources were refused",
        "raise max-sources-per-group, or max-groups (the log says more)");
  }
}

void own_host_unreachable(const Rule& rule, const ServiceEvidence& s,
                          std::vector<Finding>& findings) {
  if (s.host_unreachable) {
    add(findings, rule, s.protocol, "programs on this host do not receive the queries",
        "have its firewall accept them (nft list ruleset); " + std::string{kLog});
  } else if (s.own_host_silent) {
    add(findings, rule, s.protocol,
        "programs on this host joined, and this host does not answer the queries",
        fmt::format("have its firewall accept {} (nft list ruleset)", s.protocol));
  }
}

void duplicate_address(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.duplicate.empty()) return;
  add(findings, rule, s.duplicate, fmt::format("uses our address {} as well", s.address),
      "give one of the two another");
}

void rogue_querier(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!s.rogue) return;
  add(findings, rule, s.protocol,
      fmt::format("there is a rogue querier, and {}",
                  s.role == core::Role::kQuerier ? "we keep querying" : "we yield to it"),
      "turn it off, or add it to trusted-queriers (the log says who it is)");
}

void two_queriers(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.rival.empty()) return;
  add(findings, rule, s.rival,
      fmt::format("({}) queries although our address {} is lower: it does not receive our queries, "
                  "or does not yield",
                  s.rival_mac, s.address),
      "turn one of the two queriers off");
}

void querier_gone(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!is_overdue(s)) return;
  add(findings, is_gone(s) ? rule : as(Severity::kRisk, rule), s.querier,
      fmt::format(
          "is the querier but has not queried for {}; we take over in {}{}", in_seconds(s.silence),
          in_seconds(s.takeover),
          is_gone(s) ? ", and switches forget members after " + in_seconds(kSwitchMemory) : ""),
      "check whether it still runs");
}

void slow_querier(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (is_gone(s) || interval(s) < kSwitchMemory) return;
  add(findings, rule, s.querier,
      fmt::format("is the querier but queries only every {}, and switches forget members after {}",
                  in_seconds(interval(s)), in_seconds(kSwitchMemory)),
      "lower its query interval to at most " + in_seconds(kSafeInterval));
}

void long_interval(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.query_interval <= kSafeInterval || interval(s) >= kSwitchMemory) return;
  add(findings, rule, s.querier,
      fmt::format("queries every {}: one lost query is enough for a switch that forgets after {}",
                  in_seconds(s.query_interval), in_seconds(kSwitchMemory)),
      "lower its query interval to at most " + in_seconds(kSafeInterval));
}

void flapping(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!s.flapping) return;
  add(findings, as(Severity::kProblem, rule), s.protocol,
      "many elections were lost and won within the last hour",
      "look for a querier that comes and goes (journalctl -u igmp-querier)");
}

void nobody_answers(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!does_nobody_answer(s)) return;
  add(findings, may_be_switched_off(s) ? as(Severity::kRisk, rule) : rule, s.protocol,
      fmt::format("no host has answered the last two queries, and {} not left ({})",
                  text::counted(s.silent, "host") + (s.silent == 1 ? " has" : " have"),
                  text::some_of(s.silent_hosts, s.silent, kNamed)),
      "look whether queries get through the switch to the hosts");
}

void queries_lost(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!are_queries_lost(s)) return;
  add(findings, rule, s.protocol,
      fmt::format("{} hosts that have joined answer no query, and only {} ({})", s.never_answered,
                  text::counted(s.answering, "other") + (s.answering == 1 ? " does" : " do"),
                  text::some_of(s.silent_hosts, s.silent, kNamed)),
      "look whether queries get through the switch to all hosts");
}

void mute_host(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (does_nobody_answer(s) || are_queries_lost(s)) return;
  for (const auto& host : s.silent_hosts) {
    add(findings, as(Severity::kRisk, rule), host,
        "has not answered the last two General Queries and has not left",
        "look at its firewall and its switch port, unless it was switched off");
  }
}

void ended_without_leave(const Rule& rule, const ServiceEvidence& s,
                         std::vector<Finding>& findings) {
  for (const auto& ended : s.ended) {
    const auto ago = std::chrono::round<std::chrono::seconds>(ended.ago).count();
    add(findings, rule, ended.group,
        fmt::format("ended {}:{:02} ago: {} stopped answering without leaving", ago / 60, ago % 60,
                    text::some_of(ended.hosts, ended.hosts_count, kNamed)),
        "look at its firewall and its switch port, unless it was switched off");
  }
}

void no_members(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (s.unheard < kFewQueries || s.silent > 0) return;
  add(findings, rule, s.protocol,
      fmt::format("no host has reported a group after the last {} queries", s.unheard),
      "look whether this is the interface of the LAN with the receivers");
}

}  // namespace mcq::diagnose::service_rules
