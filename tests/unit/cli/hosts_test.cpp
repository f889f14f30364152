#include "cli/hosts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

json host(const std::string& address, const std::string& mac = "00:22:72:00:00:01") {
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return {{"interface-name", "eth0"},
          {"family", is_ipv6 ? "ipv6" : "ipv4"},
          {"host-address", address},
          {"mac-address", mac},
          {"version", is_ipv6 ? 2 : 3},
          {"up-time", 3725},
          {"last-report", 12.5},
          {"answered-queries", 60},
          {"missed-queries", 0},
          {"awaited", true},
          {"silent", false}};
}

/// An answer of /v1/groups, as far as hosts are concerned.
json groups(const std::vector<std::pair<std::string, std::vector<std::string>>>& members) {
  json all = json::array();
  for (const auto& [address, hosts] : members) {
    json list = json::array();
    for (const auto& one : hosts) list.push_back({{"host-address", one}});
    all.push_back({{"interface-name", "eth0"}, {"group-address", address}, {"host", list}});
  }
  return {{"groups", all}};
}

json answer(const std::vector<json>& hosts) { return {{"hosts", hosts}}; }

std::vector<std::string> selected(const Hosts& command, const std::vector<json>& hosts,
                                  const json& memberships, const HostDetails& known = {}) {
  std::vector<std::string> addresses;
  const auto kept = command.select(answer(hosts), memberships, known);
  for (const auto& one : kept.at("hosts")) {
    addresses.push_back(one.at("host-address"));
  }
  return addresses;
}

TEST(SelectHosts, OrdersAddressesByNumber) {
  const std::vector<json> hosts{host("fe80::1"), host("192.168.1.100"), host("192.168.1.9")};
  Hosts command;
  EXPECT_THAT(selected(command, hosts, groups({})),
              ElementsAre("192.168.1.9", "192.168.1.100", "fe80::1"));
  command.reverse = true;
  EXPECT_THAT(selected(command, hosts, groups({})),
              ElementsAre("fe80::1", "192.168.1.100", "192.168.1.9"));
}

TEST(SelectHosts, OrdersByWhatWasAskedFor) {
  auto a = host("10.0.0.1", "00:22:72:00:00:01");
  auto b = host("10.0.0.2", "00:22:72:00:00:02");
  auto c = host("10.0.0.3", "00:22:72:00:00:03");
  a["last-report"] = 7;
  c["last-report"] = 6.5;
  a["up-time"] = 9;
  b["up-time"] = 10;
  c["up-time"] = 8;
  const auto memberships =
      groups({{"239.1.1.1", {"10.0.0.1", "10.0.0.3"}}, {"239.1.1.2", {"10.0.0.3"}}});
  const text::MacVendors vendors{{"00:22:72:00:00:02", "Beta"}, {"00:22:72:00:00:03", "Alpha"}};
  const std::string A = "10.0.0.1", B = "10.0.0.2", C = "10.0.0.3";
  struct Row {
    const char* sort;
    bool reverse;
    std::vector<std::string> expected;
  };
  for (const auto& [sort, reverse, expected] :
       {Row{"groups", false, {B, A, C}}, Row{"groups", true, {C, A, B}},
        Row{"last-report", false, {C, A, B}}, Row{"first-seen", false, {C, A, B}},
        Row{"first-seen", true, {B, A, C}}, Row{"vendor", false, {C, B, A}}}) {
    SCOPED_TRACE(testing::Message() << sort << (reverse ? ", reversed" : ""));
    Hosts command;
    command.sort = sort;
    command.reverse = reverse;
    EXPECT_EQ(selected(command, {a, b, c}, memberships, {.vendors = vendors, .names = {}}),
              expected);
  }
}

TEST(SelectHosts, KeepsWhatWasAskedFor) {
  const std::vector<json> hosts{host("10.0.0.1"), host("10.0.0.2", "00:22:72:00:00:02"),
                                host("10.0.0.3")};
  const auto memberships = groups({{"239.1.1.1", {"10.0.0.1"}}, {"239.1.1.11", {"10.0.0.3"}}});
  Hosts by_address;
  by_address.host = "10.0.0.2";
  EXPECT_THAT(selected(by_address, hosts, memberships), ElementsAre("10.0.0.2"));
  Hosts by_group;
  by_group.group = "239.1.1.1";
  EXPECT_THAT(selected(by_group, hosts, memberships), ElementsAre("10.0.0.1"));
  Hosts by_vendor;
  by_vendor.vendor = "berry";
  EXPECT_THAT(selected(by_vendor, hosts, memberships,
                       {.vendors = {{"00:22:72:00:00:02", "Raspberry Pi"}}, .names = {}}),
              ElementsAre("10.0.0.2"));
}

TEST(SelectHosts, GroupsOfAnotherInterfaceAreNotTheirs) {
  auto elsewhere = host("10.0.0.1");
  elsewhere["interface-name"] = "eth1";
  Hosts command;
  command.group = "239.1.1.1";
  EXPECT_THAT(selected(command, {elsewhere}, groups({{"239.1.1.1", {"10.0.0.1"}}})), IsEmpty());
}

TEST(RenderHosts, ShowsATable) {
  const auto memberships =
      groups({{"239.1.1.1", {"192.168.1.9", "fe80::1"}}, {"239.1.1.2", {"192.168.1.9"}}});
  const HostDetails known{.vendors = {{"00:22:72:00:00:01", "A maker of a very long name"},
                                      {"02:00:00:00:00:01", "(private)"}},
                          .names = {{"192.168.1.9", "tv.lan"}}};
  const auto shown = [&](std::size_t columns) {
    return Hosts{}.render(answer({host("192.168.1.9"), host("fe80::1", "02:00:00:00:00:01")}),
                          memberships, known, {.columns = columns});
  };
  EXPECT_EQ(shown(105),
            "Host         Host name  MAC address        Vendor                    Ver  Groups  "
            "First seen  Last report\n"
            "192.168.1.9  tv.lan     00:22:72:00:00:01  A maker of a very lon...  v3        2  "
            "   1:02:05         0:12\n"
            "fe80::1                 02:00:00:00:00:01  (private)                 v2        1  "
            "   1:02:05         0:12\n");
  EXPECT_EQ(shown(80),
            "Host         Host name  MAC address        Groups  Last report\n"
            "192.168.1.9  tv.lan     00:22:72:00:00:01       2         0:12\n"
            "fe80::1                 02:00:00:00:00:01       1         0:12\n");
  EXPECT_THAT(shown(108), HasSubstr("  A maker of a very long name  "));
  EXPECT_EQ(shown(Output::kEndless), shown(108));
}

TEST(RenderHosts, FitsEveryWidth) {
  auto silent = host("fe80:1234:5678:9abc:def0:1234:5678:9abc");
  silent["silent"] = true;
  silent["interface-name"] = "enp0s31f6.2000";
  const HostDetails known{.vendors = {{"00:22:72:00:00:01", std::string(60, 'v')}},
                          .names = {{"10.0.0.1", std::string(255, 'n')}}};
  Hosts command;
  command.all_groups = true;
  for (std::size_t columns = 40; columns <= 200; ++columns) {
    std::istringstream lines{command.render(answer({host("10.0.0.1"), silent}),
                                            groups({{"239.255.255.250", {"10.0.0.1"}}}), known,
                                            {.columns = columns})};
    for (std::string line; std::getline(lines, line);) {
      ASSERT_LE(text::width(line), columns) << line;
    }
  }
}

TEST(RenderHosts, ASilentHostHasAColour) {
  auto silent = host("10.0.0.1");
  silent["silent"] = true;
  const auto text =
      Hosts{}.render(answer({silent, host("10.0.0.2")}), groups({}), {}, {.has_colours = true});
  EXPECT_THAT(text, HasSubstr("\x1b[33m10.0.0.1 ?\x1b[0m  "));
  EXPECT_THAT(text, HasSubstr("\n10.0.0.2 "));
}

TEST(RenderHosts, ListsTheGroupsWhenAsked) {
  Hosts command;
  command.all_groups = true;
  const auto memberships = groups({{"239.10.0.1", {"10.0.0.1"}},
                                   {"239.255.255.250", {"10.0.0.1"}},
                                   {"225.9.0.1", {"10.0.0.1"}},
                                   {"239.3.0.1", {"10.0.0.2"}}});
  EXPECT_THAT(command.render(answer({host("10.0.0.1")}), memberships, {}),
              HasSubstr("\n    225.9.0.1\n"
                        "    239.10.0.1  ka9q-radio or private\n"
                        "    239.255.255.250  SSDP (UPnP) or WS-Discovery\n"));
}

TEST(RenderHosts, SaysThatThereAreNone) {
  EXPECT_EQ(Hosts{}.render(answer({}), groups({}), {}), "no hosts\n");
  Hosts one, some;
  one.host = "192.168.1.20";
  EXPECT_EQ(one.render(answer({}), groups({}), {}), "no group is reported by 192.168.1.20\n");
  some.vendor = "berry";
  EXPECT_EQ(some.render(answer({}), groups({}), {}), "no hosts that match\n");
}

TEST(RenderHosts, MarksSilentHosts) {
  auto silent = host("10.0.0.1");
  silent["silent"] = true;
  const auto text = Hosts{}.render(answer({silent, host("10.0.0.2")}), groups({}), {});
  EXPECT_THAT(text, HasSubstr("10.0.0.1 ?"));
  EXPECT_THAT(text, Not(HasSubstr("10.0.0.2 ?")));
  EXPECT_THAT(text, HasSubstr("\n? has not answered the last two queries and has not left"));
  EXPECT_THAT(Hosts{}.render(answer({host("10.0.0.2")}), groups({}), {}), Not(HasSubstr("?")));
}

TEST(HostsCommand, AnOrderIsTheHeadOfAColumn) {
  const auto order = [](const std::string& word) {
    Hosts command;
    CLI::App app;
    command.declare(app);
    app.parse("--sort " + word);
    return command.sort;
  };
  for (const auto* word : {"host", "host-name", "mac-address", "vendor", "ver", "groups",
                           "first-seen", "last-report", "interface"}) {
    EXPECT_EQ(order(word), word);
  }
  EXPECT_EQ(order("last"), "last-report") << "as it was once called";
  EXPECT_THROW(order("colour"), CLI::ParseError);
}

TEST(HostsCommand, JoinsHostsAndGroups) {
  FakeDaemon daemon{
      {{"/v1/hosts", http_answer(answer({host("10.0.0.1"), host("10.0.0.2")}).dump())},
       {"/v1/groups", http_answer(groups({{"ff05::1", {"10.0.0.2"}}}).dump())}}};
  const auto outcome =
      run(Hosts{}, {"--json", "--group", "ff05:0::1", "-i", "eth0", "--api-socket", daemon.path});
  EXPECT_EQ(json::parse(outcome.out), answer({host("10.0.0.2")}));
  EXPECT_THAT(daemon.requests(), ElementsAre("GET /v1/hosts?interface=eth0 HTTP/1.1",
                                             "GET /v1/groups?interface=eth0 HTTP/1.1"));
}

TEST(HostsCommand, WhatIsNoAddressIsWrongUsage) {
  for (const auto& arguments :
       {std::vector<std::string>{"raspberry"}, std::vector<std::string>{"--group", "mdns"}}) {
    const auto outcome = run(Hosts{}, arguments);
    EXPECT_EQ(outcome.code, ExitCode::kWrongUsage);
    EXPECT_THAT(outcome.err, HasSubstr("is not an address"));
  }
}

TEST(HostsCommand, FailsWhereEitherAnswerIsMissing) {
  const auto good = http_answer(answer({}).dump());
  const auto bad = http_answer(R"({"error":"no"})", "400 Bad Request");
  for (const auto& answers : {std::map<std::string, std::string>{{"/v1/hosts", bad}},
                              {{"/v1/hosts", good}, {"/v1/groups", bad}}}) {
    const FakeDaemon daemon{answers};
    const auto outcome = run(Hosts{}, {"--api-socket", daemon.path});
    EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
    EXPECT_EQ(outcome.err, "igmp-querier: no\n");
  }
}

}  // namespace
}  // namespace mcq::cli
