#include "diagnose/bridge_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "text/printable.hpp"

namespace mcq::diagnose::bridge_rules {
namespace {

using core::Role;

constexpr Duration kUsualMemory = 260s, kUsualQuerierMemory = 255s;  ///< defaults of the kernel

/// The longest time between two reports of a host that answers each query.
Duration longest_gap(const ServiceEvidence& s) {
  return s.role == Role::kQuerier ? s.own_interval + s.own_response : s.query_due;
}

/// "sudo ip link set br0 type bridge NAME 26000": at least `usual`, and room for a lost query.
std::string set_time(const ServiceEvidence& s, const char* name, Duration usual) {
  const auto time = std::max(usual, 3 * longest_gap(s));
  return fmt::format("sudo ip link set {} type bridge {} {}", s.interface, name, time / 10ms);
}

}  // namespace

void forgets(const Rule& rule, const ServiceEvidence& s, std::vector<Finding>& findings) {
  if (!s.bridge || !s.bridge->snoops || s.role == Role::kWaiting) return;
  const auto gap = longest_gap(s);
  if (s.bridge->membership_interval < gap) {
    add(findings, rule, s.protocol,
        fmt::format("its bridge forgets members after {}, and their reports are up to {} apart",
                    in_seconds(s.bridge->membership_interval), in_seconds(gap)),
        set_time(s, "mcast_membership_interval", kUsualMemory));
  } else if (s.bridge->querier_interval < gap) {
    auto risk = rule;
    risk.severity = Severity::kRisk;
    add(findings, risk, s.protocol,
        fmt::format("its bridge forgets the querier after {}, and queries are up to {} apart: it "
                    "floods in between",
                    in_seconds(s.bridge->querier_interval), in_seconds(gap)),
        set_time(s, "mcast_querier_interval", kUsualQuerierMemory));
  }
}

void without_querier(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& interface : survey.interfaces) {
    const auto& name = interface.link.name;
    if (!interface.bridge || !interface.bridge->snoops || interface.bridge->has_querier) continue;
    const auto* lan = survey.find_lan(name);
    if (lan == nullptr || interface.ports == 0) continue;
    if (!lan->igmp.queriers.empty() || interface.bridge->querier) continue;
    const bool has_members = interface.first_joined(false) || lan->igmp.reports > 0;
    if (!has_members || lan->igmp.observed < kLongestQueryInterval) continue;
    add(findings, rule, name,
        fmt::format("this bridge snoops on {}, and nobody queries: it forgets members as soon as a "
                    "querier has come and gone, and so does a switch behind it",
                    text::counted(interface.ports, "port")),
        "sudo igmp-querier -i " + name, name);
  }
}

void unspecified_querier(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& interface : survey.interfaces) {
    const auto& name = interface.link.name;
    const auto& bridge = interface.bridge;
    const bool may_query = bridge && bridge->snoops && bridge->has_querier && interface.link.up;
    if (!may_query || bridge->uses_own_address) continue;
    add(findings, rule, name,
        "this bridge queries from 0.0.0.0: some hosts and switches ignore that",
        fmt::format("sudo ip link set {} type bridge mcast_query_use_ifaddr 1", name), name);
  }
}

void querier_competes(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& interface : survey.interfaces) {
    const auto& name = interface.link.name;
    const auto* lan = survey.find_lan(name);
    if (!interface.bridge || !interface.bridge->has_querier || lan == nullptr) continue;
    const auto& queriers = lan->igmp.queriers;
    const auto other = std::find_if(queriers.begin(), queriers.end(), [&](const auto& querier) {
      return querier.mac != to_string(interface.link.mac);
    });
    if (other == queriers.end()) continue;
    add(findings, rule, name,
        fmt::format("the querier of this bridge is on, and {} queries as well", other->address),
        fmt::format("sudo ip link set {} type bridge mcast_querier 0", name), name);
  }
}

}  // namespace mcq::diagnose::bridge_rules
