#include "cli/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace mcq::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

json interface(const std::string& name, const std::string& family = "ipv4") {
  return {{"interface-name", name},
          {"family", family},
          {"protocol", family == "ipv4" ? "IGMP" : "MLD"},
          {"healthy", true},
          {"findings", json::array()},
          {"role", "querier"},
          {"querier", "192.0.2.10"},
          {"next-query", 61.9},
          {"groups-count", 3},
          {"hosts-count", 4},
          {"membership-interval", 140.0},
          {"settings", {{"version", 2}, {"explicit-tracking", true}}},
          {"statistics", {{"received", {{"report", 100}}}}}};
}

json status(const json::array_t& interfaces) {
  return {{"version", "1.2.3"}, {"pid", 7},          {"up-time", 5.5},
          {"healthy", true},    {"verdict", "fine"}, {"interfaces", interfaces}};
}

json group(const std::string& address, const std::string& name = "eth0",
           const std::string& family = "ipv4") {
  return {{"interface-name", name},
          {"family", family},
          {"group-address", address},
          {"version", 2},
          {"expire", 35.0},
          {"last-reporter", nullptr},
          {"host", json::array({json::object(), json::object()})}};
}

json groups(const json::array_t& all) { return {{"groups", all}}; }

TEST(Snapshot, CountsTheFindingsThatTheVerdictDoesNotTell) {
  auto one = interface("eth0");
  one["findings"] = {json::object(), json::object()};
  const auto further = [&](bool healthy) {
    auto all = status({one, one});
    all["healthy"] = healthy;
    return read_snapshot(all, groups({}))->further_findings;
  };
  EXPECT_EQ(further(true), 4U);
  EXPECT_EQ(further(false), 3U);  // it tells the worst of one
  one["findings"] = json::array();
  EXPECT_EQ(further(true), 0U);
  EXPECT_EQ(further(false), 0U);
}

TEST(Snapshot, HoldsWhatTheDaemonSays) {
  const auto all = read_snapshot(status({interface("eth0"), interface("eth1", "ipv6")}),
                                 groups({group("239.1.2.3")}));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->version, "1.2.3");
  EXPECT_EQ(all->verdict, "fine");
  EXPECT_EQ(all->pid, 7U);
  EXPECT_EQ(all->reports, 200U);
  EXPECT_EQ(all->groups_in_all, 6U);
  ASSERT_THAT(all->interfaces, SizeIs(2));
  EXPECT_EQ(all->interfaces[0].protocol, "IGMPv2");
  EXPECT_EQ(all->interfaces[1].protocol, "MLDv2");
  EXPECT_EQ(all->interfaces[0].next_query, "1:01");
  ASSERT_THAT(all->groups, SizeIs(1));
  EXPECT_EQ(all->groups[0].lifetime, 140);
  EXPECT_EQ(all->groups[0].hosts, 2U);
  EXPECT_EQ(all->groups[0].last_reporter, "-");
}

TEST(Snapshot, CountsAreWholeNumbers) {
  const auto with_pid = [](const json& pid) {
    auto all = status({});
    all["pid"] = pid;
    return read_snapshot(all, groups({}));
  };
  EXPECT_EQ(with_pid(0xffff'ffff'ffff'ffffU)->pid, 0xffff'ffff'ffff'ffffU);
  EXPECT_EQ(with_pid(-1)->pid, 0U);
  for (const json& other : {json(1e308), json(7.0), json("7"), json(nullptr)}) {
    EXPECT_FALSE(with_pid(other)) << other;
  }
}

TEST(Snapshot, EveryGroupLivesAsItsOwnInterfaceSays) {
  auto slow = interface("eth0", "ipv6");
  slow["membership-interval"] = 395.5;
  slow["settings"]["explicit-tracking"] = false;
  const auto all = read_snapshot(
      status({interface("eth0"), slow}),
      groups({group("239.1.2.3"), group("ff02::fb", "eth0", "ipv6"), group("239.1.2.4", "eth9")}));
  ASSERT_TRUE(all);
  ASSERT_THAT(all->groups, SizeIs(3));
  EXPECT_EQ(all->groups[0].lifetime, 140);
  EXPECT_EQ(all->groups[0].hosts, 2U);
  EXPECT_EQ(all->groups[1].lifetime, 395.5);
  EXPECT_EQ(all->groups[1].hosts, std::nullopt);
  EXPECT_EQ(all->groups[2].lifetime, 0) << "nothing is known of its interface";
}

json host(const std::string& address) {
  return {{"interface-name", "eth0"},
          {"family", "ipv4"},
          {"host-address", address},
          {"mac-address", "02:00:00:00:00:02"},
          {"version", 2},
          {"up-time", 60.5},
          {"last-report", 3},
          {"silent", true}};
}

TEST(ReadHosts, HoldsWhatTheDaemonSays) {
  const auto all = read_hosts({{"hosts", {host("192.0.2.20"), host("fe80::1")}}});
  ASSERT_TRUE(all);
  ASSERT_THAT(*all, SizeIs(2));
  EXPECT_EQ(to_string((*all)[1].address), "fe80::1");
  EXPECT_EQ((*all)[0].mac_address, "02:00:00:00:00:02");
  EXPECT_EQ((*all)[0].up_time, 60.5);
  EXPECT_TRUE((*all)[0].silent);
  EXPECT_FALSE(read_hosts(json::object()));
  EXPECT_FALSE(read_hosts({{"hosts", {host("192.0.2"), host("fe80::1")}}}));
}

TEST(Snapshot, WhatIsMissingOrOfAnotherKindFails) {
  const auto good = status({interface("eth0")});
  auto missing = good;
  missing.erase("verdict");
  auto other = good;
  other["up-time"] = "long";
  auto nameless = good;
  nameless["interfaces"][0]["interface-name"] = 7;
  auto inner = good;
  inner["interfaces"][0]["statistics"]["received"].erase("report");
  auto no_lifetime = good;
  no_lifetime["interfaces"][0].erase("membership-interval");
  const auto no_groups = groups({});
  ASSERT_TRUE(read_snapshot(good, no_groups));
  for (const auto& bad : {missing, other, nameless, inner, no_lifetime, json::array(), json{}}) {
    SCOPED_TRACE(bad.dump());
    const auto read = read_snapshot(bad, no_groups);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("is it of the same version?"));
  }
  EXPECT_FALSE(read_snapshot(good, json::object()));
  EXPECT_FALSE(read_snapshot(good, groups({group("239.1.2")})));
}

TEST(Snapshot, HoldsNothingThatCommandsATerminal) {
  auto told = status({interface("eth\x1b[0m")});
  told["verdict"] = "a\nb";
  const auto all = read_snapshot(told, groups({group("239.1.2.3", "eth\x1b[0m")}));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->verdict, "a?b");
  EXPECT_EQ(all->interfaces[0].name, "eth?[0m");
  EXPECT_EQ(all->groups[0].interface, "eth?[0m");
  EXPECT_EQ(all->groups[0].lifetime, 140);
}

Snapshot counting(std::uint64_t reports, std::uint64_t pid = 7) {
  Snapshot snapshot;
  snapshot.reports = reports;
  snapshot.pid = pid;
  return snapshot;
}

TEST(ReportRates, AreReportsPerSecondBetweenTwoLooks) {
  ReportRates rates;
  rates.add(counting(100), 10.0);
  EXPECT_TRUE(rates.values().empty());
  rates.add(counting(100), 10.5);
  rates.add(counting(130), 12.5);
  EXPECT_THAT(rates.values(), ElementsAre(0.0, 15.0));
}

TEST(ReportRates, WhatCountsAnewHasNone) {
  ReportRates rates;
  rates.add(counting(100), 1);
  rates.add(counting(110, 8), 2);  // another daemon
  rates.add(counting(5, 8), 3);    // it serves an interface less
  EXPECT_TRUE(rates.values().empty());
  rates.add(counting(9, 8), 3);  // no time has passed
  EXPECT_TRUE(rates.values().empty());
  rates.add(counting(11, 8), 4);
  EXPECT_THAT(rates.values(), ElementsAre(2.0));
}

TEST(ReportRates, KeepTheLatest) {
  ReportRates rates;
  for (std::size_t i = 0; i <= ReportRates::kMax; ++i) {
    rates.add(counting(i), static_cast<double>(i));
  }
  EXPECT_THAT(rates.values(), SizeIs(ReportRates::kMax));
  rates.add(counting(ReportRates::kMax + 5), ReportRates::kMax + 1.0);
  EXPECT_THAT(rates.values(), SizeIs(ReportRates::kMax));
  EXPECT_EQ(rates.values().back(), 5);
}

}  // namespace
}  // namespace mcq::cli
