#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "diagnose/rules.hpp"

namespace mcq::diagnose {
namespace {

using enum Severity;

/// Appends what one function of a row finds in evidence.
template <class Evidence>
void look(const Rule& rule, void (*find)(const Rule&, const Evidence&, std::vector<Finding>&),
          const Evidence& evidence, std::vector<Finding>& findings) {
  if (find == nullptr) return;
  const auto most = findings.size() + kMaxFindings;
  find(rule, evidence, findings);
  if (findings.size() > most) findings.resize(most);
}

/// The same in a link, with the interface of that link.
void look(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  const auto before = findings.size();
  look(rule, rule.in_link, link, findings);
  for (auto i = before; i < findings.size(); ++i) findings[i].interface = link.interface;
}

void sort(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const auto& a, const auto& b) { return a.severity < b.severity; });
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
    Cause{"bridge-querier-competes", "two-queriers"},
    Cause{"bridge-unspecified-querier", "unspecified-querier"},
    Cause{"ipv6-off", "no-address"},
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
    const bool is_known = std::any_of(
        findings.begin(), end, [&](const Finding& other) { return is_same(other, finding); });
    if (is_known) continue;
    if (&*end != &finding) *end = std::move(finding);
    ++end;
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

std::string_view class_of_lan(bool has_querier, const std::vector<Finding>& findings) {
  if (has(findings, {"no-querier"})) return "lan-needs-querier";
  if (has_problem(findings)) return "lan-unsafe";
  return has_querier ? "lan-capable" : "unknown";
}

}  // namespace

std::vector<Finding> judge(const LinkEvidence& link) {
  std::vector<Finding> findings;
  for (const auto& rule : rules()) look(rule, link, findings);
  sort(findings);
  return findings;
}

std::vector<Finding> judge(const ServiceEvidence& service) {
  std::vector<Finding> findings;
  for (const auto& rule : rules()) look(rule, rule.in_service, service, findings);
  sort(findings);
  return findings;
}

std::vector<Finding> judge(const Survey& survey) {
  std::vector<Finding> findings;
  for (const auto& rule : rules()) {
    for (const auto& lan : survey.lans) {
      look(rule, lan.igmp, findings);
      look(rule, lan.mld, findings);
      for (const auto& link : lan.tagged) look(rule, link, findings);
    }
    look(rule, rule.in_survey, survey, findings);
  }
  remove_repeated(findings);
  const auto seen = static_cast<std::ptrdiff_t>(findings.size());
  for (const auto& told : survey.daemon.findings) {
    const auto is_same = [&](const Finding& other) {
      return other.id == told.id && other.interface == told.interface;
    };
    const bool is_known = std::any_of(findings.begin(), findings.begin() + seen, is_same);
    if (!is_known) findings.push_back(told);
  }
  const auto all = findings;
  std::erase_if(findings, [&](const Finding& finding) { return is_effect(finding, all); });
  sort(findings);
  return findings;
}

std::string_view classify(const Survey& survey, const std::vector<Finding>& findings) {
  if (has(findings,
          {"igmp-filtered-here", "stream-filtered-here", "rp-filter-drops", "own-host-mute"})) {
    return "multicast-blocked";
  }
  const auto& route = survey.multicast_route;
  const bool stays_here = has(findings, {"no-lan-interface"});
  if (stays_here || (route == "lo" && !has_problem(findings))) return "single-host-safe";
  return class_of_lan(std::any_of(survey.lans.begin(), survey.lans.end(),
                                  [](const auto& lan) {
                                    return !lan.igmp.querier.empty() || !lan.mld.querier.empty();
                                  }),
                      findings);
}

std::string_view classify(const std::vector<LinkEvidence>& links,
                          const std::vector<Finding>& findings) {
  return class_of_lan(std::any_of(links.begin(), links.end(),
                                  [](const auto& link) { return !link.querier.empty(); }),
                      findings);
}

}  // namespace mcq::diagnose
