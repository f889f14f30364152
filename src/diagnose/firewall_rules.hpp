#pragma once

#include "diagnose/rule.hpp"
#include "diagnose/survey.hpp"

/// What the rules look for in the firewall of this host.
namespace mcq::diagnose::firewall_rules {

using Findings = std::vector<Finding>;

void igmp_filtered_here(const Rule& rule, const Survey& survey, Findings& findings);
void filtered_without_members(const Rule& rule, const Survey& survey, Findings& findings);
void stream_filtered_here(const Rule& rule, const Survey& survey, Findings& findings);

}  // namespace mcq::diagnose::firewall_rules
