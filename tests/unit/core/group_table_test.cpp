#include <gtest/gtest.h>

#include "support/heap.hpp"
#include "support/table_rig.hpp"

// Who is a member of what: joining, refreshing, silence, and which groups are worth an entry.

namespace mcq::core {
namespace {

using namespace test::table;

template <class F>
class Membership : public testing::Test {};
TYPED_TEST_SUITE(Membership, test::Families);

TYPED_TEST(Membership, BeginsWithAReport) {  // IGMP-M-01, D-08, MLD-S-07
  TableRig<TypeParam> rig;
  EXPECT_EQ(rig.groups().size(), 0U);
  EXPECT_EQ(rig.find(), nullptr);
  EXPECT_EQ(rig.report(10s),
            (Actions<TypeParam>{Noticed<TypeParam>{Notice::kOlderHost, rig.kHost}, rig.added()}));
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s}));
  EXPECT_EQ(rig.groups().size(), 1U);
  EXPECT_EQ(rig.find()->since, TimePoint{10s});
  EXPECT_EQ(rig.find()->last_reporter(), rig.kHost);
  EXPECT_EQ(rig.find(Lan<TypeParam>::group(1)), nullptr);
}

TYPED_TEST(Membership, GoesOnWithEveryReport) {  // IGMP-M-02
  TableRig<TypeParam> rig;
  const auto other = Lan<TypeParam>::host(51);
  rig.report(10s);
  EXPECT_TRUE(rig.report(100s, kOlder<TypeParam>, rig.kGroup, other).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s}));
  EXPECT_EQ(rig.find()->since, TimePoint{10s});
  EXPECT_EQ(rig.find()->last_reporter(), other);
  EXPECT_EQ(rig.changed.size(), 1U);
}

TYPED_TEST(Membership, EndsWithSilence) {  // IGMP-M-03, IGMP-T-04, MLD-Q-11
  TableRig<TypeParam> rig;
  rig.report(0s);
  rig.report(100s);
  rig.run_until(370s - 1ms);
  EXPECT_EQ(rig.groups().size(), 1U);
  rig.run_until(370s);
  EXPECT_EQ(rig.groups().size(), 0U);
  rig.run_until(2000s);
  EXPECT_EQ(rig.changed, (std::vector<typename TableRig<TypeParam>::Told>{{0s, rig.added()},
                                                                          {370s, rig.removed()}}));
}

TYPED_TEST(Membership, LastsAsLongAsTheValuesInForceSay) {  // IGMP-T-04, IGMP-Q-17, MLD-Q-11
  struct Row {
    std::uint8_t robustness;
    Duration query_interval, response, lasts;
  };
  for (const auto& [robustness, query_interval, response, lasts] :
       {Row{2, 125s, 10s, 270s}, Row{3, 125s, 10s, 395s}, Row{2, 30s, 5s, 70s},
        Row{0, 0s, 0s, 270s}}) {
    auto settings = rfc_settings<TypeParam>();
    settings.trusted_queriers = {test::Lan<TypeParam>::kSubnet};
    TableRig<TypeParam> rig{settings};
    rig.report(1s);
    EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s}));
    rig.receive(
        2s, rig.kLower,
        {.max_response = response, .query_interval = query_interval, .robustness = robustness});
    EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 269s})) << "what runs is left alone";
    rig.report(3s);
    EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, lasts}));
  }
}

TEST(IgmpMembership, NobodyIsKeptWhereEverybodyIsReachedAnyway) {  // IGMP-M-12, IGMP-M-13
  struct Row {
    Igmp::Address group;
    bool is_tracked;
  };
  for (const auto& [group, is_tracked] : {
           Row{{{224, 0, 0, 1}}, false},
           Row{{{224, 0, 0, 2}}, false},
           Row{{{224, 0, 0, 5}}, false},
           Row{{{224, 0, 0, 22}}, false},
           Row{{{224, 0, 0, 251}}, false},
           Row{{{224, 0, 0, 255}}, false},
           Row{{{224, 0, 1, 0}}, true},
           Row{{{239, 255, 255, 255}}, true},
           Row{{{223, 255, 255, 255}}, false},
           Row{{{240, 0, 0, 1}}, false},
           Row{{{10, 0, 0, 1}}, false},
           Row{{{0, 0, 0, 0}}, false},
       }) {
    SCOPED_TRACE(to_string(group));
    auto settings = rfc_settings<Igmp>();
    settings.query_on_solicitation = false;
    TableRig<Igmp> rig{settings};
    rig.report(1s, Igmp::Version::k2, group);
    rig.record(2s, Type::kToEx, {}, group);
    rig.record(3s, Type::kAllow, {rig.a}, group);
    EXPECT_EQ(rig.groups().size(), is_tracked ? 1U : 0U);
    EXPECT_EQ(rig.leave(4s, group).empty(), !is_tracked);
    EXPECT_TRUE(rig.record(5s, Type::kToIn, {}, group).empty());
    rig.run_until(20s);
    EXPECT_EQ(rig.asked().empty(), !is_tracked);
  }
}

TEST(MldMembership, IsKeptForEveryScopeFromTheLinkOn) {  // MLD-S-09, MLD-S-10
  constexpr auto address = [](std::uint8_t second, std::uint8_t last) {
    return Mld::Address{{0xff, second, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}};
  };
  struct Row {
    Mld::Address group;
    bool is_tracked;
  };
  for (const auto& [group, is_tracked] : {
           Row{Mld::kAllNodes, false},
           Row{address(0x00, 1), false},
           Row{address(0x01, 1), false},
           Row{address(0x11, 9), false},
           Row{address(0x31, 9), false},
           Row{address(0x02, 2), true},
           Row{address(0x02, 0xfb), true},
           Row{address(0x12, 1), true},
           Row{address(0x05, 1), true},
           Row{address(0x0e, 1), true},
           Row{Lan<Mld>::host(1), false},
           Row{{}, false},
       }) {
    SCOPED_TRACE(to_string(group));
    auto settings = rfc_settings<Mld>();
    settings.query_on_solicitation = false;
    TableRig<Mld> rig{settings};
    rig.report(1s, Mld::Version::k1, group);
    rig.record(2s, Type::kToEx, {}, group);
    EXPECT_EQ(rig.groups().size(), is_tracked ? 1U : 0U);
    EXPECT_EQ(rig.leave(4s, group).empty(), !is_tracked);
  }
}

TEST(MldMembership, SolicitedNodeGroupsAreGroups) {  // MLD-S-10
  TableRig<Mld> rig;
  for (int n = 0; n < 1000; ++n) {
    Mld::Address group{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff}};
    group.bytes[14] = static_cast<std::uint8_t>(n >> 8);
    group.bytes[15] = static_cast<std::uint8_t>(n);
    rig.record(1s, Type::kToEx, {}, group);
  }
  EXPECT_EQ(rig.groups().size(), 1000U);
  rig.run_until(271s);
  EXPECT_EQ(rig.groups().size(), 0U);
}

TYPED_TEST(Membership, OfOtherSubnetsIsAKnob) {  // IGMP-R-16, IGMP-R-15
  const auto foreign = Lan<TypeParam>::kElsewhere;
  const auto report = [](auto& rig, Duration at, auto from) {
    const auto before = rig.groups().size();
    const auto group = Lan<TypeParam>::group(static_cast<std::uint16_t>(at / 1s));
    const auto told = rig.record(at, Type::kToEx, {}, group, from);
    EXPECT_EQ(told.size(), 1U);
    return rig.groups().size() > before;
  };
  auto settings = rfc_settings<TypeParam>();
  TableRig<TypeParam> any{settings};
  EXPECT_TRUE(report(any, 1s, foreign));
  EXPECT_TRUE(report(any, 2s, typename TypeParam::Address{}));

  settings.verify_source_subnet = true;
  TableRig<TypeParam> strict{settings};
  EXPECT_FALSE(report(strict, 1s, foreign));
  EXPECT_TRUE(report(strict, 2s, typename TypeParam::Address{}));
  EXPECT_TRUE(report(strict, 3s, strict.kHost));
  const Actions<TypeParam> dropped{Noticed<TypeParam>{Notice::kForeignReport, foreign}};
  EXPECT_EQ(strict.report(4s, kOlder<TypeParam>, strict.kGroup, foreign), dropped);
  EXPECT_EQ(strict.leave(5s, Lan<TypeParam>::group(3), foreign), dropped);
  EXPECT_EQ(strict.state(Lan<TypeParam>::group(3)), (State<TypeParam>{kExclude, 268s}));
  EXPECT_EQ(strict.leave(6s, Lan<TypeParam>::group(3)),
            (Actions<TypeParam>{strict.asks({}, false, Lan<TypeParam>::group(3))}));
}

TYPED_TEST(Membership, GoesWithTheLink) {  // IGMP-Q-23
  TableRig<TypeParam> rig;
  rig.exclude_five();
  rig.leave(40s);
  rig.link_down(40'500ms);
  EXPECT_EQ(rig.groups().size(), 0U);
  EXPECT_EQ(rig.groups().sources(), 0U);
  EXPECT_EQ(rig.groups().hosts(), 0U);
  EXPECT_TRUE(rig.report(41s).empty());
  EXPECT_EQ(rig.groups().size(), 0U) << "nothing is received on a link that is down";
  EXPECT_EQ(rig.querier().deadline(), kNever);
  rig.link_up(50s);
  rig.record(51s, Type::kToEx);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s}));
  rig.run_until(60s);
  EXPECT_EQ(rig.asked().size(), 2U) << "both from before";
}

TYPED_TEST(Membership, IsWatchedWithoutAnAddress) {  // IGMP-Q-26
  TableRig<TypeParam> rig;
  rig.link_is(1s, rig.link({}));
  ASSERT_EQ(rig.role(), Role::kWaiting);
  rig.record(2s, Type::kToEx);
  EXPECT_TRUE(rig.leave(3s).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 269s}));
}

TYPED_TEST(Membership, HostsAreKnownByName) {
  TableRig<TypeParam> rig;
  const auto second = Lan<TypeParam>::host(40);
  rig.record(10s, Type::kToEx);
  rig.report(20s, kOlder<TypeParam>, rig.kGroup, second);
  rig.record(30s, Type::kIsEx);
  using Host = core::Host<TypeParam>;
  EXPECT_EQ(rig.hosts(), (std::vector<Host>{{second, kOlder<TypeParam>, 20, TimePoint{20s}},
                                            {rig.kHost, TypeParam::kNewest, 10, TimePoint{30s}}}));
  rig.record(40s, Type::kBlock, {rig.a});  // says nothing of who listens
  EXPECT_EQ(rig.groups().hosts(), 2U);
  rig.leave(50s, rig.kGroup, second);
  EXPECT_EQ(rig.hosts(), (std::vector<Host>{{rig.kHost, TypeParam::kNewest, 10, TimePoint{30s}}}));
  rig.record(51s, Type::kIsEx, {}, rig.kGroup, {});
  EXPECT_EQ(rig.groups().hosts(), 1U) << "the unspecified address is no host";
  rig.leave(52s);
  rig.run_until(60s);
  EXPECT_EQ(rig.groups().hosts(), 0U);
}

TYPED_TEST(Membership, SilentHostsAreForgotten) {
  TableRig<TypeParam> rig;
  const auto second = Lan<TypeParam>::host(40);
  rig.record(10s, Type::kToEx, {}, rig.kGroup, second);
  for (Duration at = 20s; at < 600s; at += 60s) rig.record(at, Type::kIsEx);
  EXPECT_EQ(rig.groups().hosts(), 1U);
  EXPECT_EQ(rig.find()->hosts().front().address, rig.kHost);
}

TYPED_TEST(Membership, HostsAreNobodysBusinessWithoutTracking) {
  auto settings = rfc_settings<TypeParam>();
  settings.explicit_tracking = false;
  TableRig<TypeParam> rig{settings};
  rig.record(10s, Type::kToEx);
  EXPECT_EQ(rig.groups().hosts(), 0U);
  EXPECT_EQ(rig.find()->last_reporter(), rig.kHost);
}

/// RFC 5790 hosts say EXCLUDE({}) for any source, and otherwise only add, drop and include.
TYPED_TEST(Membership, LightweightHostsNeedNothingSpecial) {  // LW-02, LW-03
  TableRig<TypeParam> any, some;
  any.record(10s, Type::kToEx);
  any.record(20s, Type::kIsEx);
  EXPECT_EQ(any.record(30s, Type::kToIn), (Actions<TypeParam>{any.asks()}));
  any.run_until(32s);
  EXPECT_EQ(any.groups().size(), 0U);

  some.record(10s, Type::kAllow, {some.a});
  some.record(20s, Type::kAllow, {some.b});
  some.record(30s, Type::kIsIn, {some.a, some.b});
  EXPECT_EQ(some.record(40s, Type::kBlock, {some.a}), (Actions<TypeParam>{some.asks({some.a})}));
  some.run_until(42s);
  EXPECT_EQ(some.state(), (State<TypeParam>{kInclude, 0s, {{some.b, 258s}}}));
  some.report(50s);  // a query of an older router was received meanwhile
  EXPECT_EQ(some.compatibility(), kOlder<TypeParam>);
  EXPECT_EQ(some.leave(60s), (Actions<TypeParam>{some.asks()}));
}

TYPED_TEST(Membership, AnExclusionOfSourcesIsAJoinToo) {  // LW-01
  for (const auto type : {Type::kToEx, Type::kIsEx}) {
    TableRig<TypeParam> rig;
    EXPECT_EQ(rig.record(10s, type, {rig.a}), (Actions<TypeParam>{rig.added()}));
    EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s, {}, {rig.a}}));
    EXPECT_TRUE(rig.find()->is_forwarded(rig.b));
  }
}

TYPED_TEST(Membership, ARefreshAllocatesNothing) {
  TableRig<TypeParam> rig;
  const std::vector sources{rig.a, rig.b, rig.c};
  const auto second = Lan<TypeParam>::group(2);
  rig.record(1s, Type::kToEx);
  rig.record(1s, Type::kAllow, sources, second);
  rig.report(1s);
  const Event<TypeParam> report{
      ReportReceived<TypeParam>{rig.kHost, {kOlder<TypeParam>, rig.kGroup}}};
  const Event<TypeParam> include{
      RecordReceived<TypeParam>{rig.kHost, {Type::kIsIn, second, sources}}};
  const auto before = test::allocations();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(rig.step(report, TimePoint{2s + i * 1s}).empty());
    EXPECT_TRUE(rig.step(include, TimePoint{2s + i * 1s}).empty());
  }
  EXPECT_EQ(test::allocations(), before);
  rig.record(30s, Type::kAllow, {rig.d}, second);
  EXPECT_NE(test::allocations(), before) << "a change does";
}

}  // namespace
}  // namespace mcq::core
