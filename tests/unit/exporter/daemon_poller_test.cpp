#include "exporter/daemon_poller.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "support/poller_rig.hpp"

namespace mcq::exporter {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(DaemonPoller, ReadsAsMuchAsIsAskedFor) {
  struct Row {
    Depth depth;
    std::vector<std::string> paths;
  };
  for (const auto& [depth, paths] :
       {Row{Depth::kStatus, {"/v1/status"}}, Row{Depth::kGroups, {"/v1/status", "/v1/groups"}},
        Row{Depth::kHosts, {"/v1/status", "/v1/groups", "/v1/hosts"}}}) {
    PollerRig rig;
    ASSERT_TRUE(rig.look(depth));
    EXPECT_EQ(rig.asked(), paths);
    EXPECT_EQ(rig.view.state().problem, std::nullopt);
    EXPECT_EQ(rig.view.state().status.at("pid"), 1);
  }
}

TEST(DaemonPoller, ReadsManyGroupsOnlyWhileSomebodyAsksForThem) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  PollerRig rig{times};
  ASSERT_TRUE(rig.look(Depth::kGroups));
  EXPECT_TRUE(rig.has_asked("/v1/groups?limit=1000"));
  for (const auto depth : {Depth::kHosts, Depth::kGroups}) {
    rig.asked();
    ASSERT_TRUE(rig.look(depth));
    EXPECT_TRUE(rig.has_asked("/v1/groups?limit=8192"));
  }
}

TEST(DaemonPoller, HasWhatTheDaemonSays) {
  PollerRig rig;
  EXPECT_TRUE(rig.view.state().problem);
  ASSERT_TRUE(rig.look(Depth::kHosts));
  EXPECT_EQ(rig.view.state().groups, json::parse(R"([{"a":1}])"));
  EXPECT_EQ(rig.view.state().hosts, json::parse(R"([{"b":2}])"));
  EXPECT_EQ(rig.view.state().id, 1U);
}

TEST(DaemonPoller, WhatIsFreshIsNotReadAgain) {
  PollerRig rig;
  ASSERT_TRUE(rig.look(Depth::kGroups));
  rig.asked();
  ASSERT_TRUE(rig.look(Depth::kStatus));
  ASSERT_TRUE(rig.look(Depth::kGroups));
  EXPECT_THAT(rig.asked(), IsEmpty());
  ASSERT_TRUE(rig.look(Depth::kHosts));
  EXPECT_THAT(rig.asked(), SizeIs(3));
}

TEST(DaemonPoller, WhatIsOldIsReadAgain) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  PollerRig rig{times};
  ASSERT_TRUE(rig.look(Depth::kStatus));
  rig.asked();
  ASSERT_TRUE(rig.look(Depth::kStatus));
  EXPECT_THAT(rig.asked(), ElementsAre("/v1/status"));
}

TEST(DaemonPoller, HoweverManyAskTheDaemonIsAskedOnce) {
  PollerRig rig;
  int told = 0;
  for (int i = 0; i < 1000; ++i) rig.view.when_fresh(Depth::kGroups, [&] { ++told; });
  ASSERT_TRUE(rig.until([&] { return told == 1000; }));
  EXPECT_THAT(rig.asked(), ElementsAre("/v1/status", "/v1/groups"));
}

TEST(DaemonPoller, ReadingsKeepTheirDistance) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  times.gap = times.widest_gap = hours{1};
  PollerRig rig{times};
  ASSERT_TRUE(rig.look(Depth::kStatus));
  bool is_told = false;
  rig.view.when_fresh(Depth::kStatus, [&] { is_told = true; });
  for (int i = 0; i < 100; ++i) rig.turn();
  EXPECT_FALSE(is_told);
  EXPECT_THAT(rig.asked(), SizeIs(1));
}

TEST(DaemonPoller, WhoWouldWaitForLongGetsWhatIsKnown) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  times.gap = times.widest_gap = hours{1};
  times.longest_wait = std::chrono::minutes{1};
  PollerRig rig{times};
  ASSERT_TRUE(rig.look(Depth::kStatus));
  rig.asked();
  ASSERT_TRUE(rig.look(Depth::kStatus));
  EXPECT_THAT(rig.asked(), IsEmpty());
  EXPECT_EQ(rig.view.state().id, 1U);
  bool is_told = false;  // but nothing is known of groups
  rig.view.when_fresh(Depth::kGroups, [&] { is_told = true; });
  for (int i = 0; i < 100; ++i) rig.turn();
  EXPECT_FALSE(is_told);
}

/// A daemon that never answers what is at that path.
struct SilentRig : PollerRig {
  explicit SilentRig(const std::string& silent, const DaemonPoller::Times& times)
      : PollerRig(times) {
    answer = [this, silent] {
      const auto target = requests.back().target;
      return http::path_of(target) == silent
                 ? http::Response{.body = http::DeferredResponse{[](const auto&) {}}}
                 : reply(target);
    };
  }
};

TEST(DaemonPoller, ADaemonThatDoesNotAnswerInTimeIsAProblem) {
  auto times = kCalm;
  times.patience = milliseconds{20};
  SilentRig rig{"/v1/status", times};
  ASSERT_TRUE(rig.look(Depth::kHosts));
  ASSERT_TRUE(rig.view.state().problem);
  EXPECT_THAT(*rig.view.state().problem, HasSubstr("in time"));
}

TEST(DaemonPoller, ADaemonThatOnlyTellsItsStatusIsThere) {
  for (const auto* silent : {"/v1/groups", "/v1/hosts"}) {
    SCOPED_TRACE(silent);
    auto times = kCalm;
    times.patience = milliseconds{20};
    SilentRig rig{silent, times};
    ASSERT_TRUE(rig.look(Depth::kHosts));
    EXPECT_EQ(rig.view.state().problem, std::nullopt);
    EXPECT_EQ(rig.view.state().status.at("pid"), 1);
    EXPECT_EQ(rig.view.state().hosts, json::array());
  }
}

TEST(DaemonPoller, WhatHappensDuringAReadingIsReadAfterIt) {
  PollerRig rig;
  rig.view.start();
  rig.view.watch_closely(true);
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details() && rig.turn() == 0; }));
  std::function<void(http::Response)> give;
  const auto reply = rig.answer;
  rig.answer = [&] {
    if (give || http::path_of(rig.requests.back().target) != "/v1/hosts") return reply();
    return http::Response{.body =
                              http::DeferredResponse{[&](auto later) { give = std::move(later); }}};
  };
  rig.happen("group-added", "debug");
  ASSERT_TRUE(rig.until([&] { return give != nullptr; }));  // groups are read by now
  rig.groups = R"({"groups":[{"new":1}]})";
  rig.happen("group-added", "debug");
  ASSERT_TRUE(rig.until([&] { return rig.turn() == 0; }));
  give({.body = rig.hosts});
  EXPECT_TRUE(rig.until([&] { return rig.view.state().groups == json::parse(R"([{"new":1}])"); }));
}

TEST(DaemonPoller, PagesThatOpenAndCloseDoNotHaveItFollowedAnew) {
  auto times = kCalm;
  times.linger = hours{1};
  PollerRig rig{times};
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.events.followers() == 1; }));
  rig.requests.clear();
  for (int i = 0; i < 1000; ++i) rig.view.watch_closely(i % 2 == 0);
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details() && rig.turn() == 0; }));
  const auto asked = rig.asked();
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "/v1/events"), 1);
}

TEST(DaemonPoller, DetailsThatNobodyWantedAreNoLoss) {
  PollerRig rig;
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.events.followers() == 1; }));
  rig.happen("waiting", "info");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 1; }));
  for (int i = 0; i < 5000; ++i) rig.happen("group-added", "debug");
  rig.view.watch_closely(true);
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details(); }));
  rig.happen("reloaded", "info");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() > 1; }));
  EXPECT_THAT(rig.told, ElementsAre("waiting", "reloaded"));
}

TEST(DaemonPoller, SaysWhyThereIsNothing) {
  PollerRig rig;
  ASSERT_TRUE(rig.look(Depth::kHosts));
  rig.server.reset();
  auto times = kCalm;
  times.fresh = milliseconds{0};
  DaemonPoller other{rig.io, rig.path, times};
  bool is_told = false;
  other.when_fresh(Depth::kHosts, [&] { is_told = true; });
  ASSERT_TRUE(rig.until([&] { return is_told; }));
  ASSERT_TRUE(other.state().problem);
  EXPECT_THAT(*other.state().problem, HasSubstr("no igmp-querier answers"));
  EXPECT_TRUE(other.state().status.is_null());
  EXPECT_EQ(other.state().groups, json::array());
}

TEST(DaemonPoller, AnAnswerThatIsNoStatusIsAProblem) {
  for (const auto* said : {"[]", "{}", "7", R"({"interfaces":{}})", "<html>"}) {
    PollerRig rig;
    rig.answer = [said] { return http::Response{.body = said}; };
    ASSERT_TRUE(rig.look(Depth::kHosts)) << said;
    EXPECT_TRUE(rig.view.state().problem) << said;
  }
}

TEST(DaemonPoller, AListThatIsTooLongIsAskedForInPart) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  PollerRig rig{times};
  const auto reply = rig.answer;
  rig.answer = [&] {
    const auto& target = rig.requests.back().target;
    const bool is_long = target.ends_with("limit=8192") || target.ends_with("limit=4096");
    if (http::path_of(target) != "/v1/groups" || !is_long) return reply();
    return http::Response{.body = "[" + std::string(DaemonPoller::kMaxAnswer, ' ') + "]"};
  };
  ASSERT_TRUE(rig.look(Depth::kHosts));
  EXPECT_TRUE(rig.has_asked("limit=2048"));
  EXPECT_EQ(rig.view.state().groups, json::parse(R"([{"a":1}])"));
  rig.requests.clear();
  ASSERT_TRUE(rig.look(Depth::kHosts));  // and not in whole again each time
  EXPECT_FALSE(rig.has_asked("limit=8192"));
  EXPECT_TRUE(rig.has_asked("limit=2048"));
}

TEST(DaemonPoller, TellsWhatHappensButNoDetails) {
  PollerRig rig;
  rig.happen("waiting", "info");
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return !rig.told.empty(); }));
  EXPECT_FALSE(rig.events.wants_details());
  rig.happen("group-added", "debug");
  rig.happen("role-changed", "warning");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() > 1; }));
  EXPECT_THAT(rig.told, ElementsAre("waiting", "role-changed"));
}

TEST(DaemonPoller, WhoLooksCloselyHasTheDaemonTellOfJoins) {
  PollerRig rig;
  rig.view.start();
  rig.view.watch_closely(true);
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details() && rig.states >= 1; }));
  const int before = rig.states;
  rig.happen("group-added", "debug");
  EXPECT_TRUE(rig.until([&] { return rig.states > before; }));
  EXPECT_THAT(rig.told, IsEmpty());
  rig.view.watch_closely(false);
  EXPECT_TRUE(rig.until([&] { return !rig.events.wants_details(); }));
}

TEST(DaemonPoller, NobodyLooksSoNothingIsRead) {
  PollerRig rig;
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.events.followers() == 1; }));
  rig.asked();
  rig.happen("role-changed", "info");
  ASSERT_TRUE(rig.until([&] { return !rig.told.empty(); }));
  EXPECT_THAT(rig.asked(), IsEmpty());
}

/// Somebody who comes back at once, and to whom nothing is fresh.
DaemonPoller::Times restless() {
  auto times = kCalm;
  times.retry = times.repeat = milliseconds{1};
  times.fresh = milliseconds{0};
  return times;
}

/// Three events, then another daemon, which it is known by, and one event of that.
void expect_events_of_both(PollerRig& rig, const std::function<void()>& change) {
  for (int i = 0; i < 3; ++i) rig.happen("waiting", "info");
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 3; }));
  change();
  rig.restart();
  rig.happen("reloaded", "info");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 4; }));
  EXPECT_EQ(rig.told.back(), "reloaded");
}

TEST(DaemonPoller, ADaemonThatWasStartedAnewTellsItsEventsFromTheFirst) {
  PollerRig rig{restless()};
  expect_events_of_both(rig, [&] { rig.pid = 2; });
}

TEST(DaemonPoller, OneWithTheSameNumberIsKnownByItsAge) {
  PollerRig rig{restless()};
  rig.up_time = 50;
  expect_events_of_both(rig, [&] { rig.up_time = 1; });
}

TEST(DaemonPoller, TheSameDaemonTellsNothingTwice) {
  PollerRig rig{restless()};
  for (int i = 0; i < 3; ++i) rig.happen("waiting", "info");
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 3; }));
  rig.view.watch_closely(true);  // follows anew
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details(); }));
  rig.happen("reloaded", "info");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 4; }));
  EXPECT_EQ(rig.told.back(), "reloaded");
}

TEST(DaemonPoller, WhatIsNotFollowedIsNotTakenForCurrent) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  PollerRig rig{times};
  rig.view.start();
  rig.view.watch_closely(true);
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details() && rig.turn() == 0; }));
  rig.asked();
  ASSERT_TRUE(rig.look(Depth::kHosts));  // each change would have been told
  EXPECT_THAT(rig.asked(), IsEmpty());
  rig.server.reset();
  EXPECT_TRUE(rig.until([&] { return rig.turn() == 0; }));
  ASSERT_TRUE(rig.look(Depth::kHosts));
  EXPECT_TRUE(rig.view.state().problem);
}

TEST(DaemonPoller, TellsWhenTheDaemonComesAndGoes) {
  auto times = kCalm;
  times.retry = times.repeat = milliseconds{1};
  PollerRig rig{times};
  rig.server.reset();
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.states == 1; }));
  EXPECT_TRUE(rig.view.state().problem);
  rig.restart();
  ASSERT_TRUE(rig.until([&] { return rig.states == 2; }));
  EXPECT_FALSE(rig.view.state().problem);
  rig.server.reset();
  ASSERT_TRUE(rig.until([&] { return rig.states == 3; }));
  EXPECT_TRUE(rig.view.state().problem);
}

}  // namespace
}  // namespace mcq::exporter
