#include "diagnose/rules.hpp"

#include <algorithm>
#include <array>

#include "diagnose/link_rules.hpp"

namespace mcq::diagnose {
namespace {

using enum Severity;
constexpr std::array kRules{
    Rule{"no-querier", kProblem, "Hosts report groups, and nobody sends General Queries.",
         link_rules::no_querier},
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
    Rule{"malformed-message", kNote, "Messages are malformed and were dropped.",
         link_rules::malformed_messages},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

std::vector<Finding> judge(const LinkEvidence& link) {
  std::vector<Finding> findings;
  for (const auto& rule : kRules) {
    const auto before = findings.size();
    if (rule.in_link == nullptr) continue;
    rule.in_link(rule, link, findings);
    if (findings.size() > before + kMaxFindings) findings.resize(before + kMaxFindings);
  }
  return findings;
}

std::string_view classify(const std::vector<LinkEvidence>& links,
                          const std::vector<Finding>& findings) {
  const auto has_problem = [](const Finding& f) { return f.severity == kProblem; };
  if (std::any_of(findings.begin(), findings.end(),
                  [](const Finding& f) { return f.id == "no-querier"; })) {
    return "lan-needs-querier";
  }
  if (std::any_of(findings.begin(), findings.end(), has_problem)) return "lan-unsafe";
  const bool has_querier = std::any_of(links.begin(), links.end(),
                                       [](const auto& link) { return !link.querier.empty(); });
  return has_querier ? "lan-capable" : "unknown";
}

}  // namespace mcq::diagnose
