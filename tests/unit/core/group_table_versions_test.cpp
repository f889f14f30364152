#include <gtest/gtest.h>

#include "support/table_rig.hpp"

// Groups with hosts of older versions (RFC 9776 §7.3.2, RFC 9777 §8.3.2).

namespace mcq::core {
namespace {

using namespace test::table;
using V = Igmp::Version;

template <class F>
class Versions : public testing::Test {};
TYPED_TEST_SUITE(Versions, test::Families);

TYPED_TEST(Versions, AReportOfAnOlderHostSetsTheMode) {  // IGMP-C-07, IGMP-T-11, MLD-C-03, MLD-Q-13
  TableRig<TypeParam> rig;
  rig.record(5s, Type::kToEx);
  EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
  EXPECT_EQ(rig.report(10s),
            (Actions<TypeParam>{Noticed<TypeParam>{Notice::kOlderHost, rig.kHost}}));
  EXPECT_EQ(rig.compatibility(), kOlder<TypeParam>);
  EXPECT_TRUE(rig.report(20s).empty()) << "told once";
  rig.run_until(280s - 1ms);
  EXPECT_EQ(rig.compatibility(), kOlder<TypeParam>);
  rig.run_until(280s);
  EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
}

TYPED_TEST(Versions, RecordsAndLeavesDoNot) {  // IGMP-C-07, MLD-C-03
  TableRig<TypeParam> rig;
  for (const auto type : {Type::kToEx, Type::kIsEx, Type::kAllow}) rig.record(5s, type, {rig.a});
  rig.leave(6s);
  EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
}

TYPED_TEST(Versions, TheModeIsThatOfTheGroup) {  // IGMP-C-06
  const auto other = test::Lan<TypeParam>::group(1);
  TableRig<TypeParam> rig;
  rig.report(10s);
  rig.record(10s, Type::kToEx, {}, other);
  EXPECT_EQ(rig.compatibility(), kOlder<TypeParam>);
  EXPECT_EQ(rig.compatibility(other), TypeParam::kNewest);
}

/// The timers of the hosts of versions 1 and 2, and what is left of them.
TEST(IgmpVersions, TheOldestHostThatIsPresentDecides) {  // IGMP-C-06, IGMP-C-08, IGMP-T-12
  struct Row {
    std::vector<std::pair<Duration, V>> reports;
    Duration at;
    V mode;
  };
  for (const auto& [reports, at, mode] : {
           Row{{{10s, V::k1}}, 11s, V::k1},
           Row{{{10s, V::k2}}, 11s, V::k2},
           Row{{{10s, V::k1}, {20s, V::k2}}, 21s, V::k1},
           Row{{{10s, V::k2}, {20s, V::k1}}, 21s, V::k1},
           Row{{{10s, V::k1}}, 270s - 1ms, V::k1},
           Row{{{10s, V::k1}}, 270s, V::k3},  // not by way of version 2
           Row{{{10s, V::k1}, {20s, V::k2}}, 270s, V::k2},
           Row{{{10s, V::k1}, {20s, V::k2}}, 280s, V::k3},
           Row{{{10s, V::k2}, {20s, V::k1}}, 279s, V::k1},
           Row{{{10s, V::k2}, {20s, V::k1}}, 280s, V::k3},
           Row{{{10s, V::k1}, {100s, V::k1}}, 360s - 1ms, V::k1},
       }) {
    SCOPED_TRACE(testing::Message() << seconds(at) << " s, version " << static_cast<int>(mode));
    TableRig<Igmp> rig;
    for (const auto& [moment, version] : reports) rig.report(moment, version);
    rig.run_until(at);
    rig.record(at, Type::kIsEx);  // it lives on, whatever its mode
    EXPECT_EQ(rig.compatibility(), mode);
  }
}

TYPED_TEST(Versions, AnOlderReportIsExcludeAndALeaveIsInclude) {  // IGMP-C-09, MLD-C-04, D-08
  TableRig<TypeParam> older, newest;
  older.exclude_five();
  newest.exclude_five();
  older.report(40s);
  newest.record(40s, Type::kIsEx);
  EXPECT_EQ(older.state(), (State<TypeParam>{kExclude, 270s}));
  EXPECT_EQ(older.state(), newest.state());
  EXPECT_EQ(older.leave(50s), (Actions<TypeParam>{older.asks()}));
  newest.record(50s, Type::kToIn);
  EXPECT_EQ(older.state(), (State<TypeParam>{kExclude, 2s}));
  EXPECT_EQ(older.state(), newest.state());
}

/// Each against the same record in a group without older hosts.
TYPED_TEST(Versions, InAnOlderModeHostsCannotBlock) {  // IGMP-C-09, MLD-C-04
  TableRig<TypeParam> rig;
  rig.report(10s);
  rig.record(20s, Type::kAllow, {rig.a});
  EXPECT_TRUE(rig.record(40s, Type::kBlock, {rig.a, rig.b}).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 240s, {{rig.a, 250s}}}));
  TableRig<TypeParam> newest;
  newest.record(10s, Type::kToEx);
  EXPECT_FALSE(newest.record(40s, Type::kBlock, {newest.a}).empty());
}

TYPED_TEST(Versions, InAnOlderModeAnExclusionIsOfNothing) {  // IGMP-C-09, MLD-C-04
  TableRig<TypeParam> rig;
  rig.report(10s);
  rig.record(20s, Type::kAllow, {rig.a});
  EXPECT_TRUE(rig.record(40s, Type::kToEx, {rig.a, rig.b}).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s}));
  TableRig<TypeParam> newest;
  newest.record(10s, Type::kToEx);
  EXPECT_FALSE(newest.record(40s, Type::kToEx, {newest.a}).empty());
}

TYPED_TEST(Versions, InAnOlderModeTheCurrentStateCountsAsItIs) {  // IGMP-C-11
  TableRig<TypeParam> rig;
  rig.report(10s);
  rig.record(20s, Type::kAllow, {rig.a});
  rig.record(40s, Type::kIsEx, {rig.a, rig.b});
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s, {{rig.a, 250s}, {rig.b, 270s}}}));
}

TYPED_TEST(Versions, WhereHostsCanLeaveARecordCanSayItToo) {  // IGMP-C-09, MLD-C-04
  TableRig<TypeParam> rig;
  rig.report(10s);
  EXPECT_EQ(rig.record(40s, Type::kToIn), (Actions<TypeParam>{rig.asks()}));
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 2s}));
}

TEST(IgmpVersions, NobodyLeavesWhereAVersion1HostIs) {  // IGMP-C-10, IGMP-M-09
  for (const auto version : {V::k1, V::k2}) {
    TableRig<Igmp> rig;
    rig.report(10s, version);
    rig.record(20s, Type::kAllow, {rig.a});
    const bool ignores = version == V::k1;
    EXPECT_EQ(rig.leave(30s).empty(), ignores);
    EXPECT_EQ(rig.record(40s, Type::kToIn, {rig.b}).empty(), ignores);
    EXPECT_EQ(rig.record(50s, Type::kToIn).empty(), ignores);
    EXPECT_TRUE(rig.record(60s, Type::kBlock, {rig.a}).empty());
    if (!ignores) continue;
    EXPECT_EQ(rig.state(), (State<Igmp>{kExclude, 220s, {{rig.a, 230s}}}));
    rig.report(70s, V::k2);
    EXPECT_EQ(rig.state(), (State<Igmp>{kExclude, 270s}));
    rig.record(70s, Type::kToEx, {rig.a});
    EXPECT_EQ(rig.state(), (State<Igmp>{kExclude, 270s}));
    EXPECT_TRUE(rig.asked().empty());
  }
}

TEST(IgmpVersions, LeavesCountAgainOnceTheVersion1HostIsGone) {  // IGMP-M-10
  struct Row {
    Duration reported_again, left;
    bool counts;
  };
  for (const auto& [reported_again, left, counts] :
       {Row{0s, 259s, false}, Row{0s, 261s, true}, Row{100s, 359s, false}, Row{100s, 361s, true}}) {
    SCOPED_TRACE(seconds(left));
    TableRig<Igmp> rig;
    rig.report(0s, V::k1);
    rig.report(reported_again, V::k1);
    for (const auto at : {100s, 200s, 250s, 350s}) {
      if (at < left) rig.report(at, V::k2);
    }
    EXPECT_EQ(rig.leave(left), counts ? Actions<Igmp>{rig.asks()} : Actions<Igmp>{});
  }
}

TEST(IgmpVersions, AVersion1RouterIgnoresLeaves) {  // IGMP-C-02, IGMP-F-13
  for (const auto version : {V::k1, V::k2}) {
    auto settings = rfc_settings<Igmp>();
    settings.version = version;
    TableRig<Igmp> rig{settings};
    rig.report(10s, V::k2);
    rig.leave(20s);
    rig.record(20s, Type::kToIn);
    rig.run_until(100s);
    EXPECT_EQ(rig.asked().empty(), version == V::k1);
    EXPECT_EQ(rig.groups().size(), version == V::k1 ? 1U : 0U);
  }
}

TYPED_TEST(Versions, ARouterOfThatVersionFindsThemNotWorthTelling) {
  auto settings = rfc_settings<TypeParam>();
  settings.version = kOlder<TypeParam>;
  TableRig<TypeParam> rig{settings};
  EXPECT_EQ(rig.report(10s), (Actions<TypeParam>{rig.added()}));
}

TYPED_TEST(Versions, OurQueriesKeepTheirVersion) {  // IGMP-C-12, MLD-C-05
  TableRig<TypeParam> rig;
  rig.report(10s);
  rig.leave(40s);
  rig.run_until(300s);
  EXPECT_EQ(rig.asked().size(), 2U);
  for (const auto& [at, send] : rig.sent) EXPECT_EQ(send.query.version, TypeParam::kNewest);
}

TYPED_TEST(Versions, OlderHostsCanBeRefused) {  // IGMP-C-13, MLD-C-06, D-05
  auto settings = rfc_settings<TypeParam>();
  settings.accept_older_reports = false;
  TableRig<TypeParam> rig{settings};
  const Actions<TypeParam> refused{Noticed<TypeParam>{Notice::kOlderReport, rig.kHost}};
  EXPECT_EQ(rig.report(10s), refused);
  EXPECT_EQ(rig.groups().size(), 0U);
  rig.record(20s, Type::kToEx);
  EXPECT_EQ(rig.report(30s), refused);
  EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
  EXPECT_EQ(rig.leave(40s), refused);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 250s}));
  EXPECT_TRUE(Settings<TypeParam>{}.accept_older_reports);
}

TYPED_TEST(Versions, TheModeDiesWithTheGroup) {  // IGMP-C-14
  TableRig<TypeParam> rig;
  rig.report(10s);
  rig.leave(20s);
  rig.run_until(22s);
  ASSERT_EQ(rig.groups().size(), 0U);
  rig.record(30s, Type::kToEx);
  EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
}

/// The mode falls back ten seconds before the group ends: it counts one response interval less.
TYPED_TEST(Versions, TheGroupOutlivesItsMode) {  // IGMP-C-15, IGMP-T-04, IGMP-T-11, D-01
  TableRig<TypeParam> rig;
  rig.report(0s);
  rig.run_until(260s - 1ms);
  EXPECT_EQ(rig.compatibility(), kOlder<TypeParam>);
  rig.run_until(260s);
  EXPECT_EQ(rig.compatibility(), TypeParam::kNewest);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 10s}));
  rig.record(265s, Type::kBlock, {rig.a});  // counts in this mode
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 5s, {{rig.a, 2s}}}));
  rig.run_until(270s - 1ms);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 1ms, {}, {rig.a}}));
  rig.run_until(270s);
  EXPECT_EQ(rig.groups().size(), 0U);
}

}  // namespace
}  // namespace mcq::core
