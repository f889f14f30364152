#pragma once

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

// The status of a daemon as docs/openapi.yaml has it. Tests change what they are about.

namespace mcq::test {

/// An IGMP querier on eth0 without faults.
inline nlohmann::json interface_status() {
  return nlohmann::json::parse(R"({
    "interface-name": "eth0", "family": "ipv4", "protocol": "IGMP", "healthy": true,
    "verdict": "eth0: we are the querier; 14 hosts keep 31 groups alive; all is well",
    "findings": [], "oper-status": "up", "mac-address": "00:22:72:00:00:01", "address": "192.168.1.10",
    "role": "querier", "reason": "no querier with a lower address queries", "role-up-time": 735,
    "querier": "192.168.1.10", "other-querier": null, "rival": null, "next-query": 32.5,
    "groups-count": 31, "sources-count": 1, "hosts-count": 14,
    "silent-hosts-count": 0, "silent-hosts": [],
    "membership-interval": 140,
    "held-groups": [], "bridge": null,
    "last-general-query": {"ago": 12, "answered": 9, "complete": false, "answered-before": 14},
    "router-discovery": null,
    "settings": {"version": 2, "query-interval": 60, "query-max-response-time": 10,
                 "robustness-variable": 2, "other-querier-present-interval": 255, "proxy": false,
                 "explicit-tracking": true, "max-groups": 65536},
    "statistics": {"up-time": 90000,
                   "sent": {"query": 31, "general-query": 30, "specific-query": 1},
                   "received": {"total": 190, "query": 1, "query-v3": 1, "report": 180, "leave": 9,
                                "report-v1": 0, "report-v2": 100, "report-v3": 80},
                   "dropped": {"total": 3, "reasons": {"bad-ttl": 0, "truncated": 1,
                                                       "bad-checksum": 2}},
                   "noticed": {}, "elections-lost": 0, "role-changes": 1}})");
}

/// A standby MLD querier on eth0 beside one that queries and one that does not yield.
inline nlohmann::json mld_interface_status() {
  auto mld = interface_status();
  mld.update(nlohmann::json::parse(R"({
    "family": "ipv6", "protocol": "MLD", "healthy": false,
    "verdict": "eth0 (MLD): another querier queries", "findings": [], "oper-status": "down", "mac-address": null,
    "address": null, "role": "non-querier", "reason": "fe80::1 queries", "role-up-time": 60,
    "querier": "fe80::1",
    "other-querier": {"address": "fe80::1", "mac-address": "00:22:72:00:00:05", "version": 2,
                      "query-interval": 125, "robustness-variable": 2, "last-query": 77,
                      "measured-query-interval": 124.9, "expire": 180},
    "rival": {"address": "fe80::2", "mac-address": "00:22:72:00:00:06", "version": 1,
              "last-query": 7, "queries": 12},
    "next-query": null, "groups-count": 1, "sources-count": 0, "hosts-count": 1,
    "last-general-query": null})"));
  mld["settings"].update({{"version", 1}, {"explicit-tracking", false}});
  mld["statistics"].update(nlohmann::json::parse(R"({
    "sent": {"query": 0, "general-query": 0, "specific-query": 0},
    "received": {"total": 2, "query": 1, "query-v2": 1, "report": 1, "leave": 0, "report-v1": 1,
                 "report-v2": 0},
    "dropped": {"total": 0, "reasons": {}}, "elections-lost": 1})"));
  return mld;
}

inline nlohmann::json status_document(const std::vector<nlohmann::json>& interfaces,
                                      bool healthy = true) {
  return {{"program", "igmp-querier"},           {"version", "1.0.0"},      {"pid", 77},
          {"time", "2026-01-15T20:14:03.118Z"},  {"up-time", 3660.5},       {"healthy", healthy},
          {"verdict", "no interface is served"}, {"interfaces", interfaces}};
}

}  // namespace mcq::test
