#include <gtest/gtest.h>

#include "support/heap.hpp"
#include "support/table_rig.hpp"

// Every table that the network fills has an end, and what is in it stays in it (RFC 9776 §9).

namespace mcq::core {
namespace {

using namespace test::table;

template <class F>
class Limits : public testing::Test {
 public:
  static Noticed<F> refused(Notice notice, typename F::Address from = TableRig<F>::kHost) {
    return {notice, from};
  }
};
TYPED_TEST_SUITE(Limits, test::Families);

TYPED_TEST(Limits, OfGroupsRefuseOneMore) {  // IGMP-R-32
  auto settings = rfc_settings<TypeParam>();
  settings.max_groups = 10;
  TableRig<TypeParam> rig{settings};
  const auto group = [](std::uint16_t n) { return Lan<TypeParam>::group(n); };
  for (std::uint16_t n = 0; n < 10; ++n) {
    EXPECT_EQ(rig.record(1s, Type::kToEx, {}, group(n)), (Actions<TypeParam>{rig.added(group(n))}));
  }
  const Actions<TypeParam> refusal{this->refused(Notice::kTooManyGroups)};
  EXPECT_EQ(rig.record(2s, Type::kToEx, {}, group(10)), refusal);
  EXPECT_EQ(rig.record(2s, Type::kAllow, {rig.a}, group(10)), refusal);
  EXPECT_EQ(rig.report(2s, kOlder<TypeParam>, group(10)), refusal);
  EXPECT_EQ(rig.groups().size(), 10U);
  EXPECT_EQ(rig.state(group(10)), std::nullopt);
  EXPECT_TRUE(rig.record(3s, Type::kIsEx, {}, group(9)).empty()) << "the known ones live on";
  EXPECT_EQ(rig.state(group(9)), (State<TypeParam>{kExclude, 270s}));
  rig.leave(4s, group(9));
  rig.run_until(6s);
  EXPECT_EQ(rig.record(7s, Type::kToEx, {}, group(10)), (Actions<TypeParam>{rig.added(group(10))}));
}

TYPED_TEST(Limits, OfSourcesKeepThoseThatAreKnown) {  // IGMP-R-32
  auto settings = rfc_settings<TypeParam>();
  settings.max_sources = 2;
  TableRig<TypeParam> rig{settings};
  constexpr auto a = TableRig<TypeParam>::a, b = TableRig<TypeParam>::b, c = TableRig<TypeParam>::c;
  const Actions<TypeParam> refusal{this->refused(Notice::kTooManySources)};
  EXPECT_EQ(rig.record(1s, Type::kAllow, {b, c}), (Actions<TypeParam>{rig.added()}));
  EXPECT_EQ(rig.record(2s, Type::kAllow, {a}), refusal);
  EXPECT_EQ(rig.record(3s, Type::kAllow, {a, b}), refusal) << "the known one is refreshed";
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{b, 270s}, {c, 268s}}}));
  EXPECT_TRUE(rig.record(4s, Type::kAllow, {b, c}).empty());
  // Those that go make room in the same record.
  EXPECT_TRUE(rig.record(5s, Type::kIsEx, {a, c}).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s, {{c, 269s}}, {a}}));
  EXPECT_EQ(rig.groups().sources(), 2U);
}

/// What does not fit on an exclude list is passed on: rather too much than too little.
TYPED_TEST(Limits, OfSourcesNeverCostAListenerAnything) {  // IGMP-R-32
  auto settings = rfc_settings<TypeParam>();
  settings.max_sources = 2;
  TableRig<TypeParam> rig{settings};
  EXPECT_EQ(rig.record(1s, Type::kToEx, {rig.a, rig.b, rig.c}),
            (Actions<TypeParam>{this->refused(Notice::kTooManySources), rig.added()}));
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s, {}, {rig.a, rig.b}}));
  EXPECT_TRUE(rig.find()->is_forwarded(rig.c));
  EXPECT_EQ(rig.record(2s, Type::kBlock, {rig.d}),
            (Actions<TypeParam>{this->refused(Notice::kTooManySources)}));
}

/// All groups together hold four times as many sources as there may be groups, and those of one.
TYPED_TEST(Limits, OfSourcesCountForAllGroupsTogether) {  // IGMP-R-32
  auto settings = rfc_settings<TypeParam>();
  settings.max_groups = 10;
  settings.max_sources = 8;
  TableRig<TypeParam> rig{settings};
  std::vector<typename TypeParam::Address> eight;
  for (std::uint16_t n = 0; n < 8; ++n) eight.push_back(Lan<TypeParam>::source(n + 10));
  for (std::uint16_t n = 0; n < 6; ++n) {
    rig.record(1s, Type::kAllow, eight, Lan<TypeParam>::group(n));
  }
  EXPECT_EQ(rig.groups().sources(), 48U);
  // A group that would begin with nothing does not begin.
  EXPECT_EQ(rig.record(2s, Type::kAllow, eight, Lan<TypeParam>::group(6)),
            (Actions<TypeParam>{this->refused(Notice::kTooManySources)}));
  EXPECT_EQ(rig.groups().size(), 6U);
  EXPECT_EQ(rig.groups().sources(), 48U);
  EXPECT_EQ(rig.groups().hosts(), 6U);
  EXPECT_EQ(rig.record(2s, Type::kToEx, {}, Lan<TypeParam>::group(6)),
            (Actions<TypeParam>{rig.added(Lan<TypeParam>::group(6))}));
  EXPECT_TRUE(rig.record(3s, Type::kIsIn, eight, Lan<TypeParam>::group(0)).empty());
  rig.record(3s, Type::kIsEx, {}, Lan<TypeParam>::group(1));
  EXPECT_EQ(rig.groups().sources(), 40U);
  EXPECT_TRUE(rig.record(4s, Type::kAllow, eight, Lan<TypeParam>::group(6)).empty());
  EXPECT_EQ(rig.groups().sources(), 48U);
}

TYPED_TEST(Limits, OfHostsRefuseToKnowOneMore) {  // IGMP-R-32
  auto settings = rfc_settings<TypeParam>();
  settings.max_hosts = 3;
  settings.query_on_rejoin = false;
  TableRig<TypeParam> rig{settings};
  const auto host = [](std::uint8_t n) { return Lan<TypeParam>::host(n); };
  for (std::uint8_t n = 60; n < 63; ++n) rig.record(1s, Type::kToEx, {}, rig.kGroup, host(n));
  EXPECT_EQ(rig.record(2s, Type::kIsEx, {}, rig.kGroup, host(63)),
            (Actions<TypeParam>{this->refused(Notice::kTooManyHosts, host(63))}));
  EXPECT_EQ(rig.groups().hosts(), 3U);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s})) << "it is a member all the same";
  EXPECT_TRUE(rig.record(3s, Type::kIsEx, {}, rig.kGroup, host(62)).empty());
  EXPECT_TRUE(rig.record(270s, Type::kIsEx, {}, rig.kGroup, host(62)).empty());
  // By then the others have been silent for a membership interval.
  EXPECT_TRUE(rig.record(271s, Type::kIsEx, {}, rig.kGroup, host(59)).empty());
  EXPECT_EQ(rig.groups().hosts(), 2U);
  EXPECT_EQ(rig.find()->hosts().front().address, host(59));
}

TYPED_TEST(Limits, OfHostsCountForAllGroupsTogether) {  // IGMP-R-32
  auto settings = rfc_settings<TypeParam>();
  settings.max_groups = 4;
  settings.max_hosts = 6;
  TableRig<TypeParam> rig{settings};
  std::size_t refused = 0;
  for (std::uint16_t n = 0; n < 4; ++n) {
    for (std::uint8_t h = 60; h < 66; ++h) {
      const auto group = Lan<TypeParam>::group(n);
      refused += rig.record(1s, Type::kIsEx, {}, group, Lan<TypeParam>::host(h)).size();
    }
  }
  EXPECT_EQ(rig.groups().hosts(), 22U);  // 6 + 4 x 4
  EXPECT_EQ(refused, 4U + 24U - 22U);    // the first of each group is told as well
  EXPECT_EQ(rig.groups().size(), 4U);
}

TYPED_TEST(Limits, ThatAreLoweredTakeNothingAway) {
  TableRig<TypeParam> rig;
  rig.record(1s, Type::kAllow, {rig.a, rig.b, rig.c});
  rig.record(1s, Type::kToEx, {}, Lan<TypeParam>::group(1));
  auto settings = rfc_settings<TypeParam>();
  settings.max_groups = 1;
  settings.max_sources = 1;
  settings.max_hosts = 1;
  rig.configure(2s, settings);
  EXPECT_TRUE(rig.record(3s, Type::kIsIn, {rig.a, rig.b}).empty());
  EXPECT_EQ(rig.record(4s, Type::kAllow, {rig.c, rig.d}),
            (Actions<TypeParam>{this->refused(Notice::kTooManySources)}));
  EXPECT_EQ(rig.state(),
            (State<TypeParam>{kInclude, 0s, {{rig.a, 269s}, {rig.b, 269s}, {rig.c, 270s}}}));
  EXPECT_EQ(rig.groups().size(), 2U);
}

/// A tick has a bound; what is left is due at once.
TYPED_TEST(Limits, OfATickLeaveTheRestForTheNext) {
  constexpr std::uint16_t kGroups = 3000;
  TableRig<TypeParam> rig;
  for (std::uint16_t n = 0; n < kGroups; ++n) {
    rig.step(RecordReceived<TypeParam>{rig.kHost, {Type::kToEx, Lan<TypeParam>::group(n), {}}},
             TimePoint{1s});
  }
  ASSERT_EQ(rig.groups().size(), kGroups);
  std::size_t removed = 0;
  int ticks = 0;
  const TimePoint end{271s};
  for (; rig.groups().size() > 0 && ticks < 1000; ++ticks) {
    EXPECT_LE(rig.querier().deadline(), end);
    std::size_t now_removed = 0;
    for (const auto& action : rig.step(Tick{}, end)) {
      const auto* change = std::get_if<MembershipChanged<TypeParam>>(&action);
      now_removed += change != nullptr && change->change == Change::kGroupRemoved ? 1U : 0U;
    }
    EXPECT_LE(now_removed, 1024U);
    removed += now_removed;
  }
  EXPECT_EQ(removed, kGroups);
  EXPECT_GE(ticks, 3);
  EXPECT_LE(ticks, 30);
}

TYPED_TEST(Limits, AnEmptyTableHoldsNoMemory) {
  TableRig<TypeParam> rig;
  rig.record(1s, Type::kAllow, {rig.a});
  rig.leave(1s);
  rig.run_until(4s);
  rig.sent.reserve(10'000);
  rig.changed.reserve(10'000);
  rig.lost.reserve(10'000);
  const auto before = test::pieces_held();
  for (std::uint16_t n = 0; n < 1000; ++n) {
    rig.step(RecordReceived<TypeParam>{rig.kHost, {Type::kToEx, Lan<TypeParam>::group(n), {}}},
             TimePoint{5s});
  }
  EXPECT_GT(test::pieces_held(), before);
  rig.run_until(300s);
  ASSERT_EQ(rig.groups().size(), 0U);
  EXPECT_EQ(test::pieces_held(), before);
}

}  // namespace
}  // namespace mcq::core
