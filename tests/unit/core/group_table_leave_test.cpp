#include <gtest/gtest.h>

#include "support/table_rig.hpp"

// What follows when a host says that it leaves: group-specific queries, and when the group goes.

namespace mcq::core {
namespace {

using namespace test::table;

template <class F>
class Leaves : public testing::Test {
 public:
  static Settings<F> older_settings() {
    auto settings = rfc_settings<F>();
    settings.version = kOlder<F>;
    return settings;
  }
};
TYPED_TEST_SUITE(Leaves, test::Families);

/// IGMP-M-04, IGMP-T-08 to -10, IGMP-X-01, MLD-S-04, MLD-S-07, MLD-Q-12
TYPED_TEST(Leaves, AreFollowedByOneQueryPerIntervalAndTheEnd) {
  struct Row {
    Robustness robustness;
    LastMemberInterval interval;
    Moments asked;
    Duration end;
  };
  for (const auto& [robustness, interval, asked, end] : {
           Row{1, 1s, {100s}, 101s},
           Row{2, 1s, {100s, 101s}, 102s},
           Row{3, 1s, {100s, 101s, 102s}, 103s},
           Row{2, 500ms, {100s, 100'500ms}, 101s},
           Row{2, 12'800ms, {100s, 112'800ms}, 125'600ms},
       }) {
    for (const auto version : {TypeParam::kNewest, kOlder<TypeParam>}) {
      SCOPED_TRACE(testing::Message() << robustness.get() << " x " << seconds(interval.get()));
      auto settings = rfc_settings<TypeParam>();
      settings.version = version;
      settings.robustness = robustness;
      settings.last_member_interval = interval;
      TableRig<TypeParam> rig{settings};
      rig.report(50s);
      EXPECT_EQ(rig.leave(100s), (Actions<TypeParam>{rig.asks()}));
      EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, end - 100s}));
      rig.run_until(end - 1ms);
      EXPECT_EQ(rig.groups().size(), 1U);
      EXPECT_EQ(rig.changed.size(), 1U);
      rig.run_until(end);
      EXPECT_EQ(rig.groups().size(), 0U);
      rig.run_until(1000s);
      EXPECT_EQ(rig.asked_at(), asked);
      for (const auto& [at, query] : rig.asked()) EXPECT_EQ(query, rig.asks());
      EXPECT_EQ(rig.changed, (std::vector<typename TableRig<TypeParam>::Told>{
                                 {50s, rig.added()}, {end, rig.removed()}}));
    }
  }
}

TYPED_TEST(Leaves, TheQueryGoesToTheGroupWithItsOwnTimes) {  // IGMP-F-06, IGMP-F-23, MLD-F-16
  auto settings = rfc_settings<TypeParam>();
  settings.last_member_interval = 2s;
  TableRig<TypeParam> rig{settings};
  rig.report(50s);
  rig.leave(100s);
  const SendQuery<TypeParam> expected{rig.kSelf,
                                      rig.kGroup,
                                      {.version = TypeParam::kNewest,
                                       .group = rig.kGroup,
                                       .max_response = 2s,
                                       .query_interval = 125s,
                                       .robustness = 2}};
  ASSERT_EQ(rig.asked().size(), 1U);
  EXPECT_EQ(rig.asked()[0].second, expected);
}

TYPED_TEST(Leaves, AnOlderQueryCarriesOnlyItsTime) {  // IGMP-X-15, MLD-C-01
  TableRig<TypeParam> rig{this->older_settings()};
  rig.report(50s);
  rig.leave(100s);
  const SendQuery<TypeParam> expected{
      rig.kSelf,
      rig.kGroup,
      {.version = kOlder<TypeParam>, .group = rig.kGroup, .max_response = 1s}};
  ASSERT_EQ(rig.asked().size(), 1U);
  EXPECT_EQ(rig.asked()[0].second, expected);
}

/// RFC 9776 §6.6.3.1 has the rest of the queries sent, with S; RFC 2236 §7 has them stopped.
TYPED_TEST(Leaves, AReportKeepsTheGroup) {  // IGMP-M-05, IGMP-X-03
  TableRig<TypeParam> newest, older{this->older_settings()};
  for (auto* rig : {&newest, &older}) {
    rig->report(50s);
    rig->leave(100s);
    rig->report(100'500ms);
    EXPECT_EQ(rig->state(), (State<TypeParam>{kExclude, 270s}));
    rig->run_until(370'500ms - 1ms);
    EXPECT_EQ(rig->groups().size(), 1U);
    rig->run_until(370'500ms);
    EXPECT_EQ(rig->groups().size(), 0U);
  }
  using Asked = std::vector<typename TableRig<TypeParam>::Asked>;
  EXPECT_EQ(newest.asked(), (Asked{{100s, newest.asks()}, {101s, newest.asks({}, true)}}));
  EXPECT_EQ(older.asked(), (Asked{{100s, older.asks()}}));
}

TYPED_TEST(Leaves, AnyWayToExcludeModeSetsTheFlagFromThenOn) {  // IGMP-X-03, MLD-S-04
  for (const auto type : {Type::kIsEx, Type::kToEx}) {
    TableRig<TypeParam> rig;
    rig.record(50s, Type::kToEx);
    rig.record(100s, Type::kToIn);
    rig.record(100'500ms, type);
    rig.run_until(200s);
    EXPECT_EQ(rig.asked(), (std::vector<typename TableRig<TypeParam>::Asked>{
                               {100s, rig.asks()}, {101s, rig.asks({}, true)}}));
  }
  TableRig<TypeParam> rig;  // sources say nothing about the group
  rig.record(50s, Type::kToEx);
  rig.record(100s, Type::kToIn);
  rig.record(100'500ms, Type::kAllow, {rig.a});
  rig.run_until(200s);
  EXPECT_EQ(rig.asked(), (std::vector<typename TableRig<TypeParam>::Asked>{{100s, rig.asks()},
                                                                           {101s, rig.asks()}}));
}

TYPED_TEST(Leaves, OfNobodyAreIgnored) {  // IGMP-M-06, MLD-S-08
  TableRig<TypeParam> rig;
  EXPECT_TRUE(rig.leave(100s).empty());
  rig.report(101s);
  EXPECT_TRUE(rig.leave(102s, test::Lan<TypeParam>::group(7)).empty());
  rig.run_until(110s);
  EXPECT_TRUE(rig.asked().empty());
  EXPECT_EQ(rig.groups().size(), 1U);
  EXPECT_FALSE(rig.leave(110s).empty());
}

TYPED_TEST(Leaves, OfANonQuerierAreNotFollowedUp) {  // IGMP-M-07, IGMP-Q-16, MLD-Q-07
  TableRig<TypeParam> rig;
  rig.report(1s);
  rig.lose(2s);
  EXPECT_TRUE(rig.leave(100s).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 171s}));
  rig.run_until(257s);
  ASSERT_EQ(rig.role(), Role::kQuerier);  // the other fell silent, and what it missed is past
  EXPECT_TRUE(rig.asked().empty());
  EXPECT_FALSE(rig.leave(258s).empty());
}

TYPED_TEST(Leaves, TheSecondDoesNotProlongTheFirst) {  // IGMP-M-08
  for (const auto second : {100s + 1ms, 100s + 500ms, 101s + 0ms, 101s + 500ms, 102s - 1ms}) {
    TableRig<TypeParam> rig;
    rig.report(50s);
    rig.leave(100s);
    EXPECT_TRUE(rig.leave(second).empty());
    rig.run_until(102s - 1ms);
    EXPECT_EQ(rig.groups().size(), 1U);
    rig.run_until(200s);
    EXPECT_EQ(rig.changed.back().first, 102s);
    EXPECT_EQ(rig.asked_at(), (Moments{100s, 101s}));
  }
}

TYPED_TEST(Leaves, OfTheOnlyKnownHostAreAskedAboutAllTheSame) {  // IGMP-M-14
  TableRig<TypeParam> rig;
  rig.report(50s);
  ASSERT_EQ(rig.find()->hosts().size(), 1U);
  rig.leave(100s);
  rig.run_until(102s - 1ms);
  EXPECT_EQ(rig.groups().size(), 1U);
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 101s}));
}

TYPED_TEST(Leaves, NeverRaiseTheTimer) {  // IGMP-X-02
  TableRig<TypeParam> rig;
  rig.report(100s);
  EXPECT_EQ(rig.leave(369'300ms), (Actions<TypeParam>{rig.asks()}));
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 700ms}));
  rig.run_until(370s);
  EXPECT_EQ(rig.groups().size(), 0U);
  rig.run_until(400s);
  EXPECT_EQ(rig.asked_at(), (Moments{369'300ms}));  // IGMP-X-09
}

/// The rate is LMQC queries per LMQT, whatever is claimed; a group that is kept alive meanwhile has
/// to be asked about for longer.
TYPED_TEST(Leaves, AFloodOfThemIsAskedAboutOnce) {  // IGMP-X-17
  TableRig<TypeParam> rig;
  rig.report(50s);
  for (int i = 0; i < 1000; ++i) rig.leave(100s + i * 100us);
  rig.run_until(200s);
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 101s}));

  TableRig<TypeParam> kept;
  for (int i = 0; i < 1000; ++i) {
    kept.report(100s + i * 10ms);
    kept.leave(100s + i * 10ms + 5ms);
  }
  ASSERT_LE(kept.asked().size(), 11U);
  ASSERT_GE(kept.asked().size(), 10U);
  const auto moments = kept.asked_at();
  for (std::size_t i = 1; i < moments.size(); ++i) EXPECT_GE(moments[i] - moments[i - 1], 1s);
}

TYPED_TEST(Leaves, AFloodOfBlocksIsAskedAboutOnce) {  // IGMP-X-17
  TableRig<TypeParam> rig;
  rig.record(50s, Type::kAllow, {rig.a, rig.b});
  for (int i = 0; i < 1000; ++i) {
    rig.record(100s + i * 100us, Type::kBlock, {i % 2 == 0 ? rig.a : rig.b});
  }
  rig.run_until(200s);
  EXPECT_EQ(
      rig.asked(),
      (std::vector<typename TableRig<TypeParam>::Asked>{
          {100s, rig.asks({rig.a})}, {101s, rig.asks({rig.a, rig.b})}, {102s, rig.asks({rig.b})}}));
}

/// The group stays quiet for an interval after its last query as well.
TYPED_TEST(Leaves, TheNextRoundBeginsAnIntervalAfterTheLast) {  // IGMP-X-07
  TableRig<TypeParam> rig;
  rig.report(50s);
  rig.leave(100s);
  rig.report(101'100ms);
  EXPECT_TRUE(rig.leave(101'200ms).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 2'800ms}));
  rig.run_until(200s);
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 101s, 102s, 103s}));
  EXPECT_EQ(rig.changed.back(), (typename TableRig<TypeParam>::Told{104s, rig.removed()}));

  TableRig<TypeParam> later;
  later.report(50s);
  later.leave(100s);
  later.report(101'100ms);
  EXPECT_FALSE(later.leave(102s).empty());
  later.run_until(200s);
  EXPECT_EQ(later.asked_at(), (Moments{100s, 101s, 102s, 103s}));
}

/// A round about sources says nothing about the group: that is still to be asked about, although
/// its time is short.
TYPED_TEST(Leaves, ARoundAboutSourcesDoesNotStandInForTheGroup) {  // IGMP-X-01, IGMP-X-07
  TableRig<TypeParam> rig;
  rig.record(100s, Type::kToEx);
  rig.record(200s, Type::kAllow, {rig.a});
  rig.record(367s, Type::kBlock, {rig.a});
  rig.record(367'500ms, Type::kToIn, {rig.b});
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 2'500ms, {{rig.a, 1'500ms}, {rig.b, 270s}}}));
  rig.run_until(380s);
  EXPECT_EQ(rig.asked(),
            (std::vector<typename TableRig<TypeParam>::Asked>{{367s, rig.asks({rig.a})},
                                                              {368s, rig.asks()},
                                                              {368s, rig.asks({rig.a})},
                                                              {369s, rig.asks()}}));
}

TYPED_TEST(Leaves, ALostElectionEndsNoRound) {  // IGMP-Q-15, MLD-Q-08, D-02
  TableRig<TypeParam> rig;
  rig.record(50s, Type::kToEx);
  rig.record(50s, Type::kAllow, {rig.a});
  rig.leave(100s);
  rig.lose(100'500ms);
  rig.run_until(102s);
  EXPECT_EQ(rig.asked(),
            (std::vector<typename TableRig<TypeParam>::Asked>{{100s, rig.asks()},
                                                              {100s, rig.asks({rig.a})},
                                                              {101s, rig.asks()},
                                                              {101s, rig.asks({rig.a})}}));
  EXPECT_EQ(rig.groups().size(), 0U);
  rig.report(103s);
  EXPECT_TRUE(rig.leave(104s).empty()) << "but none begins";
}

TYPED_TEST(Leaves, AProxyAsksNobodyInParticular) {
  auto settings = rfc_settings<TypeParam>();
  settings.proxy = true;
  TableRig<TypeParam> rig{settings};
  rig.record(50s, Type::kToEx);
  rig.record(50s, Type::kAllow, {rig.a});
  EXPECT_TRUE(rig.leave(100s).empty());
  EXPECT_TRUE(rig.record(100s, Type::kBlock, {rig.a}).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 220s, {{rig.a, 220s}}}));
  rig.run_until(110s);
  EXPECT_TRUE(rig.asked().empty());
}

/// What could not be sent is not kept for later.
TYPED_TEST(Leaves, ARoundEndsWithTheAddress) {  // IGMP-X-08, IGMP-X-09
  auto settings = rfc_settings<TypeParam>();
  settings.robustness = 4;
  TableRig<TypeParam> rig{settings};
  rig.record(50s, Type::kToEx);
  rig.record(50s, Type::kAllow, {rig.a, rig.b});
  rig.leave(100s);
  rig.link_is(100'500ms, rig.link({}));
  rig.run_until(101s);
  rig.link_is(101'500ms, rig.link());
  rig.record(101'600ms, Type::kIsEx, {rig.a, rig.b});
  rig.record(101'700ms, Type::kAllow, {rig.a, rig.b});
  rig.run_until(110s);
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 100s}));
  rig.record(110s, Type::kBlock, {rig.b});
  EXPECT_EQ(rig.asked().back(), (typename TableRig<TypeParam>::Asked{110s, rig.asks({rig.b})}));
  EXPECT_EQ(rig.asked().size(), 3U);
}

// What cannot be sent is sent again, and nothing ends for a question that was not put.

template <class F>
QueryFailed<F> failed(const SendQuery<F>& sent) {
  return {sent.query};
}

TYPED_TEST(Leaves, ARoundThatFailedIsSentAgain) {  // IGMP-X-19
  TableRig<TypeParam> rig;
  rig.report(50s);
  rig.leave(100s);
  EXPECT_TRUE(rig.apply(100s, failed(rig.asks())).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 3s}));
  rig.run_until(101s);
  rig.apply(101s, failed(rig.asks()));
  rig.run_until(200s);
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 101s, 102s, 103s}));
  EXPECT_EQ(rig.changed.back(), (typename TableRig<TypeParam>::Told{104s, rig.removed()}));
}

TYPED_TEST(Leaves, ALastQueryThatFailedIsSentAgain) {  // IGMP-X-19
  TableRig<TypeParam> rig;
  rig.report(50s);
  rig.leave(100s);
  rig.run_until(101s);
  rig.apply(101s, failed(rig.asks()));
  rig.run_until(200s);
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 101s, 102s}));
  EXPECT_EQ(rig.changed.back(), (typename TableRig<TypeParam>::Told{103s, rig.removed()}));
}

/// For as long as nothing can be sent the group lives; then it is asked about and ends.
TYPED_TEST(Leaves, NothingEndsWhileNothingCanBeSent) {  // IGMP-X-19
  TableRig<TypeParam> rig;
  rig.report(50s);
  rig.leave(100s);
  for (auto at = 100s; at < 1000s; at += 1s) {
    rig.run_until(at);
    rig.apply(at, failed(rig.asks()));
    ASSERT_EQ(rig.groups().size(), 1U) << at.count();
    ASSERT_EQ(rig.find()->queries_left(), 2);
  }
  rig.run_until(1002s);
  EXPECT_EQ(rig.groups().size(), 0U);
  EXPECT_EQ(rig.asked().size(), 902U);
}

TYPED_TEST(Leaves, ARoundThatFailedKeepsItsDistance) {  // IGMP-X-19
  auto settings = rfc_settings<TypeParam>();
  settings.last_member_interval = 5s;
  TableRig<TypeParam> rig{settings};
  rig.report(50s);
  rig.leave(100s);
  rig.apply(100s, failed(rig.asks()));
  rig.run_until(200s);
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 105s, 110s}));
}

TYPED_TEST(Leaves, AQueryAboutSourcesThatFailedIsSentAgain) {  // IGMP-X-19
  TableRig<TypeParam> rig;
  rig.record(50s, Type::kAllow, {rig.a, rig.b, rig.c});
  rig.record(100s, Type::kBlock, {rig.a, rig.b});
  rig.apply(100s, failed(rig.asks({rig.a, rig.b})));
  EXPECT_EQ(rig.state(), (State<TypeParam>{
                             FilterMode::kInclude, 0s, {{rig.a, 3s}, {rig.b, 3s}, {rig.c, 220s}}}));
  rig.record(100'500ms, Type::kAllow, {rig.b});
  rig.run_until(200s);
  EXPECT_EQ(rig.asked(),
            (std::vector<typename TableRig<TypeParam>::Asked>{{100s, rig.asks({rig.a, rig.b})},
                                                              {101s, rig.asks({rig.b}, true)},
                                                              {101s, rig.asks({rig.a})},
                                                              {102s, rig.asks({rig.b}, true)},
                                                              {102s, rig.asks({rig.a})}}));
  EXPECT_EQ(rig.changed.back(), (typename TableRig<TypeParam>::Told{103s, rig.gone(rig.a)}));
}

/// The answer ends it as it ends any other, and a timer is not shortened.
TYPED_TEST(Leaves, AReportEndsWhatWasToBeSentAgain) {  // IGMP-M-05, IGMP-X-19
  TableRig<TypeParam> rig{this->older_settings()};
  rig.report(50s);
  rig.leave(100s);
  rig.apply(100s, failed(rig.asks()));
  rig.report(100'500ms);
  rig.run_until(300s);
  EXPECT_EQ(rig.asked_at(), (Moments{100s}));
  EXPECT_EQ(rig.groups().size(), 1U);
}

TYPED_TEST(Leaves, AFailureAboutWhatIsGoneLeavesNothing) {  // IGMP-X-09, IGMP-X-19
  TableRig<TypeParam> rig;
  rig.apply(100s, failed(rig.asks()));
  rig.apply(100s, failed(rig.asks({rig.a})));
  EXPECT_EQ(rig.groups().size(), 0U);
  rig.record(101s, Type::kAllow, {rig.b});
  rig.apply(102s, failed(rig.asks()));  // about the group, which is in include mode
  rig.apply(102s, failed(rig.asks({rig.a})));
  EXPECT_EQ(rig.state(), (State<TypeParam>{FilterMode::kInclude, 0s, {{rig.b, 269s}}}));
  rig.run_until(200s);
  EXPECT_TRUE(rig.asked().empty());
}

TYPED_TEST(Leaves, ANewVersionEndsTheRoundsItCannotCarry) {  // IGMP-X-08, IGMP-X-15
  auto settings = rfc_settings<TypeParam>();
  settings.robustness = 4;
  TableRig<TypeParam> rig{settings};
  rig.record(50s, Type::kAllow, {rig.a, rig.b});
  rig.record(100s, Type::kBlock, {rig.a});
  auto older = settings;
  older.version = kOlder<TypeParam>;
  rig.configure(100'500ms, older);
  rig.run_until(101s);
  rig.configure(101'500ms, settings);
  rig.record(102s, Type::kAllow, {rig.a});
  EXPECT_EQ(rig.record(102'500ms, Type::kBlock, {rig.b}), (Actions<TypeParam>{rig.asks({rig.b})}));
  EXPECT_EQ(rig.asked_at(), (Moments{100s, 102'500ms}));
}

}  // namespace
}  // namespace mcq::core
