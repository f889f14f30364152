#include "core/querier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/querier_rig.hpp"

// What a querier that is alone on its link sends, and when.

namespace mcq::core {
namespace {

using test::LinkedRig;
using test::Moments;
using test::rfc_settings;
using test::Rig;

template <class F>
class Schedule : public testing::Test {};
TYPED_TEST_SUITE(Schedule, test::Families);

TYPED_TEST(Schedule, NothingHappensBeforeThereIsALink) {  // IGMP-Q-26
  Rig<TypeParam> rig;
  EXPECT_EQ(rig.role(), Role::kWaiting);
  EXPECT_EQ(rig.querier().deadline(), kNever);
  EXPECT_EQ(rig.querier().querier(), typename TypeParam::Address{});
  EXPECT_TRUE(rig.apply(1000s, Tick{}).empty());
}

TYPED_TEST(Schedule, AsksAtOnceWhenTheLinkIsThere) {  // IGMP-Q-01, IGMP-F-04, IGMP-F-05
  Rig<TypeParam> rig;
  EXPECT_EQ(rig.link_up(0s), rig.takes_over(Cause::kLinkUp));
  EXPECT_EQ(rig.role(), Role::kQuerier);
  EXPECT_EQ(rig.querier().querier(), rig.kSelf);
}

TYPED_TEST(Schedule, AsksInABurstAndThenEveryInterval) {  // IGMP-Q-02, IGMP-Q-03
  struct Row {
    StartupCount count;
    Moments moments;
  };
  for (const auto& [count, moments] : {
           Row{1, {0s, 125s, 250s, 375s}},
           Row{2, {0s, 31'250ms, 156'250ms, 281'250ms}},
           Row{3, {0s, 31'250ms, 62'500ms, 187'500ms, 312'500ms}},
       }) {
    SCOPED_TRACE(count.get());
    auto settings = rfc_settings<TypeParam>();
    settings.startup_count = count;
    LinkedRig<TypeParam> rig{settings};
    rig.run_until(moments.back());
    EXPECT_EQ(rig.sent_at(), moments);
    rig.run_until(moments.back() + 125s - 1ns);
    EXPECT_EQ(rig.sent_at(), moments);
  }
}

TYPED_TEST(Schedule, SendsTheSameQueryEveryTime) {  // IGMP-F-20, IGMP-F-23, IGMP-Q-25
  LinkedRig<TypeParam> rig;
  rig.run_until(3600s);
  ASSERT_EQ(rig.sent.size(), 30U);
  const SendQuery<TypeParam> expected{rig.kSelf,
                                      TypeParam::kAllNodes,
                                      {.version = TypeParam::kNewest,
                                       .max_response = 10s,
                                       .query_interval = 125s,
                                       .robustness = 2}};
  for (const auto& [at, send] : rig.sent) EXPECT_EQ(send, expected);
}

TEST(Querier, FillsInWhatItsVersionCarries) {  // IGMP-F-12, IGMP-F-13, IGMP-F-23, IGMP-C-01
  using Version = Igmp::Version;
  struct Row {
    Version version;
    Query<Igmp> query;
  };
  for (const auto& [version, query] : {
           Row{Version::k1, {.version = Version::k1}},
           Row{Version::k2, {.version = Version::k2, .max_response = 10s}},
           Row{Version::k3,
               {.version = Version::k3,
               .max_response = 10s,
               .query_interval = 125s,
               .robustness = 2}},
       }) {
    auto settings = rfc_settings<Igmp>();
    settings.version = version;
    LinkedRig<Igmp> rig{settings};
    ASSERT_EQ(rig.sent.size(), 1U);
    EXPECT_EQ(rig.sent[0].second, (SendQuery<Igmp>{rig.kSelf, Igmp::kAllNodes, query}));
  }
}

TYPED_TEST(Schedule, KeepsASteadyBeatWithoutJitter) {  // IGMP-Q-27
  LinkedRig<TypeParam> rig;
  rig.run_until(31'250ms + 1000 * 125s);
  ASSERT_EQ(rig.sent.size(), 1002U);
  EXPECT_EQ(rig.sent.back().first, 31'250ms + 1000 * 125s);
}

TYPED_TEST(Schedule, DrawsEachIntervalWithJitterAnew) {  // IGMP-Q-27
  auto settings = rfc_settings<TypeParam>();
  settings.jitter = 20;
  LinkedRig<TypeParam> rig{settings};
  rig.run_until(1000 * 125s);
  const auto moments = rig.sent_at();
  ASSERT_GT(moments.size(), 1000U);
  EXPECT_EQ(moments[1] - moments[0], 31'250ms);  // the burst has none
  auto shortest = Duration::max(), longest = Duration::min();
  for (std::size_t i = 2; i < moments.size(); ++i) {
    shortest = std::min(shortest, moments[i] - moments[i - 1]);
    longest = std::max(longest, moments[i] - moments[i - 1]);
  }
  EXPECT_GE(shortest, 100s);
  EXPECT_LT(shortest, 101s);
  EXPECT_GT(longest, 124s);
  EXPECT_LE(longest, 125s);
}

TEST(Querier, RepeatsARunFromItsSeed) {
  const auto moments = [](std::uint64_t seed) {
    LinkedRig<Igmp> rig{Settings<Igmp>{}, seed};
    rig.run_until(1h);
    return rig.sent_at();
  };
  EXPECT_EQ(moments(7), moments(7));
  EXPECT_NE(moments(7), moments(8));
}

RC_GTEST_PROP(Querier, NeverAsksFasterOrSlowerThanItsSettings, (std::uint64_t seed)) {
  const auto interval = *rc::gen::inRange(1'000, 31'744'001) * Duration{1ms};
  const auto startup = *rc::gen::inRange(100, 31'744'001) * Duration{1ms};
  Settings<Igmp> settings;
  settings.query_interval = *QueryInterval::from(interval);
  settings.startup_interval = *StartupInterval::from(startup);
  settings.startup_count = *StartupCount::from(*rc::gen::inRange(1, 20));
  settings.jitter = *Jitter::from(*rc::gen::inRange(0, 91));
  LinkedRig<Igmp> rig{settings, seed};
  for (int i = 0; i < 40; ++i) rig.run_until(rig.gone_at());
  const auto moments = rig.sent_at();
  RC_ASSERT(moments.size() == 41U);
  const auto shortest = interval - interval * settings.jitter.get() / 100;
  for (std::size_t i = 1; i < moments.size(); ++i) {
    const auto gap = moments[i] - moments[i - 1];
    if (i < static_cast<std::size_t>(settings.startup_count.get())) {
      RC_ASSERT(gap == startup);
    } else {
      RC_ASSERT(shortest <= gap);
      RC_ASSERT(gap <= interval);
    }
  }
}

TYPED_TEST(Schedule, SendsOneQueryAfterALongSleepAndNoBacklog) {  // IGMP-Q-28
  LinkedRig<TypeParam> rig;
  rig.run_until(31'250ms);
  EXPECT_EQ(rig.step(Tick{}, TimePoint{1031s}), (Actions<TypeParam>{rig.own_query()}));
  EXPECT_TRUE(rig.step(Tick{}, TimePoint{1031s}).empty());
  rig.run_until(2000s);
  EXPECT_EQ(rig.sent_at(),
            (Moments{0s, 31'250ms, 1031s, 1156s, 1281s, 1406s, 1531s, 1656s, 1781s, 1906s}));
}

/// All of them before the next query of the burst; the wire of IGMPv2 has tenths of a second.
/// Before a switch forgets those who answered the querier before us. Nobody is in haste at start.
TYPED_TEST(Schedule, TheBurstOfATakeoverLeavesMembersLittleTimeToAnswer) {
  struct Row {
    StartupInterval startup_interval;
    ResponseInterval response;
    Duration urgent;
  };
  for (const auto& [startup_interval, response, urgent] :
       {Row{5s, 10s, 2'500ms}, Row{31'250ms, 10s, 10s}, Row{5s, 1s, 1s}, Row{100ms, 10s, 100ms}}) {
    auto settings = rfc_settings<TypeParam>();
    settings.startup_count = 2;
    settings.startup_interval = startup_interval;
    settings.response_interval = response;
    LinkedRig<TypeParam> rig{settings};
    rig.run_until(60s);
    rig.receive(60s, rig.kLower);
    rig.run_until(900s);
    std::vector<Duration> left;
    for (const auto& [at, send] : rig.sent) left.push_back(send.query.max_response);
    ASSERT_GE(left.size(), 5U);
    left.resize(5);
    EXPECT_EQ(left, (std::vector<Duration>{response.get(), response.get(), urgent, urgent,
                                           response.get()}));
  }
}

/// We were stopped, and members may soon be forgotten. The next query is like any other.
TYPED_TEST(Schedule, AQueryThatComesLateLeavesLittleTimeToo) {
  for (const bool is_late : {false, true}) {
    auto settings = rfc_settings<TypeParam>();
    settings.startup_count = 1;
    settings.startup_interval = 5s;
    LinkedRig<TypeParam> rig{settings};
    const Duration woken = 125s + 10s + (is_late ? 1ns : 0ns);
    (void)rig.step(Tick{}, TimePoint{woken});
    rig.run_until(woken + 125s);
    ASSERT_EQ(rig.sent.size(), 3U);
    EXPECT_EQ(rig.sent[1].second.query.max_response, is_late ? 2'500ms : 10s);
    EXPECT_EQ(rig.sent[2].second.query.max_response, 10s);
  }
}

TYPED_TEST(Schedule, TickBeforeTheDeadlineChangesNothing) {
  Rig<TypeParam> rig, undisturbed;
  rig.link_up();
  undisturbed.link_up();
  for (auto at = Duration{}; at < 600s; at += 999ms) EXPECT_TRUE(rig.apply(at, Tick{}).empty());
  rig.run_until(1000s);
  undisturbed.run_until(1000s);
  EXPECT_EQ(rig.sent, undisturbed.sent);
}

/// A shorter one that is over already brings one query at once; a longer one puts the next query
/// off.
TYPED_TEST(Schedule, ANewIntervalHoldsFromTheLastQueryOn) {  // IGMP-T-13
  struct Row {
    Duration changed;
    QueryInterval interval;
    Moments next;
  };
  for (const auto& [changed, interval, next] :
       {Row{100s, 30s, {100s, 130s, 160s}}, Row{1000s, 30s, {1000s, 1030s, 1060s}},
        Row{40s, 30s, {61'250ms, 91'250ms}}, Row{61'250ms, 30s, {61'250ms, 91'250ms}},
        Row{100s, 300s, {331'250ms, 631'250ms}}}) {
    SCOPED_TRACE(testing::Message() << seconds(changed) << " s: " << seconds(interval.get()));
    LinkedRig<TypeParam> rig;
    rig.run_until(changed);
    const auto before = rig.sent.size();
    auto settings = rfc_settings<TypeParam>();
    settings.query_interval = interval;
    EXPECT_TRUE(rig.configure(changed, settings).empty());
    rig.run_until(next.back());
    const auto all = rig.sent_at();
    EXPECT_EQ(Moments(all.begin() + static_cast<std::ptrdiff_t>(before), all.end()), next);
    EXPECT_EQ(rig.sent.back().second, rig.own_query());  // none is in haste
    EXPECT_EQ(rig.querier().timing(), (Timing{2, interval.get(), 10s}));
  }
}

TYPED_TEST(Schedule, ANewIntervalIsDrawnWithItsJitter) {  // IGMP-T-13, IGMP-Q-27
  auto shortest = Duration::max(), longest = Duration::min();
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    LinkedRig<TypeParam> rig{rfc_settings<TypeParam>(), seed};
    rig.run_until(40s);
    auto settings = rfc_settings<TypeParam>();
    settings.query_interval = 50s;
    settings.jitter = 20;
    rig.configure(40s, settings);
    const auto gap = rig.gone_at() - 31'250ms;
    shortest = std::min(shortest, gap);
    longest = std::max(longest, gap);
  }
  EXPECT_GE(shortest, 40s);
  EXPECT_LT(shortest, 41s);
  EXPECT_GT(longest, 49s);
  EXPECT_LE(longest, 50s);
}

TYPED_TEST(Schedule, TheBurstFollowsNewSettingsToo) {  // IGMP-T-13
  struct Row {
    const char* what;
    Duration changed;
    StartupCount count;
    StartupInterval interval;
    Moments moments;
  };
  // Before: four queries, 10 s apart, then one every 125 s.
  for (const auto& [what, changed, count, interval, moments] : {
           Row{"more", 15s, 6, 10s, {0s, 10s, 20s, 30s, 40s, 50s, 175s}},
           Row{"fewer", 15s, 3, 10s, {0s, 10s, 20s, 145s}},
           Row{"fewer than were sent", 15s, 1, 10s, {0s, 10s, 135s}},
           Row{"closer", 15s, 4, 6s, {0s, 10s, 16s, 22s, 147s}},
           Row{"closer, and overdue", 15s, 4, 1s, {0s, 10s, 15s, 16s, 141s}},
           Row{"wider", 15s, 4, 20s, {0s, 10s, 30s, 50s, 175s}},
           Row{"it is over", 35s, 9, 1s, {0s, 10s, 20s, 30s, 155s, 280s}},
       }) {
    SCOPED_TRACE(what);
    auto settings = rfc_settings<TypeParam>();
    settings.startup_count = 4;
    settings.startup_interval = 10s;
    LinkedRig<TypeParam> rig{settings};
    settings.startup_count = count;
    settings.startup_interval = interval;
    EXPECT_TRUE(rig.configure(changed, settings).empty());
    rig.run_until(moments.back());
    EXPECT_EQ(rig.sent_at(), moments);
  }
}

TYPED_TEST(Schedule, OtherSettingsDoNotMoveTheNextQuery) {
  auto settings = rfc_settings<TypeParam>();
  settings.jitter = 50;
  Rig<TypeParam> rig{settings}, left_alone{settings};
  rig.link_up();
  left_alone.link_up();
  for (int i = 1; i <= 1000; ++i) {
    settings.max_groups = *MaxGroups::from(i);
    rig.configure(i * 1s, settings);
  }
  left_alone.run_until(1000s);
  EXPECT_EQ(rig.sent_at(), left_alone.sent_at());
}

/// While another asks, and without a link, there is nothing to move.
TYPED_TEST(Schedule, ANewIntervalBringsNoQueryOfWhoeverDoesNotAsk) {
  auto settings = rfc_settings<TypeParam>();
  settings.query_interval = 5s;
  LinkedRig<TypeParam> loser;
  loser.receive(10s, loser.kLower);
  loser.configure(20s, settings);
  EXPECT_EQ(loser.gone_at(), 265s);
  Rig<TypeParam> waiting;
  waiting.configure(20s, settings);
  EXPECT_EQ(waiting.querier().deadline(), kNever);
}

// A query that cannot be sent is due again a second later.

TYPED_TEST(Schedule, AQueryThatFailedIsSentAgainAfterASecond) {
  LinkedRig<TypeParam> rig;
  rig.run_until(200s);
  rig.apply(200s, QueryRequested{});
  EXPECT_TRUE(rig.apply(200s, QueryFailed<TypeParam>{rig.own_query().query}).empty());
  rig.run_until(201s);
  rig.apply(201s, QueryFailed<TypeParam>{rig.own_query().query});
  rig.run_until(400s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 156'250ms, 200s, 201s, 202s, 327s}));
}

TYPED_TEST(Schedule, AQueryThatFailedDoesNotShortenTheBurst) {
  auto settings = rfc_settings<TypeParam>();
  settings.startup_count = 3;
  settings.startup_interval = 10s;
  LinkedRig<TypeParam> rig{settings};
  rig.apply(0s, QueryFailed<TypeParam>{rig.own_query().query});
  rig.run_until(11s);
  rig.apply(11s, QueryFailed<TypeParam>{rig.own_query().query});
  rig.run_until(200s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 1s, 11s, 12s, 22s, 147s}));
}

TYPED_TEST(Schedule, TheNextQueryMayComeBeforeTheOneThatFailed) {
  auto settings = rfc_settings<TypeParam>();
  settings.startup_interval = 200ms;
  LinkedRig<TypeParam> rig{settings};
  rig.apply(0s, QueryFailed<TypeParam>{rig.own_query().query});
  EXPECT_EQ(rig.gone_at(), 200ms);
}

TYPED_TEST(Schedule, WhoeverHasLostSendsNothingAgain) {
  LinkedRig<TypeParam> rig;
  rig.receive(1s, rig.kLower);
  rig.apply(1s, QueryFailed<TypeParam>{rig.own_query().query});
  EXPECT_EQ(rig.gone_at(), 256s);
}

TYPED_TEST(Schedule, AQueryThatIsWantedGoesOutAtOnce) {
  Rig<TypeParam> rig;
  rig.link_up(0s);
  rig.run_until(100s);
  EXPECT_EQ(rig.apply(100s, QueryRequested{}),
            (Actions<TypeParam>{rig.own_query()}));  // and the next is counted from it
  rig.run_until(300s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 100s, 225s}));
}

TYPED_TEST(Schedule, WhoeverIsNotTheQuerierSendsNoneThatIsWanted) {  // IGMP-Q-10
  Rig<TypeParam> rig;
  EXPECT_TRUE(rig.apply(0s, QueryRequested{}).empty());
  rig.link_up(1s);
  rig.receive(2s, rig.kLower);
  EXPECT_TRUE(rig.apply(3s, QueryRequested{}).empty());
}

TYPED_TEST(Schedule, AStopSendsNothing) {  // IGMP-Q-29
  LinkedRig<TypeParam> rig;
  EXPECT_EQ(rig.link_down(1s),
            (Actions<TypeParam>{RoleChanged<TypeParam>{Role::kWaiting, Cause::kLinkDown, {}}}));
}

}  // namespace
}  // namespace mcq::core
