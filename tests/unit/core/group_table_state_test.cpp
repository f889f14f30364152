#include <gtest/gtest.h>

#include "support/table_rig.hpp"

// What becomes of a group when its timers end, and what that means for forwarding.

namespace mcq::core {
namespace {

using namespace test::table;

template <class F>
class TableState : public testing::Test {};
TYPED_TEST_SUITE(TableState, test::Families);

/// Each a millisecond before its time and at it.
TYPED_TEST(TableState, ASourceEndsInIncludeMode) {  // IGMP-S-17, IGMP-S-20
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.record(10s, Type::kAllow, {rig.a});
  rig.record(20s, Type::kAllow, {rig.b});
  rig.run_until(280s - 1ms);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 1ms}, {rig.b, 10'001ms}}}));
  rig.run_until(280s);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.b, 10s}}}));
  rig.run_until(290s - 1ms);
  EXPECT_EQ(rig.groups().size(), 1U);
  EXPECT_EQ(rig.groups().sources(), 1U);
  rig.run_until(290s);
  EXPECT_EQ(rig.state(), std::nullopt);
  EXPECT_EQ(rig.groups().sources(), 0U);
  EXPECT_EQ(rig.changed, (std::vector<typename Rig::Told>{{10s, rig.added()},
                                                          {280s, rig.gone(rig.a)},
                                                          {290s, rig.gone(rig.b)},
                                                          {290s, rig.removed()}}));
  rig.run_until(1000s);
  EXPECT_EQ(rig.changed.size(), 4U);
}

TYPED_TEST(TableState, ASourceEndsInExcludeMode) {  // IGMP-S-18, IGMP-S-21
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.record(10s, Type::kToEx, {rig.c});
  rig.record(20s, Type::kAllow, {rig.a});
  for (const auto at : {100s, 200s, 300s, 400s}) rig.record(at, Type::kIsEx, {rig.a, rig.c});
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s, {}, {rig.a, rig.c}}));
  EXPECT_EQ(rig.changed,
            (std::vector<typename Rig::Told>{{10s, rig.added()}, {290s, rig.gone(rig.a)}}));
  EXPECT_FALSE(rig.find()->is_forwarded(rig.a));
  rig.run_until(669s);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 1s, {}, {rig.a, rig.c}}));
}

TYPED_TEST(TableState, TheGroupTimerEndsWithRequestedSources) {  // IGMP-S-19, MLD-S-02
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.exclude_five();
  rig.run_until(280s - 1ms);
  EXPECT_EQ(
      rig.state(),
      (State<TypeParam>{kExclude, 1ms, {{rig.a, 10'001ms}, {rig.b, 20'001ms}}, {rig.c, rig.d}}));
  rig.run_until(280s);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 10s}, {rig.b, 20s}}}));
  EXPECT_EQ(rig.groups().sources(), 2U);
  rig.run_until(1000s);
  EXPECT_EQ(rig.changed, (std::vector<typename Rig::Told>{{10s, rig.added()},
                                                          {290s, rig.gone(rig.a)},
                                                          {300s, rig.gone(rig.b)},
                                                          {300s, rig.removed()}}));
}

TYPED_TEST(TableState, TheGroupTimerEndsWithoutRequestedSources) {  // IGMP-S-19, MLD-S-02
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.record(10s, Type::kToEx, {rig.c, rig.d});
  rig.run_until(280s - 1ms);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 1ms, {}, {rig.c, rig.d}}));
  rig.run_until(280s);
  EXPECT_EQ(rig.state(), std::nullopt);
  EXPECT_EQ(rig.groups().sources(), 0U);
  EXPECT_EQ(rig.changed,
            (std::vector<typename Rig::Told>{{10s, rig.added()}, {280s, rig.removed()}}));
}

TYPED_TEST(TableState, OnlyTheGroupTimerAndTheTableEndAnExclusion) {  // IGMP-S-21
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.exclude_five();
  for (const auto type : {Type::kBlock, Type::kAllow, Type::kIsIn}) rig.record(41s, type, {rig.e});
  EXPECT_EQ(rig.state()->excluded, (std::set{rig.c, rig.d}));
  rig.record(42s, Type::kIsEx, {rig.d});
  EXPECT_EQ(rig.state()->excluded, (std::set{rig.d}));
}

/// A group in include mode has no timer that could have been left running.
TYPED_TEST(TableState, TheGroupTimerMeansNothingInIncludeMode) {  // IGMP-S-20
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.exclude_five();
  rig.record(200s, Type::kAllow, {rig.a});
  rig.run_until(280s);  // back in include mode
  rig.lose(281s);
  rig.receive_specific(282s, test::specific_query<TypeParam>());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 188s}, {rig.b, 18s}}}));
  rig.run_until(470s - 1ms);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 1ms}}}));
  rig.run_until(470s);
  EXPECT_EQ(rig.state(), std::nullopt);
}

TYPED_TEST(TableState, SaysWhatWouldBeForwarded) {  // IGMP-S-22
  using Rig = TableRig<TypeParam>;
  Rig include, exclude;
  include.include_three();
  exclude.exclude_five();
  EXPECT_TRUE(include.find()->is_forwarded(include.a));
  EXPECT_TRUE(include.find()->is_forwarded(include.c));
  EXPECT_FALSE(include.find()->is_forwarded(include.d));
  EXPECT_TRUE(exclude.find()->is_forwarded(exclude.a));
  EXPECT_FALSE(exclude.find()->is_forwarded(exclude.c));
  EXPECT_TRUE(exclude.find()->is_forwarded(exclude.e));
  exclude.run_until(280s);
  EXPECT_FALSE(exclude.find()->is_forwarded(exclude.e)) << "not any more in include mode";
}

TYPED_TEST(TableState, ForwardingGoesOnWhileWeAsk) {  // IGMP-S-23
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.exclude_five();
  rig.record(40s, Type::kToIn);
  const auto before = rig.changed.size();
  rig.run_until(42s - 1ms);
  EXPECT_EQ(rig.changed.size(), before);
  for (const auto source : {rig.a, rig.b, rig.e}) EXPECT_TRUE(rig.find()->is_forwarded(source));
  rig.run_until(42s);
  EXPECT_EQ(rig.changed.back(), (typename Rig::Told{42s, rig.removed()}));
}

TYPED_TEST(TableState, ANonQuerierNeitherAsksNorLowersATimer) {  // IGMP-S-26, IGMP-Q-16, MLD-Q-07
  using Rig = TableRig<TypeParam>;
  for (const bool is_querier : {true, false}) {
    for (const auto type : {Type::kToIn, Type::kBlock, Type::kToEx}) {
      Rig rig;
      if (!is_querier) rig.lose(5s);
      rig.exclude_five();
      EXPECT_EQ(rig.record(40s, type, {rig.b}).empty(), !is_querier);
      rig.run_until(60s);
      EXPECT_EQ(rig.asked().empty(), !is_querier);
    }
    Rig rig;
    if (!is_querier) rig.lose(5s);
    rig.report(10s);
    rig.leave(40s);
    EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, is_querier ? 2s : 240s}));
    rig.run_until(60s);
    EXPECT_EQ(rig.groups().size(), is_querier ? 0U : 1U);
    EXPECT_EQ(rig.asked().empty(), !is_querier);
  }
}

/// 232.0.0.0/8 and ff30::/32, in which there is no listener without sources.
TYPED_TEST(TableState, ASourceSpecificGroupHasSources) {  // IGMP-S-27, MLD-S-11, D-04
  using Rig = TableRig<TypeParam>;
  typename TypeParam::Address group, other;
  if constexpr (std::same_as<TypeParam, Igmp>) {
    group = {{232, 1, 2, 3}};
    other = {{233, 1, 2, 3}};
  } else {
    group = Rig::kGroup;
    other = {{0xff, 0x3e, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  }
  auto settings = test::rfc_settings<TypeParam>();
  settings.ssm_aware = true;
  const Actions<TypeParam> refused{Noticed<TypeParam>{Notice::kAnySource, Rig::kHost}};
  Rig aware{settings}, unaware;
  for (const auto type : {Type::kIsEx, Type::kToEx}) {
    EXPECT_EQ(aware.record(1s, type, {Rig::a}, group), refused);
  }
  EXPECT_EQ(aware.report(1s, test::kOlder<TypeParam>, group), refused);
  EXPECT_EQ(aware.groups().size(), 0U);
  EXPECT_EQ(
      aware.report(2s, test::kOlder<TypeParam>, other),
      (Actions<TypeParam>{Noticed<TypeParam>{Notice::kOlderHost, Rig::kHost}, Rig::added(other)}));
  for (const auto type : {Type::kIsIn, Type::kAllow, Type::kToIn}) {
    Rig rig{settings};
    EXPECT_EQ(rig.record(1s, type, {Rig::a}, group), (Actions<TypeParam>{Rig::added(group)}));
    // What a leave would end, it does not; what a change of sources ends, it does.
    EXPECT_TRUE(rig.leave(2s, group).empty());
    EXPECT_EQ(rig.state(group), (State<TypeParam>{kInclude, 0s, {{Rig::a, 269s}}}));
    EXPECT_EQ(rig.record(2s, Type::kBlock, {Rig::a}, group),
              (Actions<TypeParam>{rig.asks({Rig::a}, false, group)}));
  }
  EXPECT_EQ(unaware.record(1s, Type::kToEx, {}, group), (Actions<TypeParam>{Rig::added(group)}));
  EXPECT_EQ(unaware.leave(2s, group), (Actions<TypeParam>{unaware.asks({}, false, group)}));
}

/// Ranges of one's own replace those of RFC 4607.
TYPED_TEST(TableState, SourceSpecificIsWhatTheRangesSay) {  // SSM-01 to SSM-04
  using Rig = TableRig<TypeParam>;
  constexpr std::uint8_t kBits = std::same_as<TypeParam, Igmp> ? 16 : 120;
  const auto inside = test::Lan<TypeParam>::group(7);
  auto usual = inside;
  usual.bytes[0] = std::same_as<TypeParam, Igmp> ? 232 : 0xff;
  usual.bytes[1] = std::same_as<TypeParam, Igmp> ? 1 : 0x3e;
  auto settings = test::rfc_settings<TypeParam>();
  settings.ssm_ranges.prefixes = {{inside, kBits}};
  Rig unaware{settings};
  EXPECT_EQ(unaware.record(1s, Type::kToEx, {}, inside), (Actions<TypeParam>{Rig::added(inside)}));
  settings.ssm_aware = true;
  Rig aware{settings};
  const Actions<TypeParam> refused{Noticed<TypeParam>{Notice::kAnySource, Rig::kHost}};
  EXPECT_EQ(aware.record(1s, Type::kToEx, {}, inside), refused);
  EXPECT_EQ(aware.report(1s, test::kOlder<TypeParam>, inside), refused);
  EXPECT_EQ(aware.record(1s, Type::kAllow, {Rig::a}, inside),
            (Actions<TypeParam>{Rig::added(inside)}));
  EXPECT_TRUE(aware.leave(2s, inside).empty());
  EXPECT_EQ(aware.record(3s, Type::kToEx, {}, usual), (Actions<TypeParam>{Rig::added(usual)}));
  settings.ssm_ranges.prefixes.emplace().clear();
  Rig none{settings};
  EXPECT_EQ(none.record(1s, Type::kToEx, {}, inside), (Actions<TypeParam>{Rig::added(inside)}));
}

}  // namespace
}  // namespace mcq::core
