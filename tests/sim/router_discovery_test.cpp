// What Multicast Router Discovery (RFC 4286) gains on a LAN of snooping switches, and what somebody
// who forges its messages can do with it.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

using Type = RouterMessage::Type;

template <class F>
struct RouterDiscovery : testing::Test {
  static core::Settings<F> with(bool router_discovery) {
    return {.jitter = 0, .router_discovery = router_discovery};
  }
  /// A querier, a standby and two hosts with a group each.
  void begin(bool router_discovery) {
    querier = &link.add(address<F>(1), with(router_discovery));
    standby = &link.add(address<F>(2), with(router_discovery));
    for (std::uint8_t n = 1; n <= 2; ++n) link.join(link.add_host(), group<F>(n));
  }
  /// Whether the standby knows both groups an hour after the start.
  bool standby_knows(bool router_discovery) {
    begin(router_discovery);
    link.run_until(1h);
    EXPECT_EQ(standby->role(), core::Role::kNonQuerier);
    EXPECT_TRUE(keeps_the_rules(link.violations()));
    return standby->knows(group<F>(1)) && standby->knows(group<F>(2));
  }
  Link<F> link;
  Station<F>*querier = nullptr, *standby = nullptr;
};
TYPED_TEST_SUITE(RouterDiscovery, Families, Names);

TYPED_TEST(RouterDiscovery, WithoutItAStandbyKnowsNoMembers) {
  EXPECT_FALSE(this->standby_knows(false));
  EXPECT_TRUE(this->standby->told(Type::kAdvertisement).empty());
}

TYPED_TEST(RouterDiscovery, WithItAStandbyKnowsThemBeforeItTakesOver) {  // MRD-13
  EXPECT_TRUE(this->standby_knows(true));
  EXPECT_GE(this->standby->told(Type::kAdvertisement).size(), 175U);
  EXPECT_LE(this->standby->told(Type::kAdvertisement).size(), 190U);
}

TYPED_TEST(RouterDiscovery, AddsNoQueries) {
  this->begin(true);
  this->link.run_until(1h);
  Link<TypeParam> plain;
  auto& first = plain.add(address<TypeParam>(1), this->with(false));
  auto& second = plain.add(address<TypeParam>(2), this->with(false));
  plain.run_until(1h);
  EXPECT_EQ(this->querier->asked(), first.asked());
  EXPECT_EQ(this->standby->asked(), second.asked());
}

/// Ten thousand solicitations in ten seconds.
TYPED_TEST(RouterDiscovery, ForgedSolicitationsAtFullRateAreAnsweredOnceASecond) {  // MRD-18
  this->begin(true);
  Voice<TypeParam> forger{this->link.world()};
  this->link.plug_into_switch(forger);
  this->link.run_until(100s);
  const auto asked = this->querier->asked().size();
  for (int i = 0; i < 10'000; ++i) {
    forger.say({address<TypeParam>(9), TypeParam::kAllRouters, RouterMessage{Type::kSolicitation}});
    this->link.run_for(1ms);
  }
  for (const auto* station : {this->querier, this->standby}) {
    const auto answers = between(station->told(Type::kAdvertisement), 100, 110);
    EXPECT_GE(answers.size(), 5U);
    EXPECT_LE(answers.size(), 25U);
    for (std::size_t i = 1; i < answers.size(); ++i) {
      EXPECT_GE(answers[i] - answers[i - 1], 0.0999) << "ten a second at most";
    }
  }
  EXPECT_LE(this->querier->asked().size(), asked + 1) << "no query more";
  EXPECT_TRUE(keeps_the_rules(this->link.violations()));
}

TYPED_TEST(RouterDiscovery, ForgedTerminationsAndAdvertisementsChangeNothing) {
  this->begin(true);
  Voice<TypeParam> forger{this->link.world()};
  this->link.plug_into_switch(forger);
  this->link.run_until(1000s);
  const auto told = this->standby->told(Type::kAdvertisement).size();
  for (const auto type : {Type::kTermination, Type::kAdvertisement}) {
    forger.say({address<TypeParam>(2), TypeParam::kAllSnoopers, RouterMessage{type, 180s}});
  }
  this->link.run_until(1040s);
  EXPECT_EQ(this->querier->role(), core::Role::kQuerier);
  EXPECT_TRUE(this->standby->knows(group<TypeParam>(1)));
  EXPECT_LE(this->standby->told(Type::kAdvertisement).size(), told + 3);
}

TYPED_TEST(RouterDiscovery, AStopIsTold) {  // MRD-22
  this->begin(true);
  this->link.run_until(100s);
  this->standby->stop();
  this->link.run_until(200s);
  EXPECT_EQ(this->standby->told(Type::kTermination), Seconds{100});
  EXPECT_TRUE(between(this->standby->told(Type::kAdvertisement), 100, 200).empty());
}

}  // namespace
}  // namespace mcq::sim
