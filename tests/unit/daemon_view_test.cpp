#include "app/daemon_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "support/view_rig.hpp"

namespace mcq::app {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(DaemonView, ReadsAsMuchAsIsAskedFor) {
  struct Row {
    Depth depth;
    std::vector<std::string> paths;
  };
  for (const auto& [depth, paths] :
       {Row{Depth::kStatus, {"/v1/status"}}, Row{Depth::kGroups, {"/v1/status", "/v1/groups"}},
        Row{Depth::kHosts, {"/v1/status", "/v1/groups", "/v1/hosts"}}}) {
    ViewRig rig;
    ASSERT_TRUE(rig.look(depth));
    EXPECT_EQ(rig.asked(), paths);
    EXPECT_EQ(rig.view.state().problem, std::nullopt);
    EXPECT_EQ(rig.view.state().status.at("pid"), 1);
  }
}

TEST(DaemonView, HasWhatTheDaemonSays) {
  ViewRig rig;
  EXPECT_TRUE(rig.view.state().problem);
  ASSERT_TRUE(rig.look(Depth::kHosts));
  EXPECT_EQ(rig.view.state().groups, json::parse(R"([{"a":1}])"));
  EXPECT_EQ(rig.view.state().hosts, json::parse(R"([{"b":2}])"));
  EXPECT_EQ(rig.view.state().id, 1U);
}

TEST(DaemonView, WhatIsFreshIsNotReadAgain) {
  ViewRig rig;
  ASSERT_TRUE(rig.look(Depth::kGroups));
  rig.asked();
  ASSERT_TRUE(rig.look(Depth::kStatus));
  ASSERT_TRUE(rig.look(Depth::kGroups));
  EXPECT_THAT(rig.asked(), IsEmpty());
  ASSERT_TRUE(rig.look(Depth::kHosts));
  EXPECT_THAT(rig.asked(), SizeIs(3));
}

TEST(DaemonView, WhatIsOldIsReadAgain) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  ViewRig rig{times};
  ASSERT_TRUE(rig.look(Depth::kStatus));
  rig.asked();
  ASSERT_TRUE(rig.look(Depth::kStatus));
  EXPECT_THAT(rig.asked(), ElementsAre("/v1/status"));
}

TEST(DaemonView, HoweverManyAskTheDaemonIsAskedOnce) {
  ViewRig rig;
  int told = 0;
  for (int i = 0; i < 1000; ++i) rig.view.when_fresh(Depth::kGroups, [&] { ++told; });
  ASSERT_TRUE(rig.until([&] { return told == 1000; }));
  EXPECT_THAT(rig.asked(), ElementsAre("/v1/status", "/v1/groups"));
}

TEST(DaemonView, ReadingsKeepTheirDistance) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  times.gap = times.widest_gap = hours{1};
  ViewRig rig{times};
  ASSERT_TRUE(rig.look(Depth::kStatus));
  bool is_told = false;
  rig.view.when_fresh(Depth::kStatus, [&] { is_told = true; });
  for (int i = 0; i < 100; ++i) rig.turn();
  EXPECT_FALSE(is_told);
  EXPECT_THAT(rig.asked(), SizeIs(1));
}

TEST(DaemonView, WhoWouldWaitForLongGetsWhatIsKnown) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  times.gap = times.widest_gap = hours{1};
  times.longest_wait = std::chrono::minutes{1};
  ViewRig rig{times};
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
struct SilentRig : ViewRig {
  explicit SilentRig(const std::string& silent, const DaemonView::Times& times) : ViewRig(times) {
    answer = [this, silent] {
      const auto target = requests.back().target;
      return path_of(target) == silent ? HttpAnswer{.body = AnswerLater{[](const auto&) {}}}
                                       : reply(target);
    };
  }
};

TEST(DaemonView, ADaemonThatDoesNotAnswerInTimeIsAProblem) {
  auto times = kCalm;
  times.patience = milliseconds{20};
  SilentRig rig{"/v1/status", times};
  ASSERT_TRUE(rig.look(Depth::kHosts));
  ASSERT_TRUE(rig.view.state().problem);
  EXPECT_THAT(*rig.view.state().problem, HasSubstr("in time"));
}

TEST(DaemonView, ADaemonThatOnlyTellsItsStatusIsThere) {
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

TEST(DaemonView, WhatHappensDuringAReadingIsReadAfterIt) {
  ViewRig rig;
  rig.view.start();
  rig.view.watch_closely(true);
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details() && rig.turn() == 0; }));
  std::function<void(HttpAnswer)> give;
  const auto reply = rig.answer;
  rig.answer = [&] {
    if (give || path_of(rig.requests.back().target) != "/v1/hosts") return reply();
    return HttpAnswer{.body = AnswerLater{[&](auto later) { give = std::move(later); }}};
  };
  rig.happen("group-added", "debug");
  ASSERT_TRUE(rig.until([&] { return give != nullptr; }));  // groups are read by now
  rig.groups = R"({"groups":[{"new":1}]})";
  rig.happen("group-added", "debug");
  ASSERT_TRUE(rig.until([&] { return rig.turn() == 0; }));
  give({.body = rig.hosts});
  EXPECT_TRUE(rig.until([&] { return rig.view.state().groups == json::parse(R"([{"new":1}])"); }));
}

TEST(DaemonView, PagesThatOpenAndCloseDoNotHaveItFollowedAnew) {
  auto times = kCalm;
  times.linger = hours{1};
  ViewRig rig{times};
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.events.followers() == 1; }));
  rig.requests.clear();
  for (int i = 0; i < 1000; ++i) rig.view.watch_closely(i % 2 == 0);
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details() && rig.turn() == 0; }));
  const auto asked = rig.asked();
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "/v1/events"), 1);
}

TEST(DaemonView, DetailsThatNobodyWantedAreNoLoss) {
  ViewRig rig;
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

TEST(DaemonView, SaysWhyThereIsNothing) {
  ViewRig rig;
  ASSERT_TRUE(rig.look(Depth::kHosts));
  rig.server.reset();
  auto times = kCalm;
  times.fresh = milliseconds{0};
  DaemonView other{rig.io, rig.path, times};
  bool is_told = false;
  other.when_fresh(Depth::kHosts, [&] { is_told = true; });
  ASSERT_TRUE(rig.until([&] { return is_told; }));
  ASSERT_TRUE(other.state().problem);
  EXPECT_THAT(*other.state().problem, HasSubstr("no igmp-querier answers"));
  EXPECT_TRUE(other.state().status.is_null());
  EXPECT_EQ(other.state().groups, json::array());
}

TEST(DaemonView, AnAnswerThatIsNoStatusIsAProblem) {
  for (const auto* said : {"[]", "{}", "7", R"({"interfaces":{}})", "<html>"}) {
    ViewRig rig;
    rig.answer = [said] { return HttpAnswer{.body = said}; };
    ASSERT_TRUE(rig.look(Depth::kHosts)) << said;
    EXPECT_TRUE(rig.view.state().problem) << said;
  }
}

TEST(DaemonView, AListThatIsTooLongIsAskedForInPart) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  ViewRig rig{times};
  const auto reply = rig.answer;
  rig.answer = [&] {
    const auto& target = rig.requests.back().target;
    const bool is_long = target.ends_with("limit=1000") || target.ends_with("limit=500");
    if (path_of(target) != "/v1/groups" || !is_long) return reply();
    return HttpAnswer{.body = "[" + std::string(DaemonView::kLongestAnswer, ' ') + "]"};
  };
  ASSERT_TRUE(rig.look(Depth::kGroups));
  EXPECT_TRUE(rig.has_asked("limit=250"));
  EXPECT_EQ(rig.view.state().groups, json::parse(R"([{"a":1}])"));
  rig.requests.clear();
  ASSERT_TRUE(rig.look(Depth::kGroups));  // and not in whole again each time
  EXPECT_FALSE(rig.has_asked("limit=1000"));
  EXPECT_TRUE(rig.has_asked("limit=250"));
}

TEST(DaemonView, TellsWhatHappensButNoDetails) {
  ViewRig rig;
  rig.happen("waiting", "info");
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return !rig.told.empty(); }));
  EXPECT_FALSE(rig.events.wants_details());
  rig.happen("group-added", "debug");
  rig.happen("role-changed", "warning");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() > 1; }));
  EXPECT_THAT(rig.told, ElementsAre("waiting", "role-changed"));
}

TEST(DaemonView, WhoLooksCloselyHasTheDaemonTellOfJoins) {
  ViewRig rig;
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

TEST(DaemonView, NobodyLooksSoNothingIsRead) {
  ViewRig rig;
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.events.followers() == 1; }));
  rig.asked();
  rig.happen("role-changed", "info");
  ASSERT_TRUE(rig.until([&] { return !rig.told.empty(); }));
  EXPECT_THAT(rig.asked(), IsEmpty());
}

/// Somebody who comes back at once, and to whom nothing is fresh.
DaemonView::Times restless() {
  auto times = kCalm;
  times.retry = times.repeat = milliseconds{1};
  times.fresh = milliseconds{0};
  return times;
}

/// Three events, then another daemon, which it is known by, and one event of that.
void expect_events_of_both(ViewRig& rig, const std::function<void()>& change) {
  for (int i = 0; i < 3; ++i) rig.happen("waiting", "info");
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 3; }));
  change();
  rig.restart();
  rig.happen("reloaded", "info");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 4; }));
  EXPECT_EQ(rig.told.back(), "reloaded");
}

TEST(DaemonView, ADaemonThatWasStartedAnewTellsItsEventsFromTheFirst) {
  ViewRig rig{restless()};
  expect_events_of_both(rig, [&] { rig.pid = 2; });
}

TEST(DaemonView, OneWithTheSameNumberIsKnownByItsAge) {
  ViewRig rig{restless()};
  rig.up_time = 50;
  expect_events_of_both(rig, [&] { rig.up_time = 1; });
}

TEST(DaemonView, TheSameDaemonTellsNothingTwice) {
  ViewRig rig{restless()};
  for (int i = 0; i < 3; ++i) rig.happen("waiting", "info");
  rig.view.start();
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 3; }));
  rig.view.watch_closely(true);  // follows anew
  ASSERT_TRUE(rig.until([&] { return rig.events.wants_details(); }));
  rig.happen("reloaded", "info");
  ASSERT_TRUE(rig.until([&] { return rig.told.size() == 4; }));
  EXPECT_EQ(rig.told.back(), "reloaded");
}

TEST(DaemonView, WhatIsNotFollowedIsNotTakenForCurrent) {
  auto times = kCalm;
  times.fresh = milliseconds{0};
  ViewRig rig{times};
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

TEST(DaemonView, TellsWhenTheDaemonComesAndGoes) {
  auto times = kCalm;
  times.retry = times.repeat = milliseconds{1};
  ViewRig rig{times};
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
}  // namespace mcq::app
