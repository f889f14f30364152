#pragma once

#include "diagnose/rule.hpp"
#include "diagnose/survey.hpp"

/// What the rules look for in the packets that arrive here, and in what this host joined.
namespace mcq::diagnose::lan_rules {

using Findings = std::vector<Finding>;

void no_querier(const Rule& rule, const Survey& survey, Findings& findings);
void too_short(const Rule& rule, const Survey& survey, Findings& findings);
void own_host_mute(const Rule& rule, const Survey& survey, Findings& findings);
void foreign_querier(const Rule& rule, const Survey& survey, Findings& findings);
void joined_elsewhere(const Rule& rule, const Survey& survey, Findings& findings);
void silent_sender(const Rule& rule, const Survey& survey, Findings& findings);
void unjoined_stream(const Rule& rule, const Survey& survey, Findings& findings);

}  // namespace mcq::diagnose::lan_rules
