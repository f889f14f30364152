#include "cli/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/fake_daemon.hpp"
#include "support/run_command.hpp"
#include "support/status_document.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;
using test::interface_status;
using test::status_document;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string render(const json& one, const text::MacVendors& vendors = {}) {
  return render_status(status_document({one}), vendors);
}

TEST(RenderStatus, ShowsAQuerierThatAllIsWellWith) {
  EXPECT_EQ(render(interface_status(), {{"00:22:72:00:00:01", "Maker"}}),
            "eth0: we are the querier; 14 hosts keep 31 groups alive; all is well\n"
            "\n"
            "eth0 IGMP\n"
            "  link          up, 00:22:72:00:00:01 (Maker)\n"
            "  address       192.168.1.10\n"
            "  role          querier for 12:15: no querier with a lower address queries\n"
            "  querier       192.168.1.10 (this host)\n"
            "  next query    in 0:32\n"
            "  last query    0:12 ago; 9 hosts answered so far, 14 the one before\n"
            "  members       14 hosts, 31 groups, 1 source\n"
            "  settings      IGMPv2, query every 60 s, response 10 s, robustness 2, other\n"
            "                querier 255 s, at most 65536 groups\n"
            "  counters      for 1d01h: 1 role change, 0 elections lost\n"
            "  sent          31 queries: 30 general, 1 specific\n"
            "  received      190: 180 reports (100 v2, 80 v3), 9 leaves, 1 query (1 v3)\n"
            "  dropped       3: bad-checksum (2), truncated (1)\n");
}

TEST(RenderStatus, ShowsTheOtherQuerier) {
  auto one = interface_status();
  one["other-querier"] = json::parse(R"({
    "address": "192.168.1.5", "mac-address": "00:22:72:00:00:05", "version": 3,
    "query-interval": 125, "robustness-variable": 2, "measured-query-interval": 124.9,
    "last-query": 77, "expire": 180})");
  one["next-query"] = nullptr;
  const auto text = render(one, {{"00:22:72:00:00:05", "Switches Inc."}});
  EXPECT_THAT(
      text, HasSubstr("  querier       192.168.1.5, 00:22:72:00:00:05 (Switches Inc.), IGMPv3\n"
                      "    advertises  query interval 125 s, robustness 2\n"
                      "    measured    a query every 124.9 s\n"
                      "    last query  1:17 ago; unless it queries again, we take over in 3:00\n"));
  EXPECT_THAT(text, Not(HasSubstr("next query")));
  EXPECT_THAT(text, Not(HasSubstr("rival")));
}

TEST(RenderStatus, ShowsWhatAnOldQuerierDoesNotSay) {
  auto one = interface_status();
  one["other-querier"] = json::parse(R"({
    "address": "192.168.1.5", "mac-address": "00:22:72:00:00:05", "version": 2,
    "query-interval": null, "robustness-variable": null, "measured-query-interval": null,
    "last-query": 0, "expire": 255})");
  EXPECT_THAT(render(one), HasSubstr("    advertises  no query interval\n"
                                     "    measured    one query so far\n"));
}

TEST(RenderStatus, ShowsARival) {
  auto one = interface_status();
  one["rival"] = json::parse(R"({"address": "192.168.1.20", "mac-address": "02:00:00:00:00:14",
                                 "version": 1, "last-query": 5, "queries": 12})");
  EXPECT_THAT(
      render(one),
      HasSubstr("  rival         192.168.1.20, 02:00:00:00:00:14, IGMPv1: queries although our\n"
                "                address is lower, 12 times, the last 0:05 ago\n"));
}

TEST(RenderStatus, NamesSilentHosts) {
  auto one = interface_status();
  one["silent-hosts-count"] = 1;
  one["silent-hosts"] = {"192.168.1.20"};
  EXPECT_THAT(
      render(one),
      HasSubstr("  silent        1 host that has not left but answers no query: 192.168.1.20\n"));
  one["silent-hosts-count"] = 7;
  one["silent-hosts"] = {"192.168.1.20", "192.168.1.21"};
  EXPECT_THAT(
      render(one),
      HasSubstr("  silent        7 hosts that have not left but answer no query: 192.168.1.20,\n"
                "                192.168.1.21 and 5 more\n"));
  EXPECT_THAT(render(interface_status()), Not(HasSubstr("  silent ")));
}

TEST(RenderStatus, ShowsAnInterfaceThatWaits) {
  auto one = interface_status();
  for (const char* unknown :
       {"mac-address", "address", "querier", "next-query", "last-general-query"}) {
    one[unknown] = nullptr;
  }
  one["oper-status"] = "down";
  one["role"] = "waiting";
  one["reason"] = "the link is down";
  one["statistics"]["noticed"] = {{"older-host", 2}, {"too-many-groups", 30}, {"any-source", 0}};
  one["settings"]["proxy"] = true;
  one["settings"]["explicit-tracking"] = false;
  EXPECT_THAT(render(one), HasSubstr("  link          down\n"
                                     "  address       none\n"
                                     "  role          waiting for 12:15: the link is down\n"
                                     "  querier       none\n"
                                     "  last query    none yet\n"));
  EXPECT_THAT(render(one), HasSubstr(" groups, proxy, hosts are not\n                tracked\n"));
  EXPECT_THAT(render(one), HasSubstr("  noticed       too-many-groups (30), older-host (2)\n"));
}

TEST(RenderStatus, OnlyAQuerierIsThisHost) {
  auto one = interface_status();
  one["role"] = "other";
  EXPECT_THAT(render(one), HasSubstr("  querier       192.168.1.10\n"));
}

json named(const std::string& name, bool healthy) {
  auto one = interface_status();
  one["interface-name"] = name;
  one["healthy"] = healthy;
  one["verdict"] = name + (healthy ? ": fine" : ": something is wrong");
  return one;
}

TEST(RenderStatus, AllVerdictsComeFirstAndBadOnesBeforeGoodOnes) {
  EXPECT_THAT(render_status(status_document({named("a", true), named("b", true)}), {}),
              StartsWith("a: fine\nb: fine\n\na IGMP\n"));
  EXPECT_THAT(render_status(status_document({named("a", true), named("b", false), named("c", true),
                                             named("d", false)}),
                            {}),
              StartsWith("b: something is wrong\nd: something is wrong\na: fine\nc: fine\n"
                         "\na IGMP\n"));
}

TEST(RenderStatus, FurtherFindingsFollowTheVerdict) {
  const json mute{{"id", "mute-host"},
                  {"severity", "risk"},
                  {"subject", "192.168.1.20"},
                  {"what", "has not answered the last two General Queries and has not left"},
                  {"fix", "look at its firewall"}};
  const json rogue{{"id", "rogue-querier"},
                   {"severity", "problem"},
                   {"subject", "IGMP"},
                   {"what", "there is a rogue querier"},
                   {"fix", "turn it off"}};
  auto one = named("a", true);
  one["findings"] = json::array({mute});
  EXPECT_THAT(
      render(one),
      StartsWith("a: fine\n"
                 "  risk          192.168.1.20 has not answered the last two General Queries and\n"
                 "                has not left: look at its firewall\n"
                 "\na IGMP\n"));
  one = named("a", false);  // the verdict tells the first
  one["findings"] = json::array({rogue, mute});
  EXPECT_THAT(render(one),
              StartsWith("a: something is wrong\n  risk          192.168.1.20 has not answered"));
  one["findings"] = {rogue, rogue};
  EXPECT_THAT(render(one), StartsWith("a: something is wrong\n"
                                      "  problem       there is a rogue querier: turn it off\n"));
}

TEST(RenderStatus, CountsSayWhatWasNoticed) {
  auto one = interface_status();
  one["statistics"]["noticed"] = {{"interface served twice", 2}};
  EXPECT_THAT(render(one), HasSubstr("  noticed       another igmp-querier here serves this "
                                     "interface too (2)\n"));
}

TEST(RenderStatus, WhatIsWrongHasAColour) {
  const auto coloured = [](const json& one) {
    return render_status(status_document({one}), {}, {.has_colours = true});
  };
  auto one = interface_status();
  EXPECT_THAT(coloured(one), StartsWith("\x1b[32meth0: we are the querier"));
  one["healthy"] = false;
  one["silent-hosts-count"] = 1;
  one["silent-hosts"] = {"192.168.1.20"};
  EXPECT_THAT(coloured(one), StartsWith("\x1b[1;31meth0: "));
  EXPECT_THAT(coloured(one), HasSubstr("\x1b[33m  silent        1 host that has not left"));
  EXPECT_THAT(render(one), Not(HasSubstr("\x1b")));
}

TEST(RenderStatus, WithoutInterfacesThereIsTheVerdict) {
  EXPECT_EQ(render_status(status_document({}), {}), "no interface is served\n");
}

TEST(RenderStatus, CannotCommandATerminal) {
  auto one = interface_status();
  one["interface-name"] = "e\x1b[2Jh";
  one["reason"] = "\x07";
  one["statistics"]["noticed"]["\x1b]0;"] = 1;
  EXPECT_THAT(render(one), Not(testing::ContainsRegex("[\x01-\x09\x0b-\x1f]")));
}

Outcome run_status(const std::string& body, std::vector<std::string> arguments = {}) {
  const FakeDaemon daemon{{{"/v1/status", http_answer(body)}}};
  arguments.insert(arguments.end(), {"--api-socket", daemon.path});
  return run(Status{}, arguments);
}

TEST(StatusCommand, ItsExitStatusIsTheHealth) {
  auto ill = interface_status();
  ill["healthy"] = false;
  EXPECT_EQ(run_status(status_document({interface_status(), interface_status()}).dump()).code,
            ExitCode::kOk);
  EXPECT_EQ(run_status(status_document({interface_status(), ill}).dump()).code,
            ExitCode::kUnhealthy);
  EXPECT_EQ(run_status(status_document({ill, interface_status()}).dump(), {"--json"}).code,
            ExitCode::kUnhealthy);
  EXPECT_EQ(run_status(status_document({}, false).dump()).code, ExitCode::kUnhealthy);
  EXPECT_EQ(run_status(status_document({}, true).dump()).code, ExitCode::kOk);
}

TEST(StatusCommand, PrintsTheAnswerAsJson) {
  const auto answer = status_document({interface_status()});
  EXPECT_EQ(json::parse(run_status(answer.dump(), {"--json"}).out), answer);
}

TEST(StatusCommand, FailsWithoutADaemon) {
  const auto outcome = run(Status{}, {"--api-socket", "/nonexistent/api.sock"});
  EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("igmp-querier: no igmp-querier answers at "));
}

TEST(StatusCommand, FailsWhenTheAnswerIsOfAnotherVersion) {
  const auto outcome = run_status("{}");
  EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace mcq::cli
