#include "diagnose/rules.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "diagnose/host_rules.hpp"
#include "diagnose/lan_rules.hpp"
#include "diagnose/link_rules.hpp"

namespace mcq::diagnose {
namespace {

using enum Severity;
constexpr std::array kRules{
    Rule{"no-lan-interface", kProblem, "This host has no Ethernet interface to a LAN.",
         host_rules::no_lan_interface},
    Rule{"interface-is-port", kProblem,
         "The interface is a port of a bridge or bond, which receives its packets.",
         host_rules::port_interface},
    Rule{"igmp-filtered-here", kProblem,
         "The firewall of this host drops queries, or the answers to them.",
         host_rules::igmp_filtered_here},
    Rule{"rp-filter-drops", kProblem,
         "This host drops packets of a sender, since the way to it leads over another interface.",
         host_rules::rp_filter_drops},
    Rule{"own-host-mute", kProblem, "This host joined a group and does not answer queries.",
         lan_rules::own_host_mute},
    Rule{"daemon-elsewhere", kProblem,
         "igmp-querier queries on an interface where nobody reports, and the hosts are on another.",
         host_rules::daemon_elsewhere},
    Rule{"bridge-without-querier", kProblem, "A bridge of this host snoops, and nobody queries.",
         host_rules::bridge_without_querier},
    Rule{"no-querier", kProblem, "Hosts report groups, and nobody sends General Queries.",
         link_rules::no_querier, lan_rules::no_querier},
    Rule{"querier-gone", kProblem,
         "The querier has been silent for longer than switches remember, and none has taken over.",
         link_rules::querier_gone},
    Rule{"slow-querier", kProblem,
         "The querier queries less often than switches need to remember members.",
         link_rules::slow_querier},
    Rule{"two-queriers", kProblem,
         "A querier with a higher address goes on: it does not receive the other's queries, or "
         "does not yield.",
         link_rules::two_queriers},
    Rule{"nobody-answers", kProblem,
         "Hosts joined, and none of them answers queries: queries or answers get lost.",
         link_rules::nobody_answers},
    Rule{"mute-host", kProblem,
         "A host joined, does not answer and has not left, while others answer.",
         link_rules::mute_host},
    Rule{"forgotten-group", kProblem,
         "A group with members had no report for longer than switches remember.",
         link_rules::forgotten_group},
    Rule{"joined-elsewhere", kProblem,
         "A group is joined on another interface or VLAN than the one where it flows.",
         lan_rules::joined_elsewhere},
    Rule{"stream-filtered-here", kProblem,
         "A stream that a program joined arrives, and the firewall of this host drops it.",
         host_rules::stream_filtered_here},
    Rule{"silent-sender", kProblem, "The stream that was asked about does not arrive.",
         lan_rules::silent_sender},
    Rule{"memberships-full", kProblem,
         "As many groups are joined as igmp_max_memberships lets one socket join.",
         host_rules::memberships_full},
    Rule{"receive-buffer-full", kProblem,
         "Packets were dropped since a program's receive buffer was full.",
         host_rules::receive_buffer_full},
    Rule{"ipv6-off", kProblem, "IPv6 is off where igmp-querier is to query with MLD.",
         host_rules::ipv6_off},
    Rule{"daemon-stopped", kRisk, "igmp-querier is installed and does not run.",
         host_rules::daemon_stopped},
    Rule{"two-interfaces-one-lan", kRisk, "Two interfaces of this host are on one LAN.",
         host_rules::two_interfaces_one_lan},
    Rule{"wireless-lan", kRisk, "The interface to the LAN is wireless.", host_rules::wireless_lan},
    Rule{"strict-rp-filter", kRisk, "rp_filter is strict on a host with several LANs.",
         host_rules::strict_rp_filter},
    Rule{"memberships-near", kRisk,
         "Nearly as many groups are joined as igmp_max_memberships allows, or more with several "
         "sockets.",
         host_rules::memberships_near},
    Rule{"forced-version", kRisk, "The kernel is told to ignore the version of the querier.",
         host_rules::forced_version},
    Rule{"small-receive-buffer", kRisk, "Receive buffers are small.",
         host_rules::small_receive_buffer},
    Rule{"bridge-unspecified-querier", kRisk, "A bridge of this host queries from 0.0.0.0.",
         host_rules::bridge_unspecified_querier},
    Rule{"bridge-querier-competes", kRisk, "A bridge of this host is a querier beside another one.",
         host_rules::bridge_querier_competes},
    Rule{"foreign-querier", kRisk, "The querier has an address of another subnet.",
         lan_rules::foreign_querier},
    Rule{"version-mismatch", kRisk, "Queriers of one LAN use different versions.",
         link_rules::version_mismatch},
    Rule{"wrong-ttl", kRisk, "Messages have a TTL other than 1.", link_rules::wrong_ttl},
    Rule{"unspecified-querier", kRisk, "Queries come from 0.0.0.0 or ::.",
         link_rules::unspecified_source},
    Rule{"no-router-alert", kRisk, "IGMP queries lack the IP option Router Alert.",
         link_rules::no_router_alert},
    Rule{"long-interval", kRisk, "One lost query is enough for a switch to forget members.",
         link_rules::long_interval},
    Rule{"flapping", kRisk, "The querier changes again and again.", link_rules::flapping},
    Rule{"colliding-group", kNote,
         "Switches flood the group, since it shares its Ethernet address with 224.0.0.0/24.",
         link_rules::colliding_group},
    Rule{"filtered-without-members", kNote,
         "The firewall of this host drops IGMP, and no program has joined a group so far.",
         host_rules::filtered_without_members},
    Rule{"multicast-route", kNote,
         "Multicast is routed to another interface than the default route.",
         host_rules::multicast_route},
    Rule{"unjoined-stream", kNote, "A stream arrives that nobody on this host joined.",
         lan_rules::unjoined_stream},
    Rule{"daemon-unreachable", kNote, "igmp-querier runs, and this user may not ask it.",
         host_rules::daemon_unreachable},
    Rule{"listened-too-short", kNote, "No querier was heard, and the observation was short.",
         lan_rules::too_short},
    Rule{"malformed-message", kNote, "Messages are malformed and were dropped.",
         link_rules::malformed_messages},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

namespace {

/// Appends what a row finds in a link, with the interface of that link.
void judge(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  if (rule.in_link == nullptr) return;
  const auto before = findings.size();
  rule.in_link(rule, link, findings);
  if (findings.size() > before + kMaxFindings) findings.resize(before + kMaxFindings);
  for (auto i = before; i < findings.size(); ++i) findings[i].interface = link.interface;
}

/// A finding that is the cause of others on its interface: they say nothing more.
struct Cause {
  std::string_view id, effect;
};
constexpr std::array kCauses{
    Cause{"igmp-filtered-here", "own-host-mute"},
    Cause{"igmp-filtered-here", "nobody-answers"},
    Cause{"rp-filter-drops", "own-host-mute"},
    Cause{"rp-filter-drops", "nobody-answers"},
    Cause{"own-host-mute", "nobody-answers"},
    Cause{"daemon-elsewhere", "no-querier"},
    Cause{"bridge-without-querier", "no-querier"},
    Cause{"bridge-querier-competes", "two-queriers"},
    Cause{"bridge-unspecified-querier", "unspecified-querier"},
};

bool is_effect(const Finding& finding, const std::vector<Finding>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Finding& other) {
    const bool is_same_place =
        other.id == "daemon-elsewhere" || other.interface == finding.interface;
    return is_same_place && std::any_of(kCauses.begin(), kCauses.end(), [&](const Cause& cause) {
             return cause.id == other.id && cause.effect == finding.id;
           });
  });
}

/// Removes what two kinds of evidence show.
void remove_repeated(std::vector<Finding>& findings) {
  const auto is_same = [](const Finding& a, const Finding& b) {
    return a.id == b.id && a.interface == b.interface && a.subject == b.subject;
  };
  auto end = findings.begin();
  for (auto& finding : findings) {
    const bool is_known = std::any_of(findings.begin(), end,
                                      [&](const Finding& other) { return is_same(other, finding); });
    if (!is_known) *end++ = std::move(finding);
  }
  findings.erase(end, findings.end());
}

bool has_problem(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.severity == kProblem; });
}

bool has(const std::vector<Finding>& findings, std::initializer_list<std::string_view> ids) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return std::find(ids.begin(), ids.end(), finding.id) != ids.end();
  });
}

}  // namespace

std::vector<Finding> judge(const LinkEvidence& link) {
  std::vector<Finding> findings;
  for (const auto& rule : kRules) judge(rule, link, findings);
  return findings;
}

std::vector<Finding> judge(const Survey& survey) {
  std::vector<Finding> findings;
  for (const auto& rule : kRules) {
    for (const auto& lan : survey.lans) {
      judge(rule, lan.igmp, findings);
      judge(rule, lan.mld, findings);
      for (const auto& link : lan.tagged) judge(rule, link, findings);
    }
    if (rule.in_survey == nullptr) continue;
    const auto before = findings.size();
    rule.in_survey(rule, survey, findings);
    if (findings.size() > before + kMaxFindings) findings.resize(before + kMaxFindings);
  }
  remove_repeated(findings);
  const auto all = findings;
  std::erase_if(findings, [&](const Finding& finding) { return is_effect(finding, all); });
  return findings;
}

std::string_view classify(const Survey& survey, const std::vector<Finding>& findings) {
  if (has(findings,
          {"igmp-filtered-here", "stream-filtered-here", "rp-filter-drops", "own-host-mute"})) {
    return "multicast-blocked";
  }
  std::vector<LinkEvidence> links;
  for (const auto& lan : survey.lans) {
    links.push_back(lan.igmp);
    links.push_back(lan.mld);
  }
  const auto& route = survey.multicast_route;
  if (!has_problem(findings) && (route == "lo" || has(findings, {"no-lan-interface"}))) {
    return "single-host-safe";
  }
  return classify(links, findings);
}

std::string_view classify(const std::vector<LinkEvidence>& links,
                          const std::vector<Finding>& findings) {
  if (has(findings, {"no-querier", "bridge-without-querier"})) return "lan-needs-querier";
  if (has_problem(findings)) return "lan-unsafe";
  const bool has_querier = std::any_of(links.begin(), links.end(),
                                       [](const auto& link) { return !link.querier.empty(); });
  return has_querier ? "lan-capable" : "unknown";
}

}  // namespace mcq::diagnose
