#include "exporter/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::exporter {
namespace {

using nlohmann::json;
using testing::SizeIs;

struct Counts {
  int report = 0, leave = 0, query_received = 0, query_sent = 0, groups = 0, hosts = 0;
};

json interface(const std::string& name, const Counts& c) {
  return {{"interface-name", name},
          {"family", "ipv4"},
          {"groups-count", c.groups},
          {"hosts-count", c.hosts},
          {"statistics",
           {{"received", {{"report", c.report}, {"leave", c.leave}, {"query", c.query_received}}},
            {"sent", {{"query", c.query_sent}}}}}};
}

json status(const Counts& counts) { return {{"interfaces", {interface("eth0", counts)}}}; }

json told(const History& history) { return json::parse(*history.to_json()); }

/// A column of the first series.
json column(const History& history, const char* name) {
  return told(history).at("series").at(0).at(name);
}

TEST(History, IsEmptyAtFirst) {
  EXPECT_EQ(told(History{}), json::parse(R"({"interval":30,"series":[],"events":[]})"));
}

TEST(History, TellsWhatWasCountedInEachInterval) {
  History history;
  history.sample(status({.report = 10,
                         .leave = 1,
                         .query_received = 5,
                         .query_sent = 7,
                         .groups = 2,
                         .hosts = 3}),
                 100);
  history.sample(status({.report = 14,
                         .leave = 3,
                         .query_received = 5,
                         .query_sent = 8,
                         .groups = 4,
                         .hosts = 3}),
                 130);
  EXPECT_EQ(told(history).at("series"), json::parse(R"([{"interface-name":"eth0","family":"ipv4",
      "time":[100,130],"reports":[null,6],"queries":[null,1],"groups":[2,4],"hosts":[3,3]}])"));
}

TEST(History, KnowsNothingOfTheTimeWithoutADaemon) {
  History history;
  history.sample(status({.report = 1}), 0);
  history.sample(json{}, 30);
  history.sample(status({.report = 9}), 60);  // how many of them since 30 s is not known
  history.sample(status({.report = 10}), 90);
  EXPECT_EQ(column(history, "reports"), json::parse("[null,null,null,1]"));
  EXPECT_EQ(column(history, "groups"), json::parse("[0,null,0,0]"));
}

TEST(History, ACounterThatBeganAnewIsNoNegativeNumber) {
  History history;
  history.sample(status({.report = 50}), 0);
  history.sample(status({.report = 3}), 30);
  history.sample(status({.report = 4}), 60);
  EXPECT_EQ(column(history, "reports"), json::parse("[null,null,1]"));
}

TEST(History, HoldsSixHours) {
  History history;
  for (int i = 0; i <= 720; ++i) history.sample(status({.report = i}), 30 * i);
  const auto times = column(history, "time");
  ASSERT_THAT(times, SizeIs(720));
  EXPECT_EQ(times.front(), 30);
  EXPECT_EQ(times.back(), 720 * 30);
}

TEST(History, AnInterfaceThatIsGoneIsForgottenInTheEnd) {
  History history;
  history.sample({{"interfaces", {interface("eth0", {}), interface("eth1", {})}}}, 0);
  for (int i = 1; i < 720; ++i) history.sample(status({}), 30 * i);
  EXPECT_THAT(told(history).at("series"), SizeIs(2));
  history.sample(status({}), 30 * 720);
  ASSERT_THAT(told(history).at("series"), SizeIs(1));
  EXPECT_EQ(told(history).at("series").at(0).at("interface-name"), "eth0");
}

TEST(History, HasRoomForSoManyInterfaces) {
  History history;
  auto interfaces = json::array();
  for (int i = 0; i < 70; ++i) interfaces.push_back(interface("eth" + std::to_string(i), {}));
  history.sample({{"interfaces", interfaces}}, 0);
  EXPECT_THAT(told(history).at("series"), SizeIs(64));
}

TEST(History, WhatCannotBeReadIsLeftOut) {
  History history;
  auto other = interface("eth0", {});
  other["statistics"].erase("received");
  history.sample({{"interfaces", {other, 7, json{}, interface("eth1", {.groups = 2})}}}, 0);
  ASSERT_THAT(told(history).at("series"), SizeIs(1));
  EXPECT_EQ(column(history, "groups"), json::parse("[2]"));
  history.sample(json::array(), 30);
  history.sample({{"interfaces", "none"}}, 60);
  EXPECT_EQ(column(history, "groups"), json::parse("[2,null,null]"));
}

TEST(History, HoldsTheLastEvents) {
  History history;
  for (int i = 0; i < 257; ++i) history.add({{"id", i}});
  const auto events = told(history).at("events");
  ASSERT_THAT(events, SizeIs(256));
  EXPECT_EQ(events.front(), json::parse(R"({"id":1})"));
  EXPECT_EQ(events.back(), json::parse(R"({"id":256})"));
}

TEST(History, HoldsFewerEventsThatAreLong) {
  History history;
  for (int i = 0; i < 10; ++i) history.add({{"id", i}, {"message", std::string(50'000, 'x')}});
  EXPECT_THAT(told(history).at("events"), SizeIs(5));
}

TEST(History, AnEventIsDataWhateverIsInIt) {
  History history;
  history.add({{"message", "\xff\"\n</script>"}});
  EXPECT_EQ(told(history).at("events").at(0).at("message"), "\xef\xbf\xbd\"\n</script>");
}

}  // namespace
}  // namespace mcq::exporter
