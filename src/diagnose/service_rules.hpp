#pragma once

#include "diagnose/rule.hpp"
#include "diagnose/service_evidence.hpp"

/// What the rules look for in what the daemon knows.
namespace mcq::diagnose::service_rules {

// While it waits.
void no_interface(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void no_ethernet(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void port_of_bridge(const Rule& rule, const ServiceEvidence& service,
                    std::vector<Finding>& findings);
void vlan_interface(const Rule& rule, const ServiceEvidence& service,
                    std::vector<Finding>& findings);
void paused(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void no_link(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void no_socket(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void no_address(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);

// Of this machine.
void cannot_send(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void served_twice(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void asked_beside(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void cannot_receive(const Rule& rule, const ServiceEvidence& service,
                    std::vector<Finding>& findings);
void cannot_hold(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void table_full(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void own_host_unreachable(const Rule& rule, const ServiceEvidence& service,
                          std::vector<Finding>& findings);

// Of other queriers.
void duplicate_address(const Rule& rule, const ServiceEvidence& service,
                       std::vector<Finding>& findings);
void rogue_querier(const Rule& rule, const ServiceEvidence& service,
                   std::vector<Finding>& findings);
void two_queriers(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void querier_gone(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void slow_querier(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void long_interval(const Rule& rule, const ServiceEvidence& service,
                   std::vector<Finding>& findings);
void flapping(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);

// Of hosts.
void nobody_answers(const Rule& rule, const ServiceEvidence& service,
                    std::vector<Finding>& findings);
void queries_lost(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void mute_host(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);
void ended_without_leave(const Rule& rule, const ServiceEvidence& service,
                         std::vector<Finding>& findings);
void no_members(const Rule& rule, const ServiceEvidence& service, std::vector<Finding>& findings);

}  // namespace mcq::diagnose::service_rules
