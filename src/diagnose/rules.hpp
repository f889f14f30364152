#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "diagnose/evidence.hpp"
#include "diagnose/finding.hpp"

namespace mcq::diagnose {

/// A row of the table of findings.
struct Rule {
  std::string_view id;
  Severity severity{};
  std::string_view meaning;  ///< one sentence, for docs/findings.md
  /// Appends a finding for each subject to which the rule applies.
  void (*apply)(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
};

/// All rules, the gravest first.
std::span<const Rule> rules();

/// What the rules find, the gravest first; at most kMaxFindings of one rule.
inline constexpr std::size_t kMaxFindings = 20;
std::vector<Finding> judge(const LinkEvidence& link);

/// The overall class: "lan-needs-querier", "lan-unsafe", "lan-capable" or "unknown".
std::string_view classify(const std::vector<LinkEvidence>& links,
                          const std::vector<Finding>& findings);

}  // namespace mcq::diagnose
