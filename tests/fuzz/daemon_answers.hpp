#pragma once

#include <nlohmann/json.hpp>

// Answers as a daemon of ours gives them (docs/openapi.yaml), to be spoiled.

namespace mcq::fuzz {

inline const nlohmann::json& status_answer() {
  static const auto kAnswer = nlohmann::json::parse(R"({
    "program": "igmp-querier", "version": "1.0.0", "pid": 77, "time": "2026-01-15T20:14:03.118Z",
    "up-time": 3660.5, "healthy": true, "verdict": "2 queriers run; all is well", "interfaces": [{
      "interface-name": "eth0", "family": "ipv4", "protocol": "IGMP", "healthy": true,
      "verdict": "eth0: we are the querier; all is well", "oper-status": "up",
      "mac-address": "00:22:72:00:00:01", "address": "192.0.2.10", "role": "querier",
      "reason": "nobody else asks", "role-up-time": 735, "querier": "192.0.2.10",
      "other-querier": null, "rival": null, "next-query": 32.5, "groups-count": 2,
      "sources-count": 1, "hosts-count": 2, "silent-hosts-count": 1,
      "silent-hosts": ["192.0.2.21"], "membership-interval": 140,
      "last-general-query": {"ago": 12, "answered": 9, "complete": false, "answered-before": 14},
      "settings": {"version": 2, "query-interval": 60, "query-max-response-time": 10,
                   "robustness-variable": 2, "other-querier-present-interval": 255, "proxy": false,
                   "explicit-tracking": true, "max-groups": 65536},
      "statistics": {"up-time": 90000,
                     "sent": {"query": 31, "general-query": 30, "specific-query": 1},
                     "received": {"total": 190, "query": 1, "query-v3": 1, "report": 180,
                                  "leave": 9, "report-v1": 0, "report-v2": 100, "report-v3": 80},
                     "dropped": {"total": 3, "reasons": {"bad-ttl": 0, "truncated": 1}},
                     "noticed": {"older host": 5}, "elections-lost": 0, "role-changes": 1}}, {
      "interface-name": "eth0", "family": "ipv6", "protocol": "MLD", "healthy": false,
      "verdict": "eth0 (MLD): another querier asks", "oper-status": "down", "mac-address": null,
      "address": null, "role": "non-querier", "reason": "fe80::1 asks", "role-up-time": 60,
      "querier": "fe80::1",
      "other-querier": {"address": "fe80::1", "mac-address": "00:22:72:00:00:05", "version": 2,
                        "query-interval": 125, "robustness-variable": 2, "last-query": 77,
                        "measured-query-interval": 124.9, "expire": 180},
      "rival": {"address": "fe80::2", "mac-address": "00:22:72:00:00:06", "version": 1,
                "query-interval": null, "robustness-variable": null, "last-query": 7,
                "measured-query-interval": null, "expire": 9},
      "next-query": null, "groups-count": 1, "sources-count": 0, "hosts-count": 1,
      "silent-hosts-count": 0, "silent-hosts": [], "membership-interval": 140, "last-general-query": null,
      "settings": {"version": 1, "query-interval": 60, "query-max-response-time": 10,
                   "robustness-variable": 2, "other-querier-present-interval": 255, "proxy": false,
                   "explicit-tracking": false, "max-groups": 65536},
      "statistics": {"up-time": 90000,
                     "sent": {"query": 0, "general-query": 0, "specific-query": 0},
                     "received": {"total": 2, "query": 1, "query-v2": 1, "report": 1, "leave": 0,
                                  "report-v1": 1, "report-v2": 0},
                     "dropped": {"total": 0, "reasons": {}}, "noticed": {}, "elections-lost": 1,
                     "role-changes": 1}}]})");
  return kAnswer;
}

inline const nlohmann::json& groups_answer() {
  static const auto kAnswer = nlohmann::json::parse(R"({"groups": [
    {"interface-name": "eth0", "family": "ipv4", "group-address": "239.128.0.1",
     "filter-mode": "exclude", "version": 2, "up-time": 300, "expire": 140,
     "last-reporter": "192.0.2.20", "source": [],
     "host": [{"host-address": "192.0.2.20", "version": 2, "last-report": 3}]},
    {"interface-name": "eth0", "family": "ipv4", "group-address": "232.1.2.3",
     "filter-mode": "include", "version": 3, "up-time": 0.25, "expire": 139.75,
     "last-reporter": null,
     "source": [{"source-address": "198.51.100.1", "forwarded": true, "expire": 139.75},
                {"source-address": "198.51.100.2", "forwarded": false, "expire": null}],
     "host": [{"host-address": "192.0.2.20", "version": 3, "last-report": 3},
              {"host-address": "192.0.2.21", "version": 3, "last-report": 0}]},
    {"interface-name": "eth0", "family": "ipv6", "group-address": "ff02::fb",
     "filter-mode": "exclude", "version": 1, "up-time": 300, "expire": 9,
     "last-reporter": "fe80::20", "source": [], "host": []}]})");
  return kAnswer;
}

inline const nlohmann::json& hosts_answer() {
  static const auto kAnswer = nlohmann::json::parse(R"({"hosts": [
    {"interface-name": "eth0", "family": "ipv4", "host-address": "192.0.2.20",
     "mac-address": "00:22:72:00:00:14", "version": 3, "up-time": 3725, "last-report": 12.5,
     "answered-queries": 60, "missed-queries": 0, "awaited": true, "silent": false},
    {"interface-name": "eth0", "family": "ipv4", "host-address": "192.0.2.21",
     "mac-address": "02:00:00:00:00:15", "version": 3, "up-time": 0, "last-report": 0,
     "answered-queries": 0, "missed-queries": 2, "awaited": true, "silent": true}]})");
  return kAnswer;
}

inline const nlohmann::json& event_answer() {
  static const auto kAnswer = nlohmann::json::parse(R"({"id": 7, "time": "2026-01-15T23:14:03.118Z",
    "event": "group-added", "priority": "debug", "message": "eth0: 239.1.2.3 has a member",
    "interface-name": "eth0", "family": "ipv4", "group-address": "239.1.2.3", "count": 3})");
  return kAnswer;
}

}  // namespace mcq::fuzz
