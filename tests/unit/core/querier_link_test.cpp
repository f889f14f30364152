#include <gtest/gtest.h>

#include "support/querier_rig.hpp"

// Links and addresses that come, change and go; settings that are changed; proxy mode.

namespace mcq::core {
namespace {

using test::Lan;
using test::LinkedRig;
using test::Moments;
using test::rfc_settings;
using test::Rig;

template <class F>
class LinkEvents : public testing::Test {
 protected:
  static Actions<F> waits(Cause cause) { return {RoleChanged<F>{Role::kWaiting, cause, {}}}; }
  static Settings<F> proxy_settings() {
    auto settings = rfc_settings<F>();
    settings.proxy = true;
    return settings;
  }
};
TYPED_TEST_SUITE(LinkEvents, test::Families);

TYPED_TEST(LinkEvents, StartsAnewAfterItWasDown) {  // IGMP-Q-23
  LinkedRig<TypeParam> rig;
  EXPECT_EQ(rig.link_down(50s), this->waits(Cause::kLinkDown));
  EXPECT_EQ(rig.querier().deadline(), kNever);
  EXPECT_EQ(rig.link_up(60s), rig.takes_over(Cause::kLinkUp));
  rig.run_until(220s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 60s, 91'250ms, 216'250ms}));
}

TYPED_TEST(LinkEvents, ForgetsTheOtherQuerierWithTheLink) {  // IGMP-Q-23
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower);
  EXPECT_EQ(rig.link_down(50s), this->waits(Cause::kLinkDown));
  EXPECT_EQ(rig.link_up(60s), rig.takes_over(Cause::kLinkUp));
}

TYPED_TEST(LinkEvents, HearsNothingWhileItIsDown) {  // IGMP-Q-23
  LinkedRig<TypeParam> rig;
  rig.link_down(50s);
  EXPECT_TRUE(rig.receive(55s, rig.kLower).empty());
  EXPECT_EQ(rig.link_up(60s), rig.takes_over(Cause::kLinkUp));
}

TYPED_TEST(LinkEvents, AnAddressBelowTheOtherQueriersWinsAtOnce) {  // IGMP-Q-24
  Rig<TypeParam> rig;
  rig.link_is(0s, rig.link(Lan<TypeParam>::host(20)));
  rig.receive(1s, Lan<TypeParam>::host(10));
  EXPECT_EQ(rig.link_is(50s, rig.link(Lan<TypeParam>::host(5))),
            rig.takes_over(Cause::kAddressChanged, Lan<TypeParam>::host(5)));
}

TYPED_TEST(LinkEvents, AnAddressStillAboveTheOtherQueriersStaysSilent) {  // IGMP-Q-24
  Rig<TypeParam> rig;
  rig.link_is(0s, rig.link(Lan<TypeParam>::host(20)));
  rig.receive(1s, Lan<TypeParam>::host(10));
  EXPECT_TRUE(rig.link_is(50s, rig.link(Lan<TypeParam>::host(15))).empty());
  EXPECT_EQ(rig.role(), Role::kNonQuerier);
  EXPECT_EQ(rig.gone_at(), 256s);
}

TYPED_TEST(LinkEvents, TheOtherQueriersOwnAddressIsOursNow) {  // IGMP-Q-24
  Rig<TypeParam> rig;
  const auto shared = Lan<TypeParam>::host(10);
  rig.link_is(0s, rig.link(Lan<TypeParam>::host(20)));
  rig.receive(1s, shared);
  EXPECT_EQ(rig.link_is(50s, rig.link(shared)), rig.takes_over(Cause::kAddressChanged, shared));
}

TYPED_TEST(LinkEvents, ANewAddressIsMadeKnownByABurst) {  // IGMP-Q-24
  Rig<TypeParam> rig;
  const auto fresh = Lan<TypeParam>::host(11);
  rig.link_up();
  EXPECT_EQ(rig.link_is(100s, rig.link(fresh)),
            (Actions<TypeParam>{BurstBegan{2}, rig.own_query(fresh)}));
  rig.run_until(260s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 100s, 131'250ms, 256'250ms}));
  for (std::size_t i = 2; i < rig.sent.size(); ++i) {
    EXPECT_EQ(rig.sent[i].second, rig.own_query(fresh));
  }
}

TYPED_TEST(LinkEvents, AnotherSubnetOfTheSameLinkChangesNothing) {  // IGMP-Q-25, IGMP-F-04
  LinkedRig<TypeParam> rig;
  auto wider = rig.link();
  wider.subnets.push_back({Lan<TypeParam>::kElsewhere, 8});
  EXPECT_TRUE(rig.link_is(10s, wider).empty());
  EXPECT_TRUE(rig.link_is(20s, wider).empty());
  rig.run_until(160s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 156'250ms}));
  EXPECT_EQ(rig.receive(161s, Lan<TypeParam>::kElsewhere),
            rig.yields_to(Lan<TypeParam>::kElsewhere));
}

TYPED_TEST(LinkEvents, AQuerierWhoseSubnetWentAwayNoLongerCounts) {  // IGMP-Q-24, IGMP-R-22
  Rig<TypeParam> rig;
  auto wider = rig.link();
  wider.subnets.push_back({Lan<TypeParam>::kElsewhere, 8});
  rig.link_is(0s, wider);
  rig.receive(1s, Lan<TypeParam>::kElsewhere);
  ASSERT_EQ(rig.role(), Role::kNonQuerier);
  EXPECT_EQ(rig.link_up(50s), rig.takes_over(Cause::kAddressChanged));
}

TYPED_TEST(LinkEvents, IsSilentWithoutAnAddress) {  // IGMP-Q-26, IGMP-F-04
  Rig<TypeParam> rig;
  EXPECT_TRUE(rig.link_is(0s, rig.link({})).empty());
  EXPECT_EQ(rig.querier().deadline(), kNever);
  EXPECT_EQ(rig.link_up(10s), rig.takes_over(Cause::kAddressChanged));
  EXPECT_EQ(rig.link_is(50s, rig.link({})), this->waits(Cause::kNoAddress));
  EXPECT_EQ(rig.querier().deadline(), kNever);
  EXPECT_EQ(rig.link_up(60s), rig.takes_over(Cause::kAddressChanged));
  rig.run_until(100s);
  EXPECT_EQ(rig.sent_at(), (Moments{10s, 41'250ms, 60s, 91'250ms}));
}

TYPED_TEST(LinkEvents, KnowsWhoAsksBeforeItHasAnAddress) {  // IGMP-Q-24, IGMP-Q-26
  Rig<TypeParam> above, below;
  for (auto* rig : {&above, &below}) {
    rig->link_is(0s, rig->link({}));
    EXPECT_TRUE(rig->receive(1s, Lan<TypeParam>::host(10)).empty());
    EXPECT_EQ(rig->role(), Role::kWaiting);
  }
  EXPECT_EQ(above.link_is(5s, above.link(Lan<TypeParam>::host(20))),
            above.yields_to(Lan<TypeParam>::host(10), Cause::kAddressChanged));
  EXPECT_EQ(below.link_is(5s, below.link(Lan<TypeParam>::host(3))),
            below.takes_over(Cause::kAddressChanged, Lan<TypeParam>::host(3)));
}

TYPED_TEST(LinkEvents, ForgetsASilentQuerierAlsoWithoutAnAddress) {  // IGMP-Q-26
  Rig<TypeParam> rig;
  rig.link_is(0s, rig.link({}));
  rig.receive(1s, rig.kLower);
  rig.run_until(256s);
  EXPECT_EQ(rig.querier().deadline(), kNever);
  EXPECT_EQ(rig.link_up(260s), rig.takes_over(Cause::kAddressChanged));
}

TYPED_TEST(LinkEvents, AProxyAsksFromTheUnspecifiedAddress) {  // SNP-02, IGMP-Q-26
  Rig<TypeParam> rig{this->proxy_settings()};
  EXPECT_EQ(rig.link_up(), rig.takes_over(Cause::kLinkUp, {}));
  rig.run_until(160s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 156'250ms}));
  for (const auto& [at, send] : rig.sent) EXPECT_EQ(send, rig.own_query({}));
}

TYPED_TEST(LinkEvents, OnlyAProxyAsksFromTheUnspecifiedAddress) {  // SNP-01, SNP-02, IGMP-F-04
  LinkedRig<TypeParam> rig;
  rig.run_until(1000s);
  for (const auto& [at, send] : rig.sent) EXPECT_EQ(send.source, rig.kSelf);
}

TYPED_TEST(LinkEvents, AProxyNeedsNoAddress) {  // SNP-02, IGMP-Q-26
  Rig<TypeParam> rig{this->proxy_settings()};
  EXPECT_EQ(rig.link_is(0s, rig.link({})), rig.takes_over(Cause::kLinkUp, {}));
  EXPECT_TRUE(rig.link_up(10s).empty());  // nor does a new one matter to it
}

TYPED_TEST(LinkEvents, AProxyNeedsALink) {  // IGMP-Q-23
  Rig<TypeParam> rig{this->proxy_settings()};
  EXPECT_TRUE(rig.link_down(0s).empty());
  rig.link_up(10s);
  EXPECT_EQ(rig.link_down(50s), this->waits(Cause::kLinkDown));
  EXPECT_EQ(rig.querier().deadline(), kNever);
}

TYPED_TEST(LinkEvents, AProxyYieldsToAnyRealQuerierAndResumes) {  // SNP-04
  for (const auto other : {Rig<TypeParam>::kLower, Rig<TypeParam>::kHigher}) {
    LinkedRig<TypeParam> rig{this->proxy_settings()};
    EXPECT_EQ(rig.receive(10s, other), rig.yields_to(other));
    rig.run_until(265s - 1ns);
    EXPECT_EQ(rig.sent_at(), Moments{0s});
    EXPECT_EQ(rig.step(Tick{}, TimePoint{265s}), rig.takes_over(Cause::kQuerierSilent, {}));
  }
}

TYPED_TEST(LinkEvents, AProxyDoesNotYieldToAnotherProxy) {  // SNP-03, IGMP-R-20
  LinkedRig<TypeParam> rig{this->proxy_settings()};
  EXPECT_EQ(rig.receive(10s, {}),
            (Actions<TypeParam>{Noticed<TypeParam>{Notice::kProxyQuery, {}}}));
  EXPECT_EQ(rig.role(), Role::kQuerier);
}

TYPED_TEST(LinkEvents, LeavingProxyModeReopensTheElection) {  // SNP-04
  Rig<TypeParam> won{this->proxy_settings()}, lost{this->proxy_settings()};
  for (auto* rig : {&won, &lost}) rig->link_up();
  won.receive(10s, won.kHigher);
  lost.receive(10s, lost.kLower);
  EXPECT_EQ(won.configure(20s, rfc_settings<TypeParam>()), won.takes_over(Cause::kSettingsChanged));
  EXPECT_TRUE(lost.configure(20s, rfc_settings<TypeParam>()).empty());
  EXPECT_EQ(lost.role(), Role::kNonQuerier);
}

TYPED_TEST(LinkEvents, LeavingProxyModeTellsTheRealAddressAtOnce) {  // IGMP-Q-24
  LinkedRig<TypeParam> rig{this->proxy_settings()};
  EXPECT_EQ(rig.configure(100s, rfc_settings<TypeParam>()),
            (Actions<TypeParam>{BurstBegan{2}, rig.own_query(rig.kSelf)}));
  EXPECT_TRUE(rig.configure(110s, rfc_settings<TypeParam>()).empty());  // nothing new
}

TYPED_TEST(LinkEvents, ProxyModeEndsTheWaitForAnAddress) {  // SNP-02
  Rig<TypeParam> rig;
  rig.link_is(0s, rig.link({}));
  EXPECT_EQ(rig.configure(10s, this->proxy_settings()),
            rig.takes_over(Cause::kSettingsChanged, {}));
  EXPECT_EQ(rig.configure(20s, rfc_settings<TypeParam>()), this->waits(Cause::kSettingsChanged));
}

}  // namespace
}  // namespace mcq::core
