#pragma once

#include "diagnose/rule.hpp"
#include "diagnose/survey.hpp"

/// What the rules look for in this host: its interfaces, its kernel's settings, its firewall, and
/// our daemon.
namespace mcq::diagnose::host_rules {

using Findings = std::vector<Finding>;

void no_lan_interface(const Rule& rule, const Survey& survey, Findings& findings);
void wireless_lan(const Rule& rule, const Survey& survey, Findings& findings);
void port_of_bridge(const Rule& rule, const Survey& survey, Findings& findings);
void two_interfaces_one_lan(const Rule& rule, const Survey& survey, Findings& findings);
void multicast_route(const Rule& rule, const Survey& survey, Findings& findings);
void rp_filter_drops(const Rule& rule, const Survey& survey, Findings& findings);
void strict_rp_filter(const Rule& rule, const Survey& survey, Findings& findings);
void memberships_full(const Rule& rule, const Survey& survey, Findings& findings);
void memberships_near(const Rule& rule, const Survey& survey, Findings& findings);
void forced_version(const Rule& rule, const Survey& survey, Findings& findings);
void small_receive_buffer(const Rule& rule, const Survey& survey, Findings& findings);
void receive_buffer_full(const Rule& rule, const Survey& survey, Findings& findings);
void ipv6_off(const Rule& rule, const Survey& survey, Findings& findings);
void daemon_elsewhere(const Rule& rule, const Survey& survey, Findings& findings);
void daemon_stopped(const Rule& rule, const Survey& survey, Findings& findings);
void daemon_unreachable(const Rule& rule, const Survey& survey, Findings& findings);

}  // namespace mcq::diagnose::host_rules
