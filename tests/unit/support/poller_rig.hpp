#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "exporter/daemon_poller.hpp"
#include "support/http_rig.hpp"

namespace mcq::exporter {

using nlohmann::json;

/// What is known stays fresh, and nothing happens by itself.
inline constexpr DaemonPoller::Times kCalm{.fresh = std::chrono::hours{1},
                                           .gap = std::chrono::milliseconds{0},
                                           .widest_gap = std::chrono::milliseconds{0},
                                           .longest_wait = std::chrono::hours{2},
                                           .retry = std::chrono::hours{1},
                                           .repeat = std::chrono::hours{1},
                                           .linger = std::chrono::milliseconds{0},
                                           .patience = std::chrono::hours{1}};

/// A daemon, and somebody who watches it.
struct PollerRig : http::HttpRig {
  explicit PollerRig(const DaemonPoller::Times& times = kCalm) : view(io, path, times) {
    answer = [this] { return reply(requests.back().target); };
    view.on_state = [this] { ++states; };
    view.on_event = [this](const json& event) { told.push_back(event.at("event")); };
  }
  http::Response reply(const std::string& target) {
    const auto what = http::path_of(target);
    if (what == "/v1/status") {
      return {.body =
                  json{{"interfaces", json::array()}, {"pid", pid}, {"up-time", up_time}}.dump()};
    }
    if (what == "/v1/groups") return {.body = groups};
    if (what == "/v1/hosts") return {.body = hosts};
    const auto since = std::stoull(target.substr(target.find("since=") + 6));
    const bool details = target.find("details=true") != std::string::npos;
    return {.body = http::FollowEvents{.since = since, .details = details}};
  }
  /// Asks for the state; true once it has been told.
  bool look(Depth depth) {
    bool is_told = false;
    view.when_fresh(depth, [&] { is_told = true; });
    return until([&] { return is_told; });
  }
  /// The paths that were asked for since this was called last.
  std::vector<std::string> asked() {
    std::vector<std::string> paths;
    for (const auto& request : std::exchange(requests, {})) {
      paths.push_back(http::path_of(request.target));
    }
    return paths;
  }
  bool has_asked(const std::string& part) const {
    return std::any_of(requests.begin(), requests.end(), [&](const http::Request& request) {
      return request.target.find(part) != std::string::npos;
    });
  }
  void happen(const std::string& kind, const std::string& priority) {
    const json event{{"id", events.next_id()}, {"event", kind}, {"priority", priority}};
    events.push(kind, event.dump(), priority == "debug");
  }
  /// A daemon that was started anew, at the same place.
  void restart() {
    server.reset();
    events = http::EventStream{};
    auto listening = http::Server::start(
        io, os::ServerSocket::listen(path),
        [this](const http::Request& request) {
          requests.push_back(request);
          return answer();
        },
        events);
    ASSERT_TRUE(listening);
    server.emplace(std::move(*listening));
  }

  int pid = 1, up_time = 0, states = 0;
  std::string groups = R"({"groups":[{"a":1}]})", hosts = R"({"hosts":[{"b":2}]})";
  std::vector<std::string> told;
  DaemonPoller view;
};

}  // namespace mcq::exporter
