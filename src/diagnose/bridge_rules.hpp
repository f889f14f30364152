#pragma once

#include "diagnose/rule.hpp"
#include "diagnose/service_evidence.hpp"
#include "diagnose/survey.hpp"

/// What the rules look for in the bridges of this host.
namespace mcq::diagnose::bridge_rules {

using Findings = std::vector<Finding>;

void forgets(const Rule& rule, const ServiceEvidence& service, Findings& findings);

void without_querier(const Rule& rule, const Survey& survey, Findings& findings);
void unspecified_querier(const Rule& rule, const Survey& survey, Findings& findings);
void querier_competes(const Rule& rule, const Survey& survey, Findings& findings);

}  // namespace mcq::diagnose::bridge_rules
