#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "diagnose/evidence.hpp"
#include "diagnose/finding.hpp"
#include "diagnose/rule.hpp"

namespace mcq::diagnose {

/// All rules, the gravest first.
std::span<const Rule> rules();

/// What the rules find, the gravest first; at most kMaxFindings of one rule.
inline constexpr std::size_t kMaxFindings = 20;
std::vector<Finding> judge(const LinkEvidence& link);

/// The overall class: "lan-needs-querier", "lan-unsafe", "lan-capable" or "unknown".
std::string_view classify(const std::vector<LinkEvidence>& links,
                          const std::vector<Finding>& findings);

}  // namespace mcq::diagnose
