#include "app/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace mcq::app {
namespace {

using core::Role;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

Condition well() {
  return {.name = "eth0",
          .role = Role::kQuerier,
          .waiting_for = "",
          .address = "192.0.2.10",
          .querier = "192.0.2.10",
          .duplicate = "",
          .rival = "",
          .query_interval = std::nullopt,
          .groups = 31,
          .hosts = 14};
}

TEST(Verdict, SaysThatAllIsWell) {
  EXPECT_EQ(
      judge(well()),
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
        Row{2, 1, true, "2 hosts keep 1 group alive"},
        Row{3, 0, true, "nobody listens to a group yet"}, Row{0, 2, false, "2 groups are alive"},
        Row{0, 1, false, "1 group is alive"}}) {
    auto condition = well();
    condition.hosts = hosts;
    condition.groups = groups;
    condition.tracks_hosts = tracks;
    EXPECT_EQ(judge(condition).text,
              "eth0: we are the querier; " + std::string{words} + "; all is well");
  }
}

TEST(Verdict, NamesTheQuerierWeStandByFor) {
  auto condition = well();
  condition.role = Role::kNonQuerier;
  condition.querier = "192.0.2.5";
  const auto verdict = judge(condition);
  EXPECT_TRUE(verdict.healthy);
  EXPECT_THAT(verdict.text, StartsWith("eth0: 192.0.2.5 is the querier, we stand by; 14 hosts"));
}

TEST(Verdict, SaysWhatIsWrongAndWhatToDo) {
  struct Row {
    std::function<void(Condition&)> spoil;
    const char *what, *advice;
  };
  const auto waits = [](const char* reason) {
    return [=](Condition& c) {
      c.role = Role::kWaiting;
      c.waiting_for = reason;
    };
  };
  for (const auto& [spoil, what, advice] : {
           Row{waits("link"), "no link", "check cable"},
           Row{waits("an IPv4 address"), "no IPv4 address", "--proxy"},
           Row{waits("an IPv6 link-local address"), "no IPv6", "enable IPv6"},
           Row{waits("a socket"), "cannot open its sockets", "journalctl"},
           Row{waits("the interface to appear"), "waiting for the interface to appear", "ip link"},
           Row{[](auto& c) { c.cannot_send = true; }, "cannot send", "journalctl"},
           Row{[](auto& c) { c.duplicate = "02:00:00:00:00:99"; },
               "02:00:00:00:00:99 uses our address 192.0.2.10", "give one of the two another"},
           Row{[](auto& c) { c.rival = "192.0.2.20 (02:00:00:00:00:99)"; },
               "192.0.2.20 (02:00:00:00:00:99) asks although our address 192.0.2.10 is lower",
               "turn one of the two queriers off"},
           Row{[](auto& c) { c.rogue = true; }, "a rogue querier asks, and we go on asking",
               "add it to trusted-queriers"},
           Row{[](auto& c) {
                 c.rogue = true;
                 c.role = Role::kNonQuerier;
               },
               "we stand by all the same", "turn it off"},
           Row{[](auto& c) { c.flapping = true; }, "again and again", "journalctl"},
           Row{[](auto& c) { c.query_interval = 260'012'345'678ns; }, "asks every 260 s only",
               "lower its query interval"},
           Row{[](auto& c) { c.cannot_receive = true; }, "not received", "the log"},
           Row{[](auto& c) { c.served_twice = true; }, "another igmp-querier", "stop one"},
           Row{[](auto& c) { c.too_many_groups = true; }, "groups were refused",
               "raise max-groups"},
           Row{[](auto& c) { c.too_many_sources = true; }, "sources were refused",
               "raise max-sources-per-group"},
           Row{[](auto& c) { c.host_unreachable = true; }, "programs on this host", "the log"},
           Row{[](auto& c) { c.unanswered = true; }, "nobody has answered", "through the switch"},
       }) {
    auto condition = well();
    spoil(condition);
    const auto verdict = judge(condition);
    EXPECT_FALSE(verdict.healthy) << what;
    EXPECT_THAT(verdict.text, AllOf(StartsWith("eth0: "), HasSubstr(what), HasSubstr(advice)));
    EXPECT_EQ(verdict.text.find('\n'), std::string::npos);
  }
}

TEST(Verdict, AQuerierThatAsksOftenEnoughIsWell) {
  auto condition = well();
  condition.role = Role::kNonQuerier;
  condition.query_interval = 260s - 1ns;
  EXPECT_TRUE(judge(condition).healthy);
}

TEST(Verdict, TheGravestComesFirst) {
  auto condition = well();
  condition.unanswered = true;
  condition.rival = "192.0.2.20";
  EXPECT_THAT(judge(condition).text, HasSubstr("192.0.2.20 asks"));
  condition.role = Role::kWaiting;
  condition.waiting_for = "link";
  EXPECT_THAT(judge(condition).text, HasSubstr("no link"));
}

}  // namespace
}  // namespace mcq::app
