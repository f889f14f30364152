#include "exporter/handlers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/poller_rig.hpp"

namespace mcq::exporter {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct ExporterAnswersTest : testing::Test {
  http::Response ask(http::Request request) {
    if (request.method.empty()) request.method = "GET";
    auto said = answers.answer(request);
    const auto* later = std::get_if<http::DeferredResponse>(&said.body);
    if (later == nullptr) return said;
    std::optional<http::Response> given;
    (*later)([&](http::Response answer) { given = std::move(answer); });
    EXPECT_TRUE(rig.until([&] { return given.has_value(); }));
    return *given;
  }
  http::Response ask_for(const std::string& target) {
    return ask({.target = target, .host = "localhost:9788"});
  }
  static std::string body(const http::Response& answer) {
    const auto* shared = std::get_if<http::SharedBody>(&answer.body);
    return shared != nullptr ? **shared : std::get<std::string>(answer.body);
  }
  json state() { return json::parse(body(ask_for("/v1/state"))); }

  PollerRig rig;
  History history;
  std::vector<std::string> own{"localhost"};
  RequestHandlers answers{
      rig.view,
      history,
      {"given.example"},
      [this] { return own; },
      [](const std::string& address) { return address == "10.0.0.1" ? "pi.lan\x1b" : ""; }};
};

TEST_F(ExporterAnswersTest, AWrongHostIsRefusedWhateverItAsksFor) {
  for (const auto* target : {"/", "/metrics", "/v1/state", "/v1/history", "/v1/stream", "/none"}) {
    EXPECT_EQ(ask({.target = target, .host = "evil.example"}).status, 421) << target;
    EXPECT_NE(ask({.target = target, .host = "127.0.0.1"}).status, 421) << target;
  }
  EXPECT_THAT(body(ask({.target = "/", .host = "evil.example"})), HasSubstr("--host"));
}

TEST_F(ExporterAnswersTest, ABrowserIsShownHowToAllowTheName) {
  const auto shown = ask({.target = "/", .host = "pi.example.org:9788", .accepts_html = true});
  EXPECT_EQ(shown.status, 421);
  EXPECT_EQ(shown.type, "text/html; charset=utf-8");
  EXPECT_THAT(body(shown), HasSubstr("--host pi.example.org<"));
  const auto absolute = ask({.target = "/", .host = "pi.example.org.:9788", .accepts_html = true});
  EXPECT_EQ(body(absolute), body(shown));
  const auto told = ask({.target = "/", .host = "pi.example.org:9788"});
  EXPECT_EQ(told.type, "application/json");
  for (const auto* host : {"<b>x</b>", "a b", "-x", "x\"", "x\x80"}) {
    EXPECT_EQ(ask({.target = "/", .host = host, .accepts_html = true}).type, "application/json");
  }
}

TEST_F(ExporterAnswersTest, ANameThatTheMachineGotLaterIsFound) {
  EXPECT_EQ(ask({.target = "/metrics", .host = "given.example"}).status, 200);
  own.emplace_back("pi.lan");  // nothing unknown has been asked for so far
  EXPECT_EQ(ask({.target = "/metrics", .host = "pi.lan"}).status, 200);
}

TEST_F(ExporterAnswersTest, ARequestHasOneHost) {
  EXPECT_EQ(ask({.target = "/metrics", .host = ""}).status, 400);
  EXPECT_EQ(ask({.target = "/metrics", .host = "localhost, localhost"}).status, 400);
  EXPECT_EQ(ask({.target = "/metrics", .host = "localhost"}).status, 200);
}

TEST_F(ExporterAnswersTest, WhatIsRefusedDoesNotReachTheDaemon) {
  ask({.target = "/metrics", .host = "evil.example"});
  ask({.method = "POST", .target = "/metrics", .host = "localhost"});
  EXPECT_THAT(rig.requests, IsEmpty());
}

TEST_F(ExporterAnswersTest, OnlyGetAndHeadAreAllowed) {
  for (const auto* method : {"POST", "PUT", "DELETE", "head", "BREW"}) {
    const auto answer = ask({.method = method, .target = "/metrics", .host = "localhost"});
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.allow, "GET, HEAD") << method;
  }
}

TEST_F(ExporterAnswersTest, OtherPathsHaveNothing) {
  for (const auto* target : {"/none", "/metrics/", "//metrics", "/../metrics", "", "metrics",
                             "http://localhost/metrics", "/v1/status", "/v1/query"}) {
    EXPECT_EQ(ask_for(target).status, 404) << target;
  }
}

TEST_F(ExporterAnswersTest, MetricsAreThoseOfTheDaemon) {
  const auto answer = ask_for("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(body(answer), HasSubstr("\nigmp_querier_up 1\n"));
}

TEST_F(ExporterAnswersTest, MetricsSayThatTheDaemonIsDown) {
  rig.server.reset();
  const auto answer = ask_for("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(body(answer), HasSubstr("\nigmp_querier_up 0\n"));
}

TEST_F(ExporterAnswersTest, TheStateHasWhatTheDaemonSaysAndNames) {
  rig.groups = R"({"groups":[{"group-address":"224.0.0.251","host":[1,2],"source":[]}]})";
  rig.hosts = R"({"hosts":[{"mac-address":"not one","host-address":"10.0.0.1"}]})";
  const auto said = state();
  EXPECT_EQ(said.at("reachable"), true);
  EXPECT_EQ(said.at("problem"), json{});
  EXPECT_EQ(said.at("status").at("pid"), 1);
  EXPECT_EQ(said.at("groups"), json::parse(R"([{"group-address":"224.0.0.251","name":"mDNS",
      "host":[1,2],"hosts-count":2,"source":[],"sources-count":0}])"));
  EXPECT_EQ(said.at("hosts"), json::parse(R"([{"mac-address":"not one","host-address":"10.0.0.1",
      "vendor":"","name":"pi.lan\u001b"}])"));
  EXPECT_EQ(said.at("exporter").at("version"), IGMP_QUERIER_VERSION);
}

TEST_F(ExporterAnswersTest, AGroupIsToldOfInPartWhenItIsLong) {
  auto group = json{{"group-address", "239.1.1.1"}, {"source", json::array()}};
  for (int i = 0; i < 65; ++i) group["host"].push_back(i);
  rig.groups = json{{"groups", {group}}}.dump();
  const auto told = state().at("groups").at(0);
  EXPECT_EQ(told.at("hosts-count"), 65);
  EXPECT_EQ(told.at("host").size(), 64U);
}

TEST_F(ExporterAnswersTest, AllGroupsAreSearchedThoughNotAllAreListed) {
  json groups = json::array();
  for (int i = 0; i < 1500; ++i) {
    groups.push_back({{"group-address", "239." + std::to_string(i) + ".x"}});
  }
  rig.groups = json{{"groups", groups}}.dump();
  EXPECT_EQ(state().at("groups").size(), 1000U);
  const auto found = json::parse(body(ask_for("/v1/groups?match=239.149")));
  EXPECT_EQ(found.at("found"), 11);  // 149, 1490 to 1499
  EXPECT_EQ(found.at("groups").size(), 11U);
  EXPECT_EQ(found.at("groups").at(10).at("group-address"), "239.1499.x");
  EXPECT_EQ(found.at("groups").at(10).at("hosts-count"), 0);
  const auto all = json::parse(body(ask_for("/v1/groups?match=239")));
  EXPECT_EQ(all.at("found"), 1500);
  EXPECT_EQ(all.at("groups").size(), 1000U);
  EXPECT_EQ(ask_for("/v1/groups").status, 400);
  EXPECT_EQ(ask_for("/v1/groups?match=x&limit=1").status, 400);
}

TEST_F(ExporterAnswersTest, ASearchWithoutTheDaemonFindsNothingOut) {
  rig.server.reset();
  const auto answer = ask_for("/v1/groups?match=239");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(body(answer), HasSubstr("no igmp-querier answers"));
}

TEST_F(ExporterAnswersTest, TheStateSaysWhyThereIsNone) {
  rig.server.reset();
  const auto said = state();
  EXPECT_EQ(said.at("reachable"), false);
  EXPECT_THAT(said.at("problem").get<std::string>(), HasSubstr("no igmp-querier answers"));
  EXPECT_EQ(said.at("status"), json{});
  EXPECT_EQ(said.at("groups"), json::array());
}

TEST_F(ExporterAnswersTest, ListsOfOtherThingsAreNoError) {
  rig.groups = R"({"groups":[7,null,{"group-address":8,"host":9}]})";
  rig.hosts = R"({"hosts":["x",{"mac-address":{}}]})";
  EXPECT_EQ(
      state().at("groups"),
      json::parse(R"([{"group-address":8,"host":9,"name":"","hosts-count":0,"sources-count":0}])"));
  EXPECT_EQ(state().at("hosts"), json::parse(R"([{"mac-address":{},"vendor":"","name":""}])"));
}

TEST_F(ExporterAnswersTest, TheHistoryIsWhatWasSampled) {
  history.add({{"id", 7}});
  EXPECT_EQ(body(ask_for("/v1/history")), *history.to_json());
  EXPECT_THAT(body(ask_for("/v1/history")), HasSubstr("7"));
}

TEST_F(ExporterAnswersTest, TheStreamGoesOnWhereTheBrowserStopped) {
  const auto since = [&](const std::string& last) {
    return std::get<http::FollowEvents>(
               ask({.target = "/v1/stream", .host = "localhost", .last_event_id = last}).body)
        .since;
  };
  EXPECT_EQ(since("17"), 17U);
  for (const auto* last : {"", "x", "-1", "1e3", "99999999999999999999", " 1"}) {
    EXPECT_EQ(since(last), std::nullopt) << last;
  }
}

}  // namespace
}  // namespace mcq::exporter
