#include "exporter/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace mcq::exporter {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const json kNone = json::array();
const std::string kEth0 = R"({interface="eth0",family="ipv4")";

json interface() {
  return json::parse(R"({
    "interface-name": "eth0", "family": "ipv4", "protocol": "IGMP", "healthy": true,
    "verdict": "all is well",
    "findings": [{"id": "mute-host", "severity": "risk"}, {"id": "mute-host", "severity": "risk"},
                 {"id": "no-members", "severity": "note"}],
    "oper-status": "up", "mac-address": "02:00:00:00:00:0a",
    "address": "192.0.2.10", "role": "non-querier", "reason": "192.0.2.5 asks", "role-up-time": 60.5,
    "querier": "192.0.2.5", "other-querier": null, "rival": null, "next-query": null,
    "groups-count": 2, "sources-count": 4, "hosts-count": 3, "silent-hosts-count": 1,
    "membership-interval": 140.5,
    "last-general-query": {"ago": 3, "answered": 7, "complete": false, "answered-before": 6},
    "router-discovery": {"interval": 20.0, "next-advertisement": 7.5,
      "sent": {"advertisement": 21, "solicitation": 0, "termination": 22},
      "received": {"advertisement": 23, "solicitation": 24, "termination": 25}},
    "settings": {"version": 2, "query-interval": 60.0, "explicit-tracking": true},
    "statistics": {
      "up-time": 60.0, "sent": {"query": 5, "general-query": 4, "specific-query": 1},
      "received": {"total": 30, "query": 3, "query-v1": 0, "query-v2": 1, "query-v3": 2,
                   "report": 9, "report-v1": 2, "report-v2": 3, "report-v3": 4, "leave": 18},
      "dropped": {"total": 12, "reasons": {"bad checksum": 11, "proxy query": 1}},
      "noticed": {"older host": 5}, "elections-lost": 1, "role-changes": 2}})");
}

json status(std::vector<json> interfaces) {
  return {{"program", "igmp-querier"},
          {"version", "1.2.3"},
          {"pid", 77},
          {"time", "2026-01-15T20:14:03.5Z"},
          {"up-time", 3.25},
          {"healthy", true},
          {"verdict", "all is well"},
          {"log-lines-lost", 4},
          {"interfaces", std::move(interfaces)}};
}

json group(const std::string& address, std::size_t hosts = 1) {
  return {{"interface-name", "eth0"},
          {"family", "ipv4"},
          {"group-address", address},
          {"host", std::vector<json>(hosts, json::object())}};
}

std::string of_interface(const json& interface) {
  const auto all = status({interface});
  return metrics(&all, kNone);
}

/// The lines that are samples.
std::vector<std::string> samples(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    if (line[0] != '#') found.push_back(line);
  }
  return found;
}

std::vector<std::string> samples(const std::string& text, const std::string& name) {
  auto found = samples(text);
  std::erase_if(found, [&](const auto& line) {
    return !line.starts_with(name + "{") && !line.starts_with(name + " ");
  });
  return found;
}

/// What a label holds where a text is the only sample of `name`, as it is written.
std::string label(const std::string& text, const std::string& name, const std::string& label) {
  const auto found = samples(text, name);
  if (found.size() != 1) return "not one sample";
  const auto start = found[0].find(label + "=\"") + label.size() + 2;
  return found[0].substr(start, found[0].rfind("\"}") - start);
}

TEST(Metrics, WithoutADaemonOneSaysSo) {
  EXPECT_EQ(metrics(nullptr, kNone),
            "# HELP igmp_querier_up 1 if the daemon answers the exporter, else 0.\n"
            "# TYPE igmp_querier_up gauge\n"
            "igmp_querier_up 0\n"
            "# HELP igmp_querier_exporter_build_info The version of the exporter.\n"
            "# TYPE igmp_querier_exporter_build_info gauge\n"
            "igmp_querier_exporter_build_info{version=\"" IGMP_QUERIER_VERSION "\"} 1\n");
}

TEST(Metrics, TellWhatTheDaemonSays) {
  const auto all = status({interface()});
  const std::vector<std::string> expected{
      "igmp_querier_up 1",
      R"(igmp_querier_build_info{version="1.2.3"} 1)",
      R"(igmp_querier_exporter_build_info{version=")" IGMP_QUERIER_VERSION R"("} 1)",
      "igmp_querier_start_time_seconds 1768508040",
      "igmp_querier_log_lines_lost_total 4",
      "igmp_querier_healthy" + kEth0 + "} 1",
      "igmp_querier_finding" + kEth0 + R"(,id="mute-host",severity="risk"} 1)",
      "igmp_querier_finding" + kEth0 + R"(,id="no-members",severity="note"} 1)",
      "igmp_querier_link_up" + kEth0 + "} 1",
      "igmp_querier_role" + kEth0 + R"(,role="querier"} 0)",
      "igmp_querier_role" + kEth0 + R"(,role="non-querier"} 1)",
      "igmp_querier_role" + kEth0 + R"(,role="waiting"} 0)",
      "igmp_querier_elected_info" + kEth0 + R"(,address="192.0.2.5"} 1)",
      "igmp_querier_role_changes_total" + kEth0 + "} 2",
      "igmp_querier_elections_lost_total" + kEth0 + "} 1",
      "igmp_querier_queries_sent_total" + kEth0 + R"(,type="general"} 4)",
      "igmp_querier_queries_sent_total" + kEth0 + R"(,type="specific"} 1)",
      "igmp_querier_messages_received_total" + kEth0 + R"(,type="query",version="1"} 0)",
      "igmp_querier_messages_received_total" + kEth0 + R"(,type="query",version="2"} 1)",
      "igmp_querier_messages_received_total" + kEth0 + R"(,type="query",version="3"} 2)",
      "igmp_querier_messages_received_total" + kEth0 + R"(,type="report",version="1"} 2)",
      "igmp_querier_messages_received_total" + kEth0 + R"(,type="report",version="2"} 3)",
      "igmp_querier_messages_received_total" + kEth0 + R"(,type="report",version="3"} 4)",
      "igmp_querier_messages_received_total" + kEth0 + R"(,type="leave"} 18)",
      "igmp_querier_router_messages_total" + kEth0 +
          R"(,direction="sent",type="advertisement"} 21)",
      "igmp_querier_router_messages_total" + kEth0 + R"(,direction="sent",type="solicitation"} 0)",
      "igmp_querier_router_messages_total" + kEth0 + R"(,direction="sent",type="termination"} 22)",
      "igmp_querier_router_messages_total" + kEth0 +
          R"(,direction="received",type="advertisement"} 23)",
      "igmp_querier_router_messages_total" + kEth0 +
          R"(,direction="received",type="solicitation"} 24)",
      "igmp_querier_router_messages_total" + kEth0 +
          R"(,direction="received",type="termination"} 25)",
      "igmp_querier_packets_dropped_total" + kEth0 + R"(,reason="duplicate address"} 0)",
      "igmp_querier_packets_dropped_total" + kEth0 + R"(,reason="bad checksum"} 11)",
      "igmp_querier_packets_dropped_total" + kEth0 + R"(,reason="proxy query"} 1)",
      "igmp_querier_anomalies_total" + kEth0 + R"(,reason="older host"} 5)",
      "igmp_querier_groups" + kEth0 + "} 2",
      "igmp_querier_sources" + kEth0 + "} 4",
      "igmp_querier_hosts" + kEth0 + "} 3",
      "igmp_querier_silent_hosts" + kEth0 + "} 1",
      "igmp_querier_hosts_answered" + kEth0 + "} 6",
      "igmp_querier_query_interval_seconds" + kEth0 + "} 60",
      "igmp_querier_membership_interval_seconds" + kEth0 + "} 140.5",
      "igmp_querier_group_members" + kEth0 + R"(,group="224.0.0.251",name="mDNS"} 3)",
      "igmp_querier_group_members" + kEth0 + R"(,group="225.1.2.3",name=""} 1)",
      "igmp_querier_groups_listed 2",
  };
  const auto groups = json::array({group("224.0.0.251", 3), group("225.1.2.3")});
  EXPECT_THAT(samples(metrics(&all, groups)), testing::ElementsAreArray(expected));
}

TEST(Metrics, ACounterIsCalledOne) {
  const auto text = of_interface(interface());
  EXPECT_THAT(text, HasSubstr("\n# TYPE igmp_querier_role_changes_total counter\n"));
  EXPECT_THAT(text, HasSubstr("\n# TYPE igmp_querier_groups gauge\n"));
}

TEST(Metrics, WhatIsWrongIsAZeroOrAName) {
  auto ill = interface();
  ill["healthy"] = false;
  ill["oper-status"] = "down";
  ill["role"] = "waiting";
  ill["querier"] = nullptr;
  ill["router-discovery"] = nullptr;
  ill["rival"] = {{"address", "192.0.2.99"}, {"mac-address", "02:00:00:00:00:63"}};
  ill["statistics"]["dropped"]["reasons"]["duplicate address"] = 4;
  const auto text = of_interface(ill);
  for (const auto& line :
       {"igmp_querier_healthy" + kEth0 + "} 0\n", "igmp_querier_link_up" + kEth0 + "} 0\n",
        "igmp_querier_role" + kEth0 + ",role=\"waiting\"} 1\n",
        "igmp_querier_role" + kEth0 + ",role=\"non-querier\"} 0\n",
        "igmp_querier_rival_info" + kEth0 +
            ",address=\"192.0.2.99\",mac_address=\"02:00:00:00:00:63\"} 1\n",
        "igmp_querier_packets_dropped_total" + kEth0 + ",reason=\"duplicate address\"} 4\n"}) {
    EXPECT_THAT(text, HasSubstr("\n" + line));
  }
  EXPECT_THAT(text, Not(HasSubstr("elected_info")));
  EXPECT_THAT(text, Not(HasSubstr("router_messages")));
}

TEST(Metrics, AnswersCountOnceTheirTimeIsOver) {
  auto asking = interface();
  asking["last-general-query"]["complete"] = true;
  EXPECT_THAT(of_interface(asking), HasSubstr("hosts_answered" + kEth0 + "} 7\n"));
  asking["last-general-query"] = {
      {"ago", 3}, {"answered", 7}, {"complete", false}, {"answered-before", nullptr}};
  EXPECT_THAT(of_interface(asking), Not(HasSubstr("hosts_answered")));
  asking["last-general-query"] = nullptr;
  EXPECT_THAT(of_interface(asking), Not(HasSubstr("hosts_answered")));
}

TEST(Metrics, AllHostsOfAGroupCountThoughSomeAreListed) {
  const auto all = status({interface()});
  auto large = group("225.1.2.3", 64);
  large["hosts-count"] = 200;
  EXPECT_THAT(metrics(&all, json::array({large})), HasSubstr(R"(group="225.1.2.3",name=""} 200)"));
}

TEST(Metrics, MembersThatNobodyCountsAreNotZero) {
  auto untracked = interface();
  untracked["settings"]["explicit-tracking"] = false;
  const auto all = status({untracked});
  const auto text = metrics(&all, json::array({group("225.1.2.3", 0)}));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("group_members{")), HasSubstr("groups_listed 0\n")));
}

TEST(Metrics, FamiliesOfAnInterfaceAreTold) {
  auto other = interface();
  other["family"] = "ipv6";
  const auto all = status({interface(), other});
  EXPECT_EQ(samples(metrics(&all, kNone), "igmp_querier_groups"),
            (std::vector<std::string>{R"(igmp_querier_groups{interface="eth0",family="ipv4"} 2)",
                                      R"(igmp_querier_groups{interface="eth0",family="ipv6"} 2)"}));
}

TEST(Metrics, LargeCountsAreExact) {
  auto busy = interface();
  busy["groups-count"] = 9'007'199'254'740'991;
  busy["hosts-count"] = 1'000'000'000'000'000;
  const auto text = of_interface(busy);
  EXPECT_THAT(text, HasSubstr("igmp_querier_groups" + kEth0 + "} 9007199254740991\n"));
  EXPECT_THAT(text, HasSubstr("igmp_querier_hosts" + kEth0 + "} 1000000000000000\n"));
}

TEST(Metrics, WhatIsNoCountIsLeftOut) {
  for (const auto* const value : {"-1", "null", "\"2\"", "true", "[2]", "{}", "1e400"}) {
    SCOPED_TRACE(value);
    auto odd = interface();
    odd["groups-count"] = json::parse(value, nullptr, false);
    EXPECT_THAT(samples(of_interface(odd), "igmp_querier_groups"), IsEmpty());
  }
}

/// Each member of a status in turn, and what is within it, becomes something else or is not there.
TEST(Metrics, WhateverIsMissingOrMistypedIsLeftOut) {
  const auto whole = status({interface()});
  const auto groups = json::array({group("224.0.0.251")});
  const auto without_daemon = samples(metrics(nullptr, kNone)).size();
  const auto places = whole.flatten();
  for (const auto& [place, value] : places.items()) {
    SCOPED_TRACE(place);
    for (auto pointer = json::json_pointer{place}; !pointer.empty(); pointer.pop_back()) {
      for (const auto& odd : {json{}, json{false}, json{-1}, json{"x"}, json::array({json{}}),
                              json::object({{"x", json{}}})}) {
        auto changed = whole;
        changed[pointer] = odd;
        const auto text = metrics(&changed, groups);
        EXPECT_THAT(text, HasSubstr("igmp_querier_up 1\n"));
        EXPECT_GE(samples(text).size(), without_daemon);
      }
    }
  }
  for (const auto& odd : {json{}, json{1}, json{"x"}, json::array({1, "x", nullptr, kNone})}) {
    EXPECT_THAT(samples(metrics(&odd, odd), "igmp_querier_group_members"), IsEmpty());
    EXPECT_THAT(samples(metrics(&whole, odd), "igmp_querier_groups"), testing::SizeIs(1));
  }
}

TEST(Metrics, NoTextGetsOutOfItsLabel) {
  struct Row {
    std::string given, written;
  };
  for (const auto& [given, written] : {
           Row{"\"} 1\nigmp_querier_up 7\n", R"(\"} 1?igmp_querier_up 7?)"},
           Row{R"(back\slash")", R"(back\\slash\")"},
           Row{"\r\t\x1b[31m\x7f", "???[31m?"},
           Row{std::string{"a\0b", 3}, "a?b"},
           Row{"\xff\xc3(\xed\xa0\x80", "?\?(?\?\?"},
           Row{"\u202eleft \u2028 line", "?left ? line"},
           Row{"b\u00fchne", "b\u00fchne"},
       }) {
    SCOPED_TRACE(given);
    auto hostile = interface();
    hostile["querier"] = given;
    const auto text = of_interface(hostile);
    EXPECT_EQ(label(text, "igmp_querier_elected_info", "address"), written);
    EXPECT_EQ(samples(text, "igmp_querier_up"), std::vector<std::string>{"igmp_querier_up 1"});
  }
}

TEST(Metrics, ALabelHasALimitAndEndsInAWholeCharacter) {
  struct Row {
    std::string given, written;
  };
  const std::string longest(128, 'x');
  for (const auto& [given, written] :
       {Row{longest, longest}, Row{longest + "y", longest},
        Row{longest.substr(2) + "\u20ac", longest.substr(2)},
        Row{longest.substr(3) + "\u20ac", longest.substr(3) + "\u20ac"},
        Row{longest.substr(1) + "\U0001f4fa", longest.substr(1)},
        Row{std::string(1 << 20, 'x'), longest}}) {
    auto hostile = interface();
    hostile["querier"] = given;
    EXPECT_EQ(label(of_interface(hostile), "igmp_querier_elected_info", "address"), written);
  }
}

TEST(Metrics, NoSampleIsThereTwice) {
  auto first = interface(), second = interface();
  const std::string longest(128, 'x');
  first["statistics"]["noticed"] = {{"a\n", 1}, {"a\r", 2}, {longest + "1", 3}, {longest + "2", 4}};
  second["groups-count"] = 77;
  const auto all = status({first, second});
  auto group_again = group("225.1.2.3", 5);
  const auto found =
      samples(metrics(&all, json::array({group("225.1.2.3"), group_again, group("225.1.2.4")})));
  std::set<std::string> series;
  for (const auto& line : found) {
    EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
  EXPECT_THAT(found, testing::Contains("igmp_querier_groups" + kEth0 + "} 2"));
  EXPECT_THAT(found, testing::Contains("igmp_querier_groups_listed 2"));
  EXPECT_THAT(found,
              testing::Contains("igmp_querier_anomalies_total" + kEth0 + R"(,reason="a?"} 1)"));
}

TEST(Metrics, AreNoMoreThanTheyMayBe) {
  json interfaces, groups;
  for (int i = 0; i < 1025; ++i) {
    interfaces.push_back(interface());
    interfaces.back()["interface-name"] = "eth" + std::to_string(i);
  }
  for (int i = 0; i < 1001; ++i) {
    groups.push_back(group("239.1." + std::to_string(i / 256) + "." + std::to_string(i % 256)));
  }
  for (int i = 0; i < 65; ++i) {
    interfaces[0]["statistics"]["noticed"]["reason " + std::to_string(i)] = i;
    interfaces[0]["statistics"]["dropped"]["reasons"]["reason " + std::to_string(i)] = i;
  }
  const auto all = status({interfaces.begin(), interfaces.end()});
  const auto text = metrics(&all, groups);
  EXPECT_EQ(samples(text, "igmp_querier_groups").size(), 1024U);
  EXPECT_EQ(samples(text, "igmp_querier_group_members").size(), 1000U);
  EXPECT_THAT(text, HasSubstr("\nigmp_querier_groups_listed 1000\n"));
  const auto one = status({interfaces[0]});
  EXPECT_EQ(samples(metrics(&one, kNone), "igmp_querier_anomalies_total").size(), 64U);
  EXPECT_EQ(samples(metrics(&one, kNone), "igmp_querier_packets_dropped_total").size(), 64U);
}

TEST(Metrics, TheStartIsAMoment) {
  struct Row {
    const char* time;
    std::string start;
  };
  for (const auto& [time, start] :
       {Row{"1970-01-01T00:01:40Z", "100"}, Row{"2024-02-29T12:00:00.999Z", "1709208001"},
        Row{"2024-02-29 12:00:00", ""}, Row{"2024-02-29T12:00", ""}, Row{"", ""}}) {
    SCOPED_TRACE(time);
    auto all = status({interface()});
    all["time"] = time;
    all["up-time"] = 0;
    const auto found = samples(metrics(&all, kNone), "igmp_querier_start_time_seconds");
    EXPECT_EQ(found, start.empty() ? std::vector<std::string>{}
                                   : std::vector{"igmp_querier_start_time_seconds " + start});
  }
}

}  // namespace
}  // namespace mcq::exporter
