#pragma once

#include <nlohmann/json.hpp>

#include "support/status_document.hpp"

// Answers as a daemon of ours gives them (docs/openapi.yaml), to be spoiled.

namespace mcq::fuzz {

inline const nlohmann::json& status_answer() {
  static const auto kAnswer = [] {
    auto igmp = test::interface_status();
    igmp["silent-hosts-count"] = 1;
    igmp["silent-hosts"] = {"192.0.2.21"};
    igmp["statistics"]["noticed"] = {{"older host", 5}};
    return test::status_document({igmp, test::mld_interface_status()});
  }();
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
