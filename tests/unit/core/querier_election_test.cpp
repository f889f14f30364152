#include <gtest/gtest.h>

#include "support/querier_rig.hpp"

// Who asks when several could.

namespace mcq::core {
namespace {

using test::general_query;
using test::Lan;
using test::LinkedRig;
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
  LinkedRig<TypeParam> rig;
  EXPECT_EQ(rig.receive(10s, rig.kLower), rig.yields_to(rig.kLower));
  EXPECT_EQ(rig.querier().querier(), rig.kLower);
  rig.run_until(265s - 1ns);
  EXPECT_EQ(rig.role(), Role::kNonQuerier);
  EXPECT_EQ(rig.sent_at(), Moments{0s});
}

TYPED_TEST(Election, AHigherAddressChangesNothing) {  // IGMP-Q-06, MLD-Q-16
  LinkedRig<TypeParam> rig;
  EXPECT_TRUE(rig.receive(10s, rig.kHigher).empty());
  EXPECT_EQ(rig.role(), Role::kQuerier);
  rig.run_until(281'250ms);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 156'250ms, 281'250ms}));
}

TYPED_TEST(Election, TheWinnerIsReplacedWhenItFallsSilent) {  // IGMP-Q-09, IGMP-Q-20
  auto settings = rfc_settings<TypeParam>();
  settings.startup_count = 1;
  LinkedRig<TypeParam> rig{settings};
  rig.receive(10s, rig.kLower);
  rig.run_until(265s - 1ns);
  EXPECT_EQ(rig.apply(265s - 1ns, Tick{}), (Actions<TypeParam>{}));
  EXPECT_EQ(rig.step(Tick{}, TimePoint{265s}), rig.takes_over(Cause::kQuerierSilent));
  rig.run_until(390s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 265s, 390s}));
}

TYPED_TEST(Election, TakingOverBeginsWithABurst) {  // IGMP-Q-09
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower);
  rig.run_until(430s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 265s, 296'250ms, 421'250ms}));
}

TYPED_TEST(Election, EveryLowerQueryRestartsTheTimer) {  // IGMP-Q-08
  LinkedRig<TypeParam> rig;
  rig.receive(10s, Lan<TypeParam>::host(2));
  EXPECT_TRUE(rig.receive(135s, Lan<TypeParam>::host(5)).empty());  // not the lowest, but below us
  EXPECT_EQ(rig.gone_at(), 390s);
  rig.run_until(390s - 1ns);
  EXPECT_EQ(rig.role(), Role::kNonQuerier);
  rig.run_until(390s);
  EXPECT_EQ(rig.role(), Role::kQuerier);
}

TYPED_TEST(Election, AHigherQueryDoesNotRestartTheTimer) {  // IGMP-Q-06, IGMP-Q-08, MLD-Q-16
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower);
  EXPECT_TRUE(rig.receive(135s, rig.kHigher).empty());
  EXPECT_EQ(rig.gone_at(), 265s);
  EXPECT_EQ(rig.querier().querier(), rig.kLower);
}

TYPED_TEST(Election, TheLoserKeepsSilentForAsLongAsTheWinnerAsks) {  // IGMP-Q-10
  LinkedRig<TypeParam> rig;
  for (auto at = Duration{10s}; at < 10'000s; at += 125s) rig.receive(at, rig.kLower);
  rig.run_until(10'000s);
  EXPECT_EQ(rig.sent_at(), Moments{0s});
}

TYPED_TEST(Election, QueriesOfEveryVersionCount) {  // IGMP-Q-12, IGMP-C-03, IGMP-C-05, MLD-C-02
  using Version = typename TypeParam::Version;
  constexpr auto kNewest = static_cast<int>(TypeParam::kNewest);
  for (int ours = 1; ours <= kNewest; ++ours) {
    for (int theirs = 1; theirs <= kNewest; ++theirs) {
      SCOPED_TRACE(testing::Message() << "ours " << ours << ", theirs " << theirs);
      auto settings = rfc_settings<TypeParam>();
      settings.version = static_cast<Version>(ours);
      LinkedRig<TypeParam> rig{settings};
      auto expected = rig.yields_to(rig.kLower);
      if (ours != theirs) {
        expected.insert(expected.begin(), this->notice(Notice::kOtherVersion, rig.kLower));
      }
      const Query<TypeParam> query{.version = static_cast<Version>(theirs), .max_response = 10s};
      EXPECT_EQ(rig.receive(10s, rig.kLower, query), expected);
      EXPECT_EQ(rig.role(), Role::kNonQuerier);
    }
  }
}

TEST(IgmpElection, AnOlderQuerierAboveUsIsToldAndOtherwiseIgnored) {  // IGMP-C-03, IGMP-C-05
  LinkedRig<Igmp> rig;
  EXPECT_EQ(rig.receive(10s, rig.kHigher, {.version = Igmp::Version::k2, .max_response = 10s}),
            (Actions<Igmp>{Noticed<Igmp>{Notice::kOtherVersion, rig.kHigher}}));
  rig.run_until(31'250ms);
  ASSERT_EQ(rig.sent.size(), 2U);
  EXPECT_EQ(rig.sent[1].second.query.version, Igmp::Version::k3);
}

TYPED_TEST(Election, OnlyGeneralQueriesElect) {  // IGMP-Q-13, D-02
  LinkedRig<TypeParam> rig;
  auto specific = general_query<TypeParam>();
  specific.group = Lan<TypeParam>::kGroup;
  EXPECT_TRUE(rig.receive_at(10s, rig.kLower, specific.group, specific).empty());
  specific.sources = {rig.kHigher};
  EXPECT_TRUE(rig.receive_at(11s, rig.kLower, specific.group, specific).empty());
  EXPECT_TRUE(rig.receive(12s, rig.kLower, specific).empty());
  EXPECT_EQ(rig.role(), Role::kQuerier);
}

TYPED_TEST(Election, ASpecificQueryDoesNotRestartTheTimer) {  // IGMP-Q-13, D-02
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower);
  auto specific = general_query<TypeParam>();
  specific.group = Lan<TypeParam>::kGroup;
  EXPECT_TRUE(rig.receive_at(100s, rig.kLower, specific.group, specific).empty());
  EXPECT_EQ(rig.gone_at(), 265s);
}

TYPED_TEST(Election, TheSFlagDoesNotStopIt) {  // IGMP-Q-14
  LinkedRig<TypeParam> rig;
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
  LinkedRig<TypeParam> rig;
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
    LinkedRig<Igmp> rig;
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
  LinkedRig<TypeParam> strict;
  EXPECT_EQ(strict.receive(10s, elsewhere),
            (Actions<TypeParam>{this->notice(Notice::kForeignSubnet, elsewhere)}));
  EXPECT_EQ(strict.role(), Role::kQuerier);
  EXPECT_EQ(strict.receive(11s, strict.kLower), strict.yields_to(strict.kLower));
  strict.receive(100s, elsewhere);
  EXPECT_EQ(strict.gone_at(), 266s);

  auto settings = rfc_settings<TypeParam>();
  settings.require_same_subnet = false;
  LinkedRig<TypeParam> lax{settings};
  EXPECT_EQ(lax.receive(10s, elsewhere), lax.yields_to(elsewhere));
}

TYPED_TEST(Election, ALinkWithoutSubnetsHasNothingToCompareWith) {  // IGMP-R-22
  Rig<TypeParam> rig;
  rig.link_is(0s, {true, rig.kSelf, {}});
  EXPECT_EQ(rig.receive(10s, Lan<TypeParam>::kElsewhere),
            rig.yields_to(Lan<TypeParam>::kElsewhere));
}

TYPED_TEST(Election, AUnicastQueryCountsOnlyIfAllowed) {  // IGMP-R-23
  LinkedRig<TypeParam> strict;
  EXPECT_EQ(strict.receive_at(10s, strict.kLower, strict.kSelf),
            (Actions<TypeParam>{this->notice(Notice::kUnicastQuery, strict.kLower)}));
  EXPECT_EQ(strict.role(), Role::kQuerier);

  auto settings = rfc_settings<TypeParam>();
  settings.accept_unicast_query = true;
  LinkedRig<TypeParam> lax{settings};
  EXPECT_EQ(lax.receive_at(10s, lax.kLower, lax.kSelf), lax.yields_to(lax.kLower));
}

TYPED_TEST(Election, AGeneralQueryToAnotherGroupIsIgnored) {  // IGMP-R-24
  auto settings = rfc_settings<TypeParam>();
  settings.accept_unicast_query = true;  // does not open this door
  LinkedRig<TypeParam> rig{settings};
  EXPECT_EQ(rig.receive_at(10s, rig.kLower, Lan<TypeParam>::kGroup),
            (Actions<TypeParam>{this->notice(Notice::kWrongDestination, rig.kLower)}));
  EXPECT_EQ(rig.role(), Role::kQuerier);
}

}  // namespace
}  // namespace mcq::core
