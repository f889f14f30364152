#include <gtest/gtest.h>

#include "support/querier_rig.hpp"

// Who asks when several could.

namespace mcq::core {
namespace {

using test::general_query;
using test::Lan;
using test::Moments;
using test::rfc_settings;
using test::Rig;

template <class F>
class Election : public testing::Test {
 protected:
  static Noticed<F> notice(Notice what, typename F::Address from) { return {what, from}; }
};
TYPED_TEST_SUITE(Election, test::Families);

TYPED_TEST(Election, ALowerAddressSilencesUs) {  // IGMP-Q-05, IGMP-Q-11, IGMP-T-05
  Rig<TypeParam> rig;
  rig.link_up();
  EXPECT_EQ(rig.receive(10s, rig.kLower), rig.yields_to(rig.kLower));
  EXPECT_EQ(rig.querier().querier(), rig.kLower);
  rig.run_until(265s - 1ns);
  EXPECT_EQ(rig.role(), Role::kNonQuerier);
  EXPECT_EQ(rig.sent_at(), Moments{0s});
}

TYPED_TEST(Election, AHigherAddressChangesNothing) {  // IGMP-Q-06
  Rig<TypeParam> rig;
  rig.link_up();
  EXPECT_TRUE(rig.receive(10s, rig.kHigher).empty());
  EXPECT_EQ(rig.role(), Role::kQuerier);
  rig.run_until(281'250ms);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 156'250ms, 281'250ms}));
}

TYPED_TEST(Election, TheWinnerIsReplacedWhenItFallsSilent) {  // IGMP-Q-09, IGMP-Q-20
  auto settings = rfc_settings<TypeParam>();
  settings.startup_count = 1;
  Rig<TypeParam> rig{settings};
  rig.link_up();
  rig.receive(10s, rig.kLower);
  rig.run_until(265s - 1ns);
  EXPECT_EQ(rig.apply(265s - 1ns, Tick{}), (Actions<TypeParam>{}));
  EXPECT_EQ(rig.step(Tick{}, TimePoint{265s}), rig.takes_over(Cause::kQuerierSilent));
  rig.run_until(390s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 265s, 390s}));
}

TYPED_TEST(Election, TakingOverBeginsWithABurst) {  // IGMP-Q-09
  Rig<TypeParam> rig;
  rig.link_up();
  rig.receive(10s, rig.kLower);
  rig.run_until(430s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 265s, 296'250ms, 421'250ms}));
}

TYPED_TEST(Election, EveryLowerQueryRestartsTheTimer) {  // IGMP-Q-08
  Rig<TypeParam> rig;
  rig.link_up();
  rig.receive(10s, Lan<TypeParam>::host(2));
  EXPECT_TRUE(rig.receive(135s, Lan<TypeParam>::host(5)).empty());  // not the lowest, but below us
  EXPECT_EQ(rig.gone_at(), 390s);
  rig.run_until(390s - 1ns);
  EXPECT_EQ(rig.role(), Role::kNonQuerier);
  rig.run_until(390s);
  EXPECT_EQ(rig.role(), Role::kQuerier);
}

TYPED_TEST(Election, AHigherQueryDoesNotRestartTheTimer) {  // IGMP-Q-06, IGMP-Q-08
  Rig<TypeParam> rig;
  rig.link_up();
  rig.receive(10s, rig.kLower);
  EXPECT_TRUE(rig.receive(135s, rig.kHigher).empty());
  EXPECT_EQ(rig.gone_at(), 265s);
  EXPECT_EQ(rig.querier().querier(), rig.kLower);
}

TYPED_TEST(Election, TheLoserKeepsSilentForAsLongAsTheWinnerAsks) {  // IGMP-Q-10
  Rig<TypeParam> rig;
  rig.link_up();
  for (auto at = Duration{10s}; at < 10'000s; at += 125s) rig.receive(at, rig.kLower);
  rig.run_until(10'000s);
  EXPECT_EQ(rig.sent_at(), Moments{0s});
}

TEST(IgmpElection, QueriesOfEveryVersionCount) {  // IGMP-Q-12, IGMP-C-03, IGMP-C-05
  using enum Igmp::Version;
  for (const auto ours : {k1, k2, k3}) {
    for (const auto theirs : {k1, k2, k3}) {
      SCOPED_TRACE(testing::Message() << "ours " << int(ours) << ", theirs " << int(theirs));
      auto settings = rfc_settings<Igmp>();
      settings.version = ours;
      Rig<Igmp> rig{settings};
      rig.link_up();
      Actions<Igmp> expected = rig.yields_to(rig.kLower);
      if (ours != theirs) {
        expected.insert(expected.begin(), Noticed<Igmp>{Notice::kOtherVersion, rig.kLower});
      }
      EXPECT_EQ(rig.receive(10s, rig.kLower, {.version = theirs}), expected);
      EXPECT_EQ(rig.role(), Role::kNonQuerier);
    }
  }
}

TEST(IgmpElection, AnOlderQuerierAboveUsIsToldAndOtherwiseIgnored) {  // IGMP-C-03, IGMP-C-05
  Rig<Igmp> rig;
  rig.link_up();
  EXPECT_EQ(rig.receive(10s, rig.kHigher, {.version = Igmp::Version::k2, .max_response = 10s}),
            (Actions<Igmp>{Noticed<Igmp>{Notice::kOtherVersion, rig.kHigher}}));
  rig.run_until(31'250ms);
  ASSERT_EQ(rig.sent.size(), 2U);
  EXPECT_EQ(rig.sent[1].second.query.version, Igmp::Version::k3);
}

TEST(MldElection, QueriesOfEveryVersionCount) {  // MLD-C-02
  using enum Mld::Version;
  for (const auto ours : {k1, k2}) {
    for (const auto theirs : {k1, k2}) {
      SCOPED_TRACE(testing::Message() << "ours " << int(ours) << ", theirs " << int(theirs));
      auto settings = rfc_settings<Mld>();
      settings.version = ours;
      Rig<Mld> rig{settings};
      rig.link_up();
      Actions<Mld> expected = rig.yields_to(rig.kLower);
      if (ours != theirs) {
        expected.insert(expected.begin(), Noticed<Mld>{Notice::kOtherVersion, rig.kLower});
      }
      EXPECT_EQ(rig.receive(10s, rig.kLower, {.version = theirs, .max_response = 10s}), expected);
    }
  }
}

TYPED_TEST(Election, OnlyGeneralQueriesElect) {  // IGMP-Q-13, D-02
  Rig<TypeParam> rig;
  rig.link_up();
  auto specific = general_query<TypeParam>();
  specific.group = Lan<TypeParam>::kGroup;
  EXPECT_TRUE(rig.receive_at(10s, rig.kLower, specific.group, specific).empty());
  specific.sources = {rig.kHigher};
  EXPECT_TRUE(rig.receive_at(11s, rig.kLower, specific.group, specific).empty());
  EXPECT_TRUE(rig.receive(12s, rig.kLower, specific).empty());
  EXPECT_EQ(rig.role(), Role::kQuerier);
}

TYPED_TEST(Election, ASpecificQueryDoesNotRestartTheTimer) {  // IGMP-Q-13, D-02
  Rig<TypeParam> rig;
  rig.link_up();
  rig.receive(10s, rig.kLower);
  auto specific = general_query<TypeParam>();
  specific.group = Lan<TypeParam>::kGroup;
  EXPECT_TRUE(rig.receive_at(100s, rig.kLower, specific.group, specific).empty());
  EXPECT_EQ(rig.gone_at(), 265s);
}

TYPED_TEST(Election, TheSFlagDoesNotStopIt) {  // IGMP-Q-14
  Rig<TypeParam> rig;
  rig.link_up();
  auto query = general_query<TypeParam>();
  query.suppress = true;
  EXPECT_EQ(rig.receive(10s, rig.kLower, query), rig.yields_to(rig.kLower));
}

TYPED_TEST(Election, TheSecondLowestOfThreeTakesOver) {  // IGMP-Q-21
  Rig<TypeParam> middle, high;
  const auto host = [](std::uint8_t n) { return Lan<TypeParam>::host(n); };
  middle.link_is(0s, middle.link(host(20)));
  high.link_is(0s, high.link(host(30)));
  middle.receive(1s, host(10));  // the lowest asks once and dies
  high.receive(1s, host(10));
  ASSERT_EQ(middle.gone_at(), 256s);
  middle.run_until(256s);
  ASSERT_EQ(middle.role(), Role::kQuerier);
  EXPECT_EQ(middle.sent.back().second.source, host(20));
  // Its query is on the link before the third one's own timer has run out.
  EXPECT_TRUE(high.step(QueryReceived<TypeParam>{host(20), TypeParam::kAllNodes,
                                                 middle.sent.back().second.query},
                        TimePoint{256s})
                  .empty());
  EXPECT_EQ(high.role(), Role::kNonQuerier);
  EXPECT_EQ(high.querier().querier(), host(20));
  EXPECT_EQ(high.gone_at(), 511s);
  EXPECT_EQ(high.sent_at(), Moments{0s});
}

TYPED_TEST(Election, OurOwnAddressOnAnotherHostIsTold) {  // IGMP-Q-22, IGMP-R-21
  Rig<TypeParam> rig;
  rig.link_up();
  EXPECT_EQ(rig.receive(10s, rig.kSelf),
            (Actions<TypeParam>{this->notice(Notice::kDuplicateAddress, rig.kSelf)}));
  EXPECT_EQ(rig.role(), Role::kQuerier);
  rig.run_until(31'250ms);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms}));
}

TEST(IgmpElection, AProxyQueryNeverTouchesTheRole) {  // IGMP-R-20, SNP-03
  using enum Igmp::Version;
  for (const auto version : {k1, k2, k3}) {
    SCOPED_TRACE(int(version));
    Rig<Igmp> rig;
    rig.link_up();
    const Actions<Igmp> told{Noticed<Igmp>{Notice::kProxyQuery, {}}};
    EXPECT_EQ(rig.receive(10s, {}, {.version = version}), told);
    EXPECT_EQ(rig.role(), Role::kQuerier);
    rig.receive(20s, rig.kLower);
    EXPECT_EQ(rig.receive(100s, {}, {.version = version}), told);
    EXPECT_EQ(rig.role(), Role::kNonQuerier);
    EXPECT_EQ(rig.gone_at(), 275s);
  }
}

TYPED_TEST(Election, AQueryFromAnotherSubnetCountsOnlyIfAllowed) {  // IGMP-R-22
  const auto elsewhere = Lan<TypeParam>::kElsewhere;
  Rig<TypeParam> strict;
  strict.link_up();
  EXPECT_EQ(strict.receive(10s, elsewhere),
            (Actions<TypeParam>{this->notice(Notice::kForeignSubnet, elsewhere)}));
  EXPECT_EQ(strict.role(), Role::kQuerier);
  EXPECT_EQ(strict.receive(11s, strict.kLower), strict.yields_to(strict.kLower));
  strict.receive(100s, elsewhere);
  EXPECT_EQ(strict.gone_at(), 266s);

  auto settings = rfc_settings<TypeParam>();
  settings.require_same_subnet = false;
  Rig<TypeParam> lax{settings};
  lax.link_up();
  EXPECT_EQ(lax.receive(10s, elsewhere), lax.yields_to(elsewhere));
}

TYPED_TEST(Election, ALinkWithoutSubnetsHasNothingToCompareWith) {  // IGMP-R-22
  Rig<TypeParam> rig;
  rig.link_is(0s, {true, rig.kSelf, {}});
  EXPECT_EQ(rig.receive(10s, Lan<TypeParam>::kElsewhere),
            rig.yields_to(Lan<TypeParam>::kElsewhere));
}

TYPED_TEST(Election, AUnicastQueryCountsOnlyIfAllowed) {  // IGMP-R-23
  Rig<TypeParam> strict;
  strict.link_up();
  EXPECT_EQ(strict.receive_at(10s, strict.kLower, strict.kSelf),
            (Actions<TypeParam>{this->notice(Notice::kUnicastQuery, strict.kLower)}));
  EXPECT_EQ(strict.role(), Role::kQuerier);

  auto settings = rfc_settings<TypeParam>();
  settings.accept_unicast_query = true;
  Rig<TypeParam> lax{settings};
  lax.link_up();
  EXPECT_EQ(lax.receive_at(10s, lax.kLower, lax.kSelf), lax.yields_to(lax.kLower));
}

TYPED_TEST(Election, AGeneralQueryToAnotherGroupIsIgnored) {  // IGMP-R-24
  auto settings = rfc_settings<TypeParam>();
  settings.accept_unicast_query = true;  // does not open this door
  Rig<TypeParam> rig{settings};
  rig.link_up();
  EXPECT_EQ(rig.receive_at(10s, rig.kLower, Lan<TypeParam>::kGroup),
            (Actions<TypeParam>{this->notice(Notice::kWrongDestination, rig.kLower)}));
  EXPECT_EQ(rig.role(), Role::kQuerier);
}

}  // namespace
}  // namespace mcq::core
