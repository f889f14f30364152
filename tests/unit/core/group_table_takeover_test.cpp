#include <gtest/gtest.h>

#include "support/table_rig.hpp"

// What becomes of timers that were set by the values of another querier when we become querier.

namespace mcq::core {
namespace {

using namespace test::table;

/// A querier that trusts the other one, and so keeps members for hours while that reigns.
template <class F>
class Takeover : public testing::Test {
 public:
  static Settings<F> trusting() {
    auto settings = rfc_settings<F>();
    settings.trusted_queriers = {Lan<F>::kSubnet};
    return settings;
  }
  static void lose_for_hours(TableRig<F>& rig, Duration at) {
    rig.receive(at, rig.kLower, {.max_response = 100s, .query_interval = 10'000s, .robustness = 7});
    ASSERT_EQ(rig.role(), Role::kNonQuerier);
    ASSERT_EQ(rig.querier().timing(), (Timing{7, 10'000s, 100s}));
  }
  /// The other one is to be ignored from now on.
  static void win(TableRig<F>& rig, Duration at) {
    auto settings = rfc_settings<F>();
    settings.ignored_queriers = {Lan<F>::kSubnet};
    rig.configure(at, settings);
    ASSERT_EQ(rig.role(), Role::kQuerier);
  }
};
TYPED_TEST_SUITE(Takeover, test::Families);

TYPED_TEST(Takeover, ShortensTheTimersOfGroupsAndSources) {  // IGMP-Q-34
  TableRig<TypeParam> exclude{this->trusting()}, include{this->trusting()};
  this->lose_for_hours(exclude, 1s);
  exclude.record(10s, Type::kToEx, {exclude.c});
  exclude.record(20s, Type::kAllow, {exclude.a});
  this->win(exclude, 40s);
  EXPECT_EQ(exclude.state(), (State<TypeParam>{kExclude, 270s, {{exclude.a, 270s}}, {exclude.c}}));
  exclude.run_until(310s - 1ms);
  EXPECT_EQ(exclude.groups().size(), 1U);
  exclude.run_until(310s);
  EXPECT_EQ(exclude.groups().size(), 0U);

  this->lose_for_hours(include, 1s);
  include.record(10s, Type::kAllow, {include.a});
  this->win(include, 40s);
  EXPECT_EQ(include.state(), (State<TypeParam>{kInclude, 0s, {{include.a, 270s}}}));
}

TYPED_TEST(Takeover, RaisesNoTimer) {  // IGMP-Q-34
  TableRig<TypeParam> rig{this->trusting()};
  rig.record(10s, Type::kToEx);
  rig.record(20s, Type::kAllow, {rig.a});
  this->lose_for_hours(rig, 30s);
  this->win(rig, 40s);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 240s, {{rig.a, 250s}}}));
}

/// A report of the oldest version has leaves ignored for as long as its host counts as present.
TYPED_TEST(Takeover, EndsTheCompatibilityModeInTime) {  // IGMP-Q-34
  using Version = typename TypeParam::Version;
  for (const auto version : {kOlder<TypeParam>, Version{1}}) {
    TableRig<TypeParam> rig{this->trusting()};
    this->lose_for_hours(rig, 1s);
    rig.report(10s, version);
    this->win(rig, 40s);
    rig.record(290s, Type::kIsEx);
    EXPECT_EQ(rig.compatibility(), version);
    rig.run_until(300s - 1ms);
    EXPECT_EQ(rig.compatibility(), version);
    rig.run_until(300s);
    EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
    EXPECT_FALSE(rig.leave(301s).empty());
  }
}

/// Becoming non-querier, or a change of the other querier, shortens nothing.
TYPED_TEST(Takeover, OfAnotherQuerierShortensNothing) {
  TableRig<TypeParam> rig{this->trusting()};
  this->lose_for_hours(rig, 1s);
  rig.record(10s, Type::kToEx);
  rig.receive(20s, Lan<TypeParam>::host(1));
  EXPECT_EQ(rig.querier().timing(), Timing{});
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 10s + 70'000s + 200s - 20s}));
}

/// However many there are; and no tick looks at all of them.
TYPED_TEST(Takeover, ShortensTheTimersOfManyGroupsStepByStep) {  // IGMP-Q-34
  constexpr std::uint16_t kGroups = 5000;
  TableRig<TypeParam> rig{this->trusting()};
  this->lose_for_hours(rig, 1s);
  for (std::uint16_t n = 0; n < kGroups; ++n) {
    rig.record(10s, Type::kToEx, {}, Lan<TypeParam>::group(n));
  }
  this->win(rig, 40s);
  const auto too_long = [&] {
    std::size_t count = 0;
    rig.groups().for_each([&](const auto& group) {
      if (group.expires > TimePoint{40s + 270s}) ++count;
    });
    return count;
  };
  int ticks = 0;
  for (auto left = too_long(); left > 0; ++ticks) {
    ASSERT_LE(rig.querier().deadline(), rig.now());
    rig.step(Tick{}, rig.now());
    EXPECT_LT(too_long(), left);
    EXPECT_LE(left - too_long(), 2000U);
    left = too_long();
  }
  EXPECT_GE(ticks, 2);
  EXPECT_GT(rig.querier().deadline(), rig.now());
  EXPECT_EQ(rig.groups().size(), kGroups);
}

TYPED_TEST(Takeover, AnEmptyTableHasNothingToShorten) {
  TableRig<TypeParam> rig{this->trusting()};
  this->lose_for_hours(rig, 1s);
  this->win(rig, 40s);
  EXPECT_EQ(rig.querier().deadline(), TimePoint{40s + 31'250ms});
}

// And when new settings put off the next query, which members were to answer.

template <class F>
class PutOff : public testing::Test {
 public:
  /// Asks every 5 s, and so did at 155 s; members live for 14 s.
  static Settings<F> brisk() {
    auto settings = rfc_settings<F>();
    settings.query_interval = 5s;
    settings.response_interval = 2s;
    settings.startup_count = 1;
    return settings;
  }
  static Settings<F> slow() {
    auto settings = brisk();
    settings.query_interval = 300s;
    return settings;
  }
};
TYPED_TEST_SUITE(PutOff, test::Families);

TYPED_TEST(PutOff, MembersLiveUntilTheyCanHaveAnswered) {  // IGMP-T-13
  TableRig<TypeParam> rig{this->brisk()};
  rig.record(155s, Type::kToEx, {rig.c});
  rig.record(155s, Type::kAllow, {rig.a});
  const auto older = Lan<TypeParam>::group(7);
  rig.report(156s, typename TypeParam::Version{1}, older);
  rig.configure(157s, this->slow());
  const auto left = 455s + 2 * 2s - 157s;
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, left, {{rig.a, left}}, {rig.c}}));
  rig.run_until(458s);
  EXPECT_EQ(rig.sent_at().back(), 455s);
  EXPECT_EQ(rig.compatibility(older), typename TypeParam::Version{1});
  rig.run_until(459s);
  EXPECT_EQ(rig.groups().size(), 0U);
}

/// What is about to end because somebody has left ends all the same, and its queries are sent.
TYPED_TEST(PutOff, ALeaveIsFollowedUpAllTheSame) {
  TableRig<TypeParam> rig{this->brisk()};
  rig.record(150s, Type::kToEx);
  rig.record(150s, Type::kAllow, {rig.a}, Lan<TypeParam>::group(7));
  rig.record(156s, Type::kToIn);
  rig.record(156s, Type::kBlock, {rig.a}, Lan<TypeParam>::group(7));
  rig.configure(156'500ms, this->slow());
  rig.run_until(158s);
  EXPECT_EQ(rig.groups().size(), 0U);
  EXPECT_EQ(rig.asked().size(), 4U);
}

TYPED_TEST(PutOff, AQueryThatComesSoonerMovesNoTimer) {  // IGMP-T-13
  TableRig<TypeParam> rig{this->slow()};
  rig.record(1s, Type::kToEx);
  rig.configure(2s, this->brisk());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 603s}));
}

}  // namespace
}  // namespace mcq::core
