#include "diagnose/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "diagnose/rules.hpp"

namespace mcq::diagnose {
namespace {

using core::Role;
using core::WaitReason;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

ServiceEvidence well() {
  ServiceEvidence evidence;
  evidence.name = "eth0";
  evidence.protocol = "IGMP";
  evidence.role = Role::kQuerier;
  evidence.address = evidence.querier = "192.0.2.10";
  evidence.groups = 31;
  evidence.hosts = 14;
  return evidence;
}

Verdict told(const ServiceEvidence& evidence) { return verdict(evidence, judge(evidence)); }

/// So many hosts are silent, of which some have never answered, and so many others answer.
void are_silent(ServiceEvidence& condition, std::size_t silent, std::size_t never,
                std::size_t answering) {
  condition.silent = silent;
  condition.never_answered = never;
  condition.answering = answering;
  for (std::size_t i = 0; i < silent; ++i) {
    condition.silent_hosts.push_back("192.0.2." + std::to_string(20 + i));
  }
}

TEST(Verdict, SaysThatAllIsWell) {
  EXPECT_EQ(
      told(well()),
      (Verdict{true, "eth0: we are the querier; 14 hosts keep 31 groups alive; all is well"}));
}

TEST(Verdict, CountsInWords) {
  struct Row {
    std::size_t hosts, groups;
    bool tracks;
    const char* words;
  };
  for (const auto& [hosts, groups, tracks, words] :
       {Row{1, 1, true, "1 host keeps 1 group alive"},
        Row{2, 1, true, "2 hosts keep 1 group alive"}, Row{3, 0, true, "no group has a member yet"},
        Row{0, 2, false, "2 groups are alive"}, Row{0, 1, false, "1 group is alive"}}) {
    auto condition = well();
    condition.hosts = hosts;
    condition.groups = groups;
    condition.tracks_hosts = tracks;
    EXPECT_EQ(told(condition).text,
              "eth0: we are the querier; " + std::string{words} + "; all is well");
  }
}

TEST(Verdict, NamesTheQuerierWeStandByFor) {
  auto condition = well();
  condition.role = Role::kNonQuerier;
  condition.querier = "192.0.2.5";
  const auto verdict = told(condition);
  EXPECT_TRUE(verdict.healthy);
  EXPECT_THAT(verdict.text, StartsWith("eth0: 192.0.2.5 is the querier, we stand by; 14 hosts"));
}

TEST(Verdict, SaysWhatIsWrongAndWhatToDo) {
  struct Row {
    std::function<void(ServiceEvidence&)> spoil;
    const char *what, *advice;
  };
  const auto waits = [](WaitReason reason) {
    return [=](ServiceEvidence& c) {
      c.role = Role::kWaiting;
      c.wait_reason = reason;
    };
  };
  for (const auto& [spoil, what, advice] : {
           Row{waits(WaitReason::kLink), "no link", "check cable"},
           Row{waits(WaitReason::kIpv4Address), "no IPv4 address", "--proxy"},
           Row{waits(WaitReason::kLinkLocalAddress), "no IPv6", "enable IPv6"},
           Row{waits(WaitReason::kSourceAddress), "configured source-address", "add it"},
           Row{waits(WaitReason::kReceiver), "cannot open its sockets", "journalctl"},
           Row{waits(WaitReason::kInterface), "waiting for the interface to appear", "ip link"},
           Row{[](auto& c) { c.cannot_send = true; }, "cannot send", "journalctl"},
           Row{[](auto& c) { c.duplicate = "02:00:00:00:00:99"; },
               "02:00:00:00:00:99 uses our address 192.0.2.10", "give one of the two another"},
           Row{[](auto& c) { c.rival = "192.0.2.20", c.rival_mac = "02:00:00:00:00:99"; },
               "192.0.2.20 (02:00:00:00:00:99) queries although our address 192.0.2.10 is lower",
               "turn one of the two queriers off"},
           Row{[](auto& c) { c.rogue = true; }, "there is a rogue querier, and we keep querying",
               "add it to trusted-queriers"},
           Row{[](auto& c) {
                 c.rogue = true;
                 c.role = Role::kNonQuerier;
               },
               "we yield to it", "turn it off"},
           Row{[](auto& c) { c.flapping = true; }, "many elections", "journalctl"},
           Row{[](auto& c) { c.query_interval = 260'012'345'678ns; }, "queries only every 260 s",
               "lower its query interval"},
           Row{[](auto& c) { c.cannot_receive = true; }, "not received", "the log"},
           Row{[](auto& c) { c.served_twice = true; }, "another igmp-querier", "stop one"},
           Row{[](auto& c) { c.asked_beside = true; },
               "another querier on this machine sends queries from our address 192.0.2.10",
               "stop one"},
           Row{[](auto& c) { c.too_many_groups = true; }, "groups were refused",
               "raise max-groups"},
           Row{[](auto& c) { c.too_many_sources = true; }, "sources were refused",
               "raise max-sources-per-group"},
           Row{[](auto& c) { c.host_unreachable = true; }, "programs on this host", "the log"},
           Row{[](auto& c) { are_silent(c, 2, 0, 0); }, "no host has answered",
               "through the switch"},
       }) {
    auto condition = well();
    spoil(condition);
    const auto verdict = told(condition);
    EXPECT_FALSE(verdict.healthy) << what;
    EXPECT_THAT(verdict.text, AllOf(StartsWith("eth0: "), HasSubstr(what), HasSubstr(advice)));
    EXPECT_EQ(verdict.text.find('\n'), std::string::npos);
  }
}

TEST(Verdict, AQuerierThatAsksOftenEnoughIsWell) {
  auto condition = well();
  condition.role = Role::kNonQuerier;
  condition.query_interval = 260s - 1ns;
  EXPECT_TRUE(told(condition).healthy);
}

/// While we stand by for one that asks every two minutes, and take over after 505 s of silence.
ServiceEvidence after_silence(Duration silence) {
  auto condition = well();
  condition.role = Role::kNonQuerier;
  condition.querier = "192.0.2.5";
  condition.query_interval = 120s;
  condition.query_due = 130s;
  condition.silence = silence;
  condition.takeover = 505s - silence;
  return condition;
}

TEST(Verdict, ASilentQuerierIsTroubleWhenSwitchesForget) {
  const auto verdict = told(after_silence(268s));
  EXPECT_FALSE(verdict.healthy);
  EXPECT_EQ(verdict.text,
            "eth0: 192.0.2.5 is the querier but has not queried for 268 s; we take over in 237 s, "
            "and switches forget members after 260 s: check whether it still runs");
  EXPECT_FALSE(told(after_silence(260s)).healthy);
}

TEST(Verdict, ASilentQuerierIsToldOfBeforeThat) {
  const auto verdict = told(after_silence(260s - 1ns));
  EXPECT_TRUE(verdict.healthy);
  EXPECT_EQ(
      told(after_silence(140s)),
      (Verdict{true,
               "eth0: 192.0.2.5 is the querier but has not queried for 140 s; we take over in "
               "365 s; 14 hosts keep 31 groups alive; all is well so far"}));
  EXPECT_THAT(told(after_silence(130s)).text, HasSubstr("we stand by; 14 hosts"));
}

TEST(Verdict, TheTimeSinceTheLastQueryCountsAsTheInterval) {
  auto condition = after_silence(262s);
  condition.query_interval = 255s;
  condition.query_due = 265s;
  EXPECT_THAT(told(condition).text, HasSubstr("queries only every 262 s"));
  condition.silence = 259s;
  EXPECT_TRUE(told(condition).healthy);
}

TEST(Verdict, OurOwnSilenceIsNotAnotherQueriers) {
  auto condition = after_silence(140s);
  condition.role = Role::kQuerier;
  EXPECT_THAT(told(condition).text, HasSubstr("we are the querier; 14 hosts"));
}

TEST(Verdict, HostsAreTroubleWhenItCannotBeThatTheyWereSwitchedOff) {
  struct Row {
    std::size_t silent, never, answering;
    bool healthy;
  };
  for (const auto& [silent, never, answering, healthy] : {
           Row{1, 0, 0, true},   // the only one, which has answered before: see below
           Row{1, 1, 0, false},  // the only one, which never has
           Row{2, 0, 0, false},  // all at once
           Row{1, 1, 1, true},   // one of two
           Row{1, 1, 9, true},   // one among many
           Row{2, 2, 3, true},   // a few among many
           Row{3, 3, 3, false},  // as many as those that answer
           Row{5, 0, 1, true},   // all but one were switched off
           Row{5, 1, 1, true},
           Row{5, 2, 2, false},
       }) {
    auto condition = well();
    are_silent(condition, silent, never, answering);
    EXPECT_EQ(told(condition).healthy, healthy) << silent << ' ' << never << ' ' << answering;
  }
}

TEST(Verdict, SilentHostsAreNamed) {
  auto condition = well();
  are_silent(condition, 1, 1, 9);
  EXPECT_EQ(told(condition).text,
            "eth0: we are the querier; 14 hosts keep 31 groups alive; 1 host is silent "
            "(192.0.2.20); all is well");
  condition.groups = condition.answering = 0;
  EXPECT_EQ(
      told(condition).text,
      "eth0: no host has answered the last two queries, and 1 host has not left (192.0.2.20): "
      "look whether queries get through the switch to the hosts");
  condition.never_answered = 0;
  EXPECT_EQ(told(condition).text,
            "eth0: we are the querier; no group has a member any more; 1 host is silent "
            "(192.0.2.20); nobody answers");
  condition = well();
  are_silent(condition, 5, 5, 1);
  EXPECT_EQ(
      told(condition).text,
      "eth0: 5 hosts that have joined answer no query, and only 1 other does (192.0.2.20, "
      "192.0.2.21, 192.0.2.22 and 2 more): look whether queries get through the switch to all "
      "hosts");
}

TEST(Verdict, TheGravestComesFirst) {
  auto condition = well();
  are_silent(condition, 2, 2, 0);
  condition.rival = "192.0.2.20";
  EXPECT_THAT(told(condition).text, HasSubstr("queries although our address"));
  condition.role = Role::kWaiting;
  condition.wait_reason = WaitReason::kLink;
  EXPECT_THAT(told(condition).text, HasSubstr("no link"));
}

}  // namespace
}  // namespace mcq::diagnose
