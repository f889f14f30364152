#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "diagnose/evidence.hpp"
#include "diagnose/finding.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/service_evidence.hpp"
#include "diagnose/survey.hpp"

namespace mcq::diagnose {

/// All rules, the gravest first.
std::span<const Rule> rules();

/// What the rules find, the gravest first; at most kMaxFindings of one rule.
inline constexpr std::size_t kMaxFindings = 20;
std::vector<Finding> judge(const LinkEvidence& link);
std::vector<Finding> judge(const ServiceEvidence& service);
std::vector<Finding> judge(const Survey& survey);

/// The class of this host and its LANs: "multicast-blocked" where this host drops IGMP or MLD,
/// "single-host-safe" without a LAN, else as below.
std::string_view classify(const Survey& survey, const std::vector<Finding>& findings);

/// The overall class: "lan-needs-querier", "lan-unsafe", "lan-capable" or "unknown".
std::string_view classify(const std::vector<LinkEvidence>& links,
                          const std::vector<Finding>& findings);

}  // namespace mcq::diagnose
