#include "cli/groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/fake_daemon.hpp"
#include "support/run_command.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

json group(const std::string& address, const std::vector<std::string>& hosts = {}) {
  const bool is_ipv6 = address.find(':') != std::string::npos;
  json members = json::array();
  for (const auto& host : hosts) {
    members.push_back({{"host-address", host}, {"version", 2}, {"last-report", 12.5}});
  }
  return {{"interface-name", "eth0"},
          {"family", is_ipv6 ? "ipv6" : "ipv4"},
          {"group-address", address},
          {"filter-mode", "exclude"},
          {"version", 2},
          {"up-time", 3725},
          {"expire", 242},
          {"held", false},
          {"last-reporter", hosts.empty() ? json{} : json(hosts[0])},
          {"source", json::array()},
          {"host", members}};
}

json answer(const std::vector<json>& groups) { return {{"groups", groups}}; }

/// The addresses of the groups that a command selects.
std::vector<std::string> selected(const Groups& command, const std::vector<json>& groups) {
  std::vector<std::string> addresses;
  const auto kept = command.select(answer(groups));
  for (const auto& one : kept.at("groups")) {
    addresses.push_back(one.at("group-address"));
  }
  return addresses;
}

TEST(SelectGroups, OrdersAddressesByNumber) {
  const std::vector<json> groups{group("ff02::fb"), group("239.10.0.1"), group("239.9.0.1"),
                                 group("ff02::c"), group("224.0.1.129")};
  Groups command;
  EXPECT_THAT(selected(command, groups),
              ElementsAre("224.0.1.129", "239.9.0.1", "239.10.0.1", "ff02::c", "ff02::fb"));
  command.reverse = true;
  EXPECT_THAT(selected(command, groups),
              ElementsAre("ff02::fb", "ff02::c", "239.10.0.1", "239.9.0.1", "224.0.1.129"));
}

TEST(SelectGroups, OrdersByWhatWasAskedFor) {
  auto first = group("239.1.1.1", {"10.0.0.1", "10.0.0.2"});
  auto second = group("224.0.1.129");  // PTP
  auto third = group("225.0.0.1", {"10.0.0.1"});
  first["up-time"] = 5;
  second["up-time"] = 500.5;
  third["up-time"] = 50;
  first["expire"] = 9;
  second["expire"] = 8.5;
  third["expire"] = 10;
  struct Row {
    const char* sort;
    bool reverse;
    std::vector<std::string> expected;
  };
  const std::string a = "239.1.1.1", b = "224.0.1.129", c = "225.0.0.1";
  for (const auto& [sort, reverse, expected] :
       {Row{"name", false, {b, a, c}}, Row{"name", true, {c, a, b}}, Row{"hosts", false, {b, c, a}},
        Row{"hosts", true, {a, c, b}}, Row{"uptime", false, {a, c, b}},
        Row{"expires", false, {b, a, c}}, Row{"expires", true, {c, a, b}}}) {
    SCOPED_TRACE(testing::Message() << sort << (reverse ? ", reversed" : ""));
    Groups command;
    command.sort = sort;
    command.reverse = reverse;
    EXPECT_EQ(selected(command, {first, second, third}), expected);
  }
}

TEST(SelectGroups, EqualsAreInTheOrderOfTheirAddresses) {
  Groups command;
  command.sort = "hosts";
  const std::vector<json> groups{group("239.3.0.0"), group("239.1.0.0"), group("239.2.0.0")};
  EXPECT_THAT(selected(command, groups), ElementsAre("239.1.0.0", "239.2.0.0", "239.3.0.0"));
}

TEST(SelectGroups, KeepsThoseOfAHost) {
  Groups command;
  command.host = "10.0.0.1";
  EXPECT_THAT(selected(command, {group("239.1.1.1", {"10.0.0.11"}), group("239.1.1.2"),
                                 group("239.1.1.3", {"10.0.0.2", "10.0.0.1"})}),
              ElementsAre("239.1.1.3"));
}

TEST(SelectGroups, KeepsThoseOfAName) {
  Groups command;
  command.name = "SACN";
  EXPECT_THAT(
      selected(command, {group("239.255.0.1"), group("239.1.1.2"), group("ff18::83:0:0:1")}),
      ElementsAre("239.255.0.1", "ff18::83:0:0:1"));
}

TEST(RenderGroups, ShowsATable) {
  auto included = group("232.9.8.7", {"192.168.1.100"});
  included["filter-mode"] = "include";
  included["version"] = 3;
  included["source"] =
      json::parse(R"([{"source-address":"10.0.0.1","forwarded":true,"expire":100}])");
  EXPECT_EQ(
      Groups{}.render(answer({group("224.0.1.129"), included})),
      "Group        Name             Hosts  Mode       Ver  Last reporter   Uptime  Expires\n"
      "224.0.1.129  PTP                  -  exclude    v2   -              1:02:05     4:02\n"
      "232.9.8.7    source-specific      1  include 1  v3   192.168.1.100  1:02:05     4:02\n");
}

TEST(RenderGroups, NamesTheInterfaceWhereThereAreSeveral) {
  auto other = group("225.0.0.1");
  EXPECT_THAT(Groups{}.render(answer({group("225.0.0.1"), other})), Not(HasSubstr("eth0")));
  other["interface-name"] = "eth1";
  const auto text = Groups{}.render(answer({group("225.0.0.1"), other}));
  EXPECT_THAT(text, HasSubstr("Interface\n"));
  EXPECT_THAT(text, HasSubstr("eth0\n"));
  EXPECT_THAT(text, HasSubstr("eth1\n"));
}

TEST(RenderGroups, MarksEthernetAddressesOfLocalControl) {  // RFC 1112 §6.4
  for (const char* address : {"225.0.0.1", "239.128.0.255", "224.128.0.0", "232.0.0.251"}) {
    SCOPED_TRACE(address);
    const auto text = Groups{}.render(answer({group(address)}));
    EXPECT_THAT(text, HasSubstr(std::string{address} + " !"));
    EXPECT_THAT(text, HasSubstr("\n! has the same Ethernet address as one of 224.0.0.x"));
  }
  for (const char* address : {"225.0.1.0", "239.1.0.1", "239.64.0.1", "224.0.0.251", "ff02::1:3"}) {
    SCOPED_TRACE(address);
    EXPECT_THAT(Groups{}.render(answer({group(address)})), Not(HasSubstr("!")));
  }
}

TEST(RenderGroups, ListsMembersWhenAsked) {
  auto one = group("239.9.8.7", {"192.168.1.100"});
  one["source"] = json::parse(R"([
      {"source-address":"10.0.0.1","forwarded":true,"expire":100},
      {"source-address":"10.0.0.2","forwarded":false,"expire":null}])");
  Groups command;
  EXPECT_THAT(command.render(answer({one})), Not(HasSubstr("10.0.0.1")));
  command.all_members = true;
  EXPECT_THAT(command.render(answer({one})),
              HasSubstr("\n    source 10.0.0.1, expires in 1:40\n"
                        "    source 10.0.0.2, excluded by all\n"
                        "    host 192.168.1.100, v2, reported 0:12 ago\n"));
}

TEST(RenderGroups, SaysThatThereAreNone) {
  EXPECT_EQ(Groups{}.render(answer({})), "no groups\n");
  Groups one, some;
  one.group = "239.9.9.9";
  EXPECT_EQ(one.render(answer({})), "no host is a member of 239.9.9.9\n");
  some.name = "sACN";
  EXPECT_EQ(some.render(answer({})), "no groups that match\n");
}

/// A table with every column, and cells of the usual widths.
std::string wide_table(std::size_t columns, bool long_list = false) {
  std::vector<json> groups{group("239.255.255.250", {"192.168.100.100"}), group("239.128.0.1"),
                           group("ff12:1234:5678:9abc:def0:1234:5678:9abc",
                                 {"fe80:1234:5678:9abc:def0:1234:5678:9abc"})};
  groups[1]["interface-name"] = "enp0s31f6.2000";
  groups[1]["held"] = true;
  for (auto& one : groups) one["ports"] = {"tap101i0", "this host"};
  for (auto& one : groups) one["ports-reason"] = nullptr;
  Groups command;
  command.all_members = long_list;
  const GroupDetails known{
      .names = {{"192.168.100.100", "a-name-" + std::string(240, 'x') + ".example"}},
      .lifetimes = {}};
  return command.render(answer(groups), {.columns = columns}, known);
}

TEST(RenderGroups, FitsEveryWidth) {
  for (std::size_t columns = 40; columns <= 200; ++columns) {
    for (const bool long_list : {false, true}) {
      std::istringstream lines{wide_table(columns, long_list)};
      for (std::string line; std::getline(lines, line);) {
        ASSERT_LE(text::width(line), columns) << line;
      }
    }
  }
}

TEST(RenderGroups, LeavesColumnsOutInTheOrderThatIsDocumented) {
  std::vector<std::string> left_out;
  const std::vector<std::string> titles{"Reporter name", "Ver",  "Mode",  "Uptime",
                                        "Last reporter", "Held", "Ports", "Interface",
                                        "Expires",       "Name", "Hosts"};
  for (std::size_t columns = 250; columns > 40; --columns) {
    const auto all = wide_table(columns);
    const auto head = all.substr(0, all.find('\n'));
    for (const auto& title : titles) {
      const bool is_there = head.find(" " + title) != std::string::npos;
      const bool was_there = std::find(left_out.begin(), left_out.end(), title) == left_out.end();
      if (!is_there && was_there) left_out.push_back(title);
    }
  }
  ASSERT_GE(left_out.size(), 8U);
  const std::vector<std::string> first(
      titles.begin(), titles.begin() + static_cast<std::ptrdiff_t>(left_out.size()));
  EXPECT_EQ(left_out, first);
}

TEST(RenderGroups, NamesTheHostsThatHaveANameInWholeOnAWideOutput) {
  const GroupDetails known{.names = {{"10.0.0.1", "tv.lan"}}, .lifetimes = {}};
  Groups command;
  command.all_members = true;
  const auto text =
      command.render(answer({group("239.1.1.1", {"10.0.0.1", "10.0.0.2"})}), {}, known);
  EXPECT_THAT(text, HasSubstr("Last reporter  Reporter name   Uptime"));
  EXPECT_THAT(text, HasSubstr("10.0.0.1       tv.lan         1:02:05"));
  EXPECT_THAT(text, HasSubstr("\n    host 10.0.0.1 (tv.lan), v2,"));
  EXPECT_THAT(text, HasSubstr("\n    host 10.0.0.2, v2,"));
  EXPECT_THAT(wide_table(Output::kEndless), HasSubstr(std::string(240, 'x') + ".example"));
}

TEST(RenderGroups, AGroupThatExpiresSoonHasAColour) {
  auto soon = group("239.1.1.1"), later = group("239.1.1.2"), elsewhere = group("239.1.1.3");
  soon["expire"] = 64;
  later["expire"] = 66;
  elsewhere["expire"] = 1;
  elsewhere["interface-name"] = "eth1";  // nothing is known of it
  const GroupDetails known{.names = {}, .lifetimes = {{{"eth0", "ipv4"}, 260}}};
  const auto text = Groups{}.render(answer({soon, later, elsewhere}), {.has_colours = true}, known);
  EXPECT_THAT(text, HasSubstr("\x1b[33m   1:04\x1b[0m"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b[33m   1:06")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b[33m   0:01")));
  EXPECT_THAT(Groups{}.render(answer({soon}), {}, known), Not(HasSubstr("\x1b")));
}

TEST(GroupsCommand, AsksForOneGroup) {
  FakeDaemon daemon{{{"/v1/groups", http_answer(answer({group("ff05::1")}).dump())}}};
  const auto outcome = run(Groups{}, {"FF05:0::1", "-i", "eth0", "--api-socket", daemon.path});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  EXPECT_THAT(outcome.out, HasSubstr("\nff05::1 "));
  EXPECT_THAT(daemon.requests(),
              ElementsAre("GET /v1/groups?group=ff05%3A%3A1&interface=eth0 HTTP/1.1"));
}

TEST(GroupsCommand, PrintsWhatItSelectedAsJson) {
  const auto wanted = group("239.1.1.1", {"10.0.0.1"});
  const FakeDaemon daemon{
      {{"/v1/groups", http_answer(answer({group("239.1.1.2"), wanted}).dump())}}};
  const auto outcome = run(Groups{}, {"--json", "--host", "10.0.0.1", "--api-socket", daemon.path});
  EXPECT_EQ(json::parse(outcome.out), answer({wanted}));
}

TEST(GroupsCommand, WhatIsNoAddressIsWrongUsage) {
  for (const auto& arguments :
       {std::vector<std::string>{"mdns"}, std::vector<std::string>{"--host", "raspberry"}}) {
    const auto outcome = run(Groups{}, arguments);
    EXPECT_EQ(outcome.code, ExitCode::kWrongUsage);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("is not an address"));
  }
}

/// The order that --sort chooses.
std::string order(const std::string& word) {
  Groups command;
  CLI::App app;
  command.declare(app);
  app.parse("--sort " + word);
  return command.sort;
}

TEST(GroupsCommand, AnOrderIsTheHeadOfAColumn) {
  for (const auto* word : {"group", "name", "hosts", "mode", "ver", "last-reporter",
                           "reporter-name", "uptime", "expires", "held", "interface", "ports"}) {
    EXPECT_EQ(order(word), word);
  }
  EXPECT_EQ(order("address"), "group") << "as it was once called";
  EXPECT_EQ(order("expire"), "expires");
  try {
    order("colour");
    ADD_FAILURE();
  } catch (const CLI::ParseError& error) {
    EXPECT_THAT(error.what(), HasSubstr("{group,name,hosts,"));
  }
}

TEST(GroupsCommand, FailsWhenTheAnswerIsOfAnotherVersion) {
  for (const auto* body : {"[]", "{}", R"({"groups":{}})", R"({"groups":[1]})",
                           R"({"groups":[{"group-address":1}]})"}) {
    SCOPED_TRACE(body);
    const FakeDaemon daemon{{{"/v1/groups", http_answer(body)}}};
    const auto outcome = run(Groups{}, {"--api-socket", daemon.path});
    EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
    EXPECT_THAT(outcome.out, IsEmpty());
  }
}

}  // namespace
}  // namespace mcq::cli
