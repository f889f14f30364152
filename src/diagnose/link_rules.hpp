#pragma once

#include "diagnose/evidence.hpp"
#include "diagnose/rule.hpp"

/// What the rules look for in the messages of a link.
namespace mcq::diagnose::link_rules {

void no_querier(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void querier_gone(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void slow_querier(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void two_queriers(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void nobody_answers(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void mute_host(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void forgotten_group(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void stream_cut(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void unspecified_source(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void no_router_alert(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void long_interval(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void flapping(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void colliding_group(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void malformed_messages(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void version_mismatch(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);
void wrong_ttl(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings);

}  // namespace mcq::diagnose::link_rules
