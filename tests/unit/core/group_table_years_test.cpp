#include <gtest/gtest.h>

#include "support/heap.hpp"
#include "support/table_rig.hpp"

// A querier runs for years. Its timers are as exact then as on the first day, and what it no longer
// needs it has given back.

namespace mcq::core {
namespace {

using namespace test::table;
constexpr auto kYear = 365 * 24h;

template <class F>
class Years : public testing::Test {
 public:
  /// Whatever the clock said when the host was started: the moments where 32 bits of seconds or of
  /// milliseconds end, and where the highest level of the timing wheel comes round.
  static constexpr std::array<Duration, 9> kBegins{0s,
                                                   (1LL << 31U) * 1ms - 200s,
                                                   (1LL << 32U) * 1ms - 200s,
                                                   (1LL << 35U) * 1ms - 200s,
                                                   (1LL << 36U) * 1ms - 200s,
                                                   (1LL << 31U) * 1s - 200s,
                                                   (1LL << 32U) * 1s - 200s,
                                                   10 * kYear,
                                                   100 * kYear};
  /// The rig's own steps begin with the link at 0 s.
  static void sleep_until(TableRig<F>& rig, Duration at) {
    while (rig.querier().deadline() <= TimePoint{at}) rig.step(Tick{}, TimePoint{at});
    rig.step(Tick{}, TimePoint{at});
  }
};
TYPED_TEST_SUITE(Years, test::Families);

TYPED_TEST(Years, MembershipEndsWhenItShould) {
  for (const auto begin : this->kBegins) {
    SCOPED_TRACE(testing::Message() << begin.count() / 1'000'000'000 << " s");
    TableRig<TypeParam> rig;
    this->sleep_until(rig, begin);
    rig.report(begin + 10s);
    rig.report(begin + 100s);
    EXPECT_EQ(rig.state(), (State<TypeParam>{FilterMode::kExclude, 270s}));
    EXPECT_EQ(rig.find()->since, TimePoint{begin + 10s});
    EXPECT_EQ(rig.hosts()[0].last_report, TimePoint{begin + 100s});
    rig.run_until(begin + 359'999ms);
    EXPECT_EQ(rig.compatibility(), kOlder<TypeParam>);
    rig.run_until(begin + 360s);
    EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
    rig.run_until(begin + 369'999ms);
    EXPECT_NE(rig.find(), nullptr);
    rig.run_until(begin + 370s);
    EXPECT_EQ(rig.find(), nullptr);
  }
}

TYPED_TEST(Years, ALeaveIsFollowedUpInTime) {
  for (const auto begin : this->kBegins) {
    SCOPED_TRACE(testing::Message() << begin.count() / 1'000'000'000 << " s");
    TableRig<TypeParam> rig;
    this->sleep_until(rig, begin);
    rig.record(begin + 195s, Type::kToEx);
    rig.record(begin + 199s, Type::kToIn);
    rig.run_until(begin + 300s);
    EXPECT_EQ(rig.asked_at(), (std::vector<Duration>{begin + 199s, begin + 200s}));
    EXPECT_EQ(rig.changed.back(), std::pair(begin + 201s, rig.removed()));
  }
}

/// A year of reports, each just in time.
TYPED_TEST(Years, AGroupIsKeptForAsLongAsItIsReported) {
  TableRig<TypeParam> rig;
  this->sleep_until(rig, 5s);
  const auto before = test::bytes_held();
  const Event<TypeParam> report{
      ReportReceived<TypeParam>{rig.kHost, {kOlder<TypeParam>, rig.kGroup}}};
  constexpr auto kEnd = kYear;
  for (auto at = 10s; at <= kEnd; at += 259s) {
    for (const auto& action : rig.step(report, TimePoint{at})) {
      ASSERT_TRUE(at == 10s || !std::holds_alternative<MembershipChanged<TypeParam>>(action));
    }
    if (rig.querier().deadline() <= TimePoint{at}) rig.step(Tick{}, TimePoint{at});
    rig.sent.clear();
  }
  EXPECT_EQ(rig.find()->since, TimePoint{10s});
  EXPECT_EQ(rig.changed.size(), 1U);
  EXPECT_EQ(rig.hosts().size(), 1U);
  EXPECT_LT(test::bytes_held(), before + 16'384);
  rig.run_until(kEnd + 1h);
  EXPECT_EQ(rig.changed.size(), 2U);
}

/// Leaves that nobody means, hosts that come and go: a membership interval later they cost nothing.
TYPED_TEST(Years, AStormLeavesNothingBehind) {
  constexpr std::uint16_t kGroups = 500;
  TableRig<TypeParam> rig;
  const auto report_all = [&](Duration at) {
    for (std::uint16_t n = 0; n < kGroups; ++n) {
      rig.record(at, Type::kIsEx, {}, Lan<TypeParam>::group(n));
    }
    rig.sent = {};
  };
  report_all(1s);
  const auto pieces = test::pieces_held();
  for (std::uint16_t n = 0; n < kGroups; ++n) {
    const auto group = Lan<TypeParam>::group(n);
    rig.record(2s, Type::kToIn, {}, group);
    rig.record(2s, Type::kIsEx, {rig.a}, group);
    rig.report(2s, kOlder<TypeParam>, group, Lan<TypeParam>::host(60));
    rig.report(2s, static_cast<typename TypeParam::Version>(1), group, Lan<TypeParam>::host(61));
  }
  EXPECT_GE(test::pieces_held(), pieces + 2 * kGroups);
  for (auto at = 100s; at <= 900s; at += 100s) report_all(at);
  rig.hosts_changed = {};
  EXPECT_EQ(rig.groups().size(), kGroups);
  EXPECT_EQ(rig.groups().hosts(), kGroups);
  EXPECT_LT(test::pieces_held(), pieces + 10) << "what is kept is for all groups together";
}

}  // namespace
}  // namespace mcq::core
