// The querier's stories, told on a link without loss or delay, so that every instant is exact. All
// use the numbers of RFC 9776 §8 unless they say otherwise.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

using core::Role;

template <class F>
struct Election : testing::Test {
  Link<F> link;
  void TearDown() override { EXPECT_TRUE(keeps_the_rules(link.violations())); }
};
TYPED_TEST_SUITE(Election, Families, Names);

TYPED_TEST(Election, LoserTakesOverWhenTheWinnerFallsSilent) {  // IGMP-Q-05, IGMP-Q-09
  auto& lan = this->link;
  auto& low = lan.add(address<TypeParam>(1));
  auto& high = lan.add(address<TypeParam>(2));
  lan.run_until(100s);
  EXPECT_EQ(low.asked(), (Seconds{0, 31.25}));
  EXPECT_EQ(high.asked(),
            (Seconds{0}));  // both start at 0 s, then it receives the query of the other
  lan.cut(low);
  lan.run_until(31'250ms + 255s - 1ns);
  EXPECT_EQ(high.role(), Role::kNonQuerier);
  lan.run_until(31'250ms + 255s);
  EXPECT_EQ(high.role(), Role::kQuerier);
  EXPECT_EQ(high.asked(), (Seconds{0, 286.25}));
}

TYPED_TEST(Election, AskerKeepsItsBeat) {  // IGMP-Q-01 to IGMP-Q-03
  auto& only = this->link.add(address<TypeParam>(1));
  this->link.run_until(500s);
  EXPECT_EQ(only.asked(), (Seconds{0, 31.25, 156.25, 281.25, 406.25}));
}

TYPED_TEST(Election, HigherNewcomerNeverDisturbs) {  // IGMP-Q-06
  auto& low = this->link.add(address<TypeParam>(1));
  this->link.run_until(200s);
  auto& high = this->link.add(address<TypeParam>(2));
  this->link.run_until(1000s);
  EXPECT_EQ(high.asked(), (Seconds{200, 231.25}));  // its burst, until the other one asks at 281.25
  EXPECT_EQ(low.role(), Role::kQuerier);
  EXPECT_EQ(between(low.asked(), 200, 600), (Seconds{281.25, 406.25, 531.25}));
}

TYPED_TEST(Election, LowerNewcomerTakesOverAtOnce) {  // IGMP-Q-05
  auto& high = this->link.add(address<TypeParam>(2));
  this->link.run_until(200s);
  auto& low = this->link.add(address<TypeParam>(1));
  this->link.run_until(1000s);
  EXPECT_EQ(low.role(), Role::kQuerier);
  EXPECT_EQ(high.role(), Role::kNonQuerier);
  EXPECT_EQ(high.querier(), address<TypeParam>(1));
  EXPECT_EQ(between(high.asked(), 200, 1000), Seconds{});
}

TYPED_TEST(Election, LosersStaySilentForDays) {  // IGMP-Q-10
  this->link.add(address<TypeParam>(1));
  auto& second = this->link.add(address<TypeParam>(2));
  auto& third = this->link.add(address<TypeParam>(3));
  this->link.run_until(48h);
  EXPECT_EQ(second.asked(), (Seconds{0}));
  EXPECT_EQ(third.asked(), (Seconds{0}));
}

TYPED_TEST(Election, EveryLowerQueryRestartsTheTimer) {  // IGMP-Q-08
  Voice<TypeParam> lowest(this->link.world()), lower(this->link.world());
  this->link.expect({.other_querier = 255s});
  this->link.plug_into_switch(lowest);
  this->link.plug_into_switch(lower);
  auto& ours = this->link.add(address<TypeParam>(9));
  this->link.run_until(10s);
  lowest.ask(address<TypeParam>(1), general_query<TypeParam>());
  this->link.run_until(135s);
  lower.ask(address<TypeParam>(5), general_query<TypeParam>());  // not the lowest, but below ours
  this->link.run_until(390s - 1ns);
  EXPECT_EQ(ours.asked(), (Seconds{0}));
  this->link.run_until(390s);
  EXPECT_EQ(ours.asked(), (Seconds{0, 390}));
}

TYPED_TEST(Election, LosingCancelsTheBurst) {  // IGMP-Q-11
  Voice<TypeParam> other(this->link.world());
  this->link.expect({.other_querier = 255s});
  this->link.plug_into_switch(other);
  auto& ours = this->link.add(address<TypeParam>(9));
  this->link.run_until(5s);
  other.ask(address<TypeParam>(1), general_query<TypeParam>());
  this->link.run_until(200s);
  EXPECT_EQ(ours.asked(), (Seconds{0}));
}

TYPED_TEST(Election, AmongThreeTheSecondSucceedsTheFirst) {  // IGMP-Q-21
  auto& a = this->link.add(address<TypeParam>(1));
  auto& b = this->link.add(address<TypeParam>(2));
  auto& c = this->link.add(address<TypeParam>(3));
  this->link.run_until(200s);  // a's last query is that of 156.25 s
  a.crash();
  this->link.run_until(5000s);
  EXPECT_EQ(b.role(), Role::kQuerier);
  EXPECT_EQ(c.role(), Role::kNonQuerier);
  EXPECT_EQ(c.querier(), address<TypeParam>(2));
  EXPECT_EQ(between(b.asked(), 200, 600), (Seconds{411.25, 442.5, 567.5}));
  EXPECT_EQ(between(c.asked(), 200, 5000),
            (Seconds{411.25}));  // the same instant, then it receives the query of b
  a.start();
  this->link.run_until(6000s);
  EXPECT_EQ(a.role(), Role::kQuerier);
  EXPECT_EQ(b.role(), Role::kNonQuerier);
  EXPECT_EQ(c.querier(), address<TypeParam>(1));
}

TYPED_TEST(Election, EveryVersionCounts) {  // IGMP-Q-12
  auto oldest = rfc_settings<TypeParam>();
  oldest.version = typename TypeParam::Version{1};
  auto newest = rfc_settings<TypeParam>();
  newest.version = TypeParam::kNewest;
  auto& a = this->link.add(address<TypeParam>(1), oldest);
  auto& b = this->link.add(address<TypeParam>(2), newest);
  auto& c = this->link.add(address<TypeParam>(3));
  this->link.run_until(2000s);
  EXPECT_EQ(a.role(), Role::kQuerier);
  EXPECT_EQ(b.role(), Role::kNonQuerier);
  EXPECT_EQ(c.role(), Role::kNonQuerier);
  a.crash();
  this->link.run_until(3000s);
  EXPECT_EQ(b.role(), Role::kQuerier);
  EXPECT_EQ(c.role(), Role::kNonQuerier);
}

TYPED_TEST(Election, AdvertisedTimesCount) {  // IGMP-Q-18 to IGMP-Q-20
  auto quick = rfc_settings<TypeParam>();
  quick.version = TypeParam::kNewest;
  quick.query_interval = 30s;
  quick.startup_count = 1;
  auto& low = this->link.add(address<TypeParam>(1), quick);
  auto& high = this->link.add(address<TypeParam>(2));
  this->link.run_until(70s);  // low asks at 0, 30 and 60 s
  low.crash();
  this->link.run_until(400s);
  EXPECT_EQ(high.asked(), (Seconds{0, 125, 156.25, 281.25}));  // 60 + 2 x 30 + 10 / 2, then its own
}

/// It asks again before anybody would take over; when it dies, the other waits no longer for it
/// than a switch remembers members.
TYPED_TEST(Election, RouterWithLargerNumbersIsNotDisturbed) {  // IGMP-Q-31
  auto patient = rfc_settings<TypeParam>();
  patient.version = TypeParam::kNewest;
  patient.robustness = 7;
  auto& low = this->link.add(address<TypeParam>(1), patient);
  auto& high = this->link.add(address<TypeParam>(2));
  auto& host = this->link.add_host();
  host.answers_after(0);
  this->link.join(host, group<TypeParam>(1));
  this->link.run_until(48h);
  EXPECT_EQ(high.asked(), (Seconds{0}));
  const auto last = low.asked().back();
  low.crash();
  this->link.run_until(49h);
  EXPECT_EQ(between(high.asked(), 1, 48 * 3600 + 600).front(), last + 255);
  EXPECT_EQ(this->link.longest_outage(), 0s);
}

TYPED_TEST(Election, EachIslandOfAPartitionHasAQuerier) {
  auto& lan = this->link;
  const auto far = lan.add_switch();
  auto& near_low = lan.add(address<TypeParam>(1));
  auto& near_high = lan.add(address<TypeParam>(2));
  auto& far_low = lan.add(address<TypeParam>(3), rfc_settings<TypeParam>(), far);
  auto& far_high = lan.add(address<TypeParam>(4), rfc_settings<TypeParam>(), far);
  lan.run_until(300s);
  lan.cut(lan.trunk(far));
  lan.run_until(1000s);
  EXPECT_EQ(near_low.role(), Role::kQuerier);
  EXPECT_EQ(near_high.role(), Role::kNonQuerier);
  EXPECT_EQ(far_low.role(), Role::kQuerier);
  EXPECT_EQ(far_high.querier(), address<TypeParam>(3));
  lan.heal(lan.trunk(far));
  lan.run_until(1125s);  // within one interval all have received queries of the lowest
  EXPECT_EQ(far_low.role(), Role::kNonQuerier);
  EXPECT_EQ(far_high.querier(), address<TypeParam>(1));
}

template <class F>
struct Change : Election<F> {};
TYPED_TEST_SUITE(Change, Families, Names);

TYPED_TEST(Change, LowerAddressWinsAtOnce) {  // IGMP-Q-24
  auto& ours = this->link.add(address<TypeParam>(20));
  auto& other = this->link.add(address<TypeParam>(10));
  this->link.run_until(100s);
  EXPECT_EQ(ours.role(), Role::kNonQuerier);
  ours.readdress(address<TypeParam>(5));
  this->link.run_until(100s);
  EXPECT_EQ(ours.role(), Role::kQuerier);
  EXPECT_EQ(other.role(), Role::kNonQuerier);
  EXPECT_EQ(ours.last_query().source, address<TypeParam>(5));
}

TYPED_TEST(Change, HigherAddressIsUsedUntilTheNextTakesOver) {  // IGMP-Q-24
  auto& ours = this->link.add(address<TypeParam>(5));
  auto& other = this->link.add(address<TypeParam>(10));
  this->link.run_until(100s);
  ours.readdress(address<TypeParam>(20));
  this->link.run_until(286s);  // the other one last received a query of the old address at 31.25 s
  EXPECT_EQ(between(ours.asked(), 50, 286), (Seconds{100, 131.25, 256.25}));
  EXPECT_EQ(ours.last_query().source, address<TypeParam>(20));
  EXPECT_EQ(other.role(), Role::kNonQuerier);
  this->link.run_until(287s);
  EXPECT_EQ(other.role(), Role::kQuerier);
  EXPECT_EQ(ours.role(), Role::kNonQuerier);
}

TYPED_TEST(Change, WithoutAnAddressItIsSilent) {  // IGMP-Q-26
  auto& ours = this->link.add(address<TypeParam>(5));
  this->link.run_until(50s);
  ours.readdress({});
  this->link.run_until(500s);
  EXPECT_EQ(ours.asked(), (Seconds{0, 31.25}));
  EXPECT_EQ(ours.role(), Role::kWaiting);
  ours.readdress(address<TypeParam>(7));
  this->link.run_until(600s);
  EXPECT_EQ(between(ours.asked(), 50, 600), (Seconds{500, 531.25}));
}

TYPED_TEST(Change, LinkThatComesBackStartsAgain) {  // IGMP-Q-23
  auto& ours = this->link.add(address<TypeParam>(5));
  this->link.run_until(50s);
  ours.set_link_up(false);
  this->link.run_until(60s);
  ours.set_link_up(true);
  this->link.run_until(100s);
  EXPECT_EQ(ours.asked(), (Seconds{0, 31.25, 60, 91.25}));
}

TYPED_TEST(Change, LinkThatComesBackForgetsTheOtherQuerier) {  // IGMP-Q-23
  auto& low = this->link.add(address<TypeParam>(1));
  auto& high = this->link.add(address<TypeParam>(2));
  this->link.run_until(50s);
  high.set_link_up(false);
  this->link.run_until(60s);
  high.set_link_up(true);
  this->link.run_until(400s);
  EXPECT_EQ(high.asked(), (Seconds{0, 60, 91.25}));  // low asks at 156.25 s
  EXPECT_EQ(low.asked(), (Seconds{0, 31.25, 156.25, 281.25}));
}

/// Members that report from then on live by the new interval, and are asked in it.
TYPED_TEST(Change, ShorterIntervalForgetsNobody) {  // IGMP-T-13
  auto settings = rfc_settings<TypeParam>();
  settings.query_interval = 300s;
  settings.startup_count = 1;
  settings.response_interval = 2s;
  auto& ours = this->link.add(address<TypeParam>(5), settings);
  auto& host = this->link.add_host();
  this->link.run_until(302s);  // it asked at 300 s
  settings.query_interval = 5s;
  ours.reconfigure(settings);
  this->link.join(host, group<TypeParam>(1));
  for (int second = 303; second < 700; ++second) {
    this->link.run_until(second * 1s);
    ASSERT_TRUE(ours.knows(group<TypeParam>(1))) << second;
  }
  EXPECT_EQ(between(ours.asked(), 1, 312), (Seconds{300, 305, 310}));
}

TYPED_TEST(Change, LongerIntervalForgetsNobody) {  // IGMP-T-13
  auto settings = rfc_settings<TypeParam>();
  settings.query_interval = 5s;
  settings.startup_count = 1;
  settings.response_interval = 2s;
  auto& ours = this->link.add(address<TypeParam>(5), settings);
  auto& host = this->link.add_host();
  this->link.join(host, group<TypeParam>(1));
  this->link.run_until(302s);  // it asked at 300 s
  settings.query_interval = 200s;
  ours.reconfigure(settings);
  for (int second = 303; second < 1000; ++second) {
    this->link.run_until(second * 1s);
    ASSERT_TRUE(ours.knows(group<TypeParam>(1))) << second;
  }
  EXPECT_EQ(between(ours.asked(), 300, 1000), (Seconds{500, 700, 900}));
}

/// What is overdue by it comes at once, and once.
TYPED_TEST(Change, ShorterIntervalThatIsOverBringsOneQuery) {  // IGMP-T-13
  auto settings = rfc_settings<TypeParam>();
  auto& ours = this->link.add(address<TypeParam>(5), settings);
  this->link.run_until(100s);
  settings.query_interval = 20s;
  ours.reconfigure(settings);
  this->link.run_until(150s);
  EXPECT_EQ(ours.asked(), (Seconds{0, 31.25, 100, 120, 140}));
  settings.query_interval = 200s;
  ours.reconfigure(settings);
  this->link.run_until(600s);
  EXPECT_EQ(between(ours.asked(), 150, 600), (Seconds{340, 540}));
}

TYPED_TEST(Change, WakesLateWithOneQuery) {  // IGMP-Q-28
  auto& ours = this->link.add(address<TypeParam>(5));
  this->link.run_until(200s);
  ours.sleep();
  this->link.run_until(1200s);
  ours.wake();
  this->link.run_until(1400s);
  EXPECT_EQ(between(ours.asked(), 200, 1400), (Seconds{1200, 1325}));
}

TYPED_TEST(Change, SleeperYieldsAgainToTheOneWhoWasAwake) {  // IGMP-Q-28
  auto& low = this->link.add(address<TypeParam>(1));
  auto& high = this->link.add(address<TypeParam>(2));
  this->link.run_until(200s);
  high.sleep();
  this->link.run_until(1200s);
  high.wake();
  this->link.run_until(2000s);
  EXPECT_EQ(between(high.asked(), 200, 2000), (Seconds{1200, 1231.25}));  // low asks at 1281.25
  EXPECT_EQ(high.role(), Role::kNonQuerier);
  EXPECT_EQ(low.role(), Role::kQuerier);
}

TYPED_TEST(Change, ClockThatLeapsBringsOneQuery) {  // IGMP-Q-28
  auto& ours = this->link.add(address<TypeParam>(5));
  this->link.run_until(200s);
  ours.step_clock(1000s);
  this->link.run_until(400s);
  EXPECT_EQ(between(ours.asked(), 100, 400), (Seconds{156.25, 200, 325}));
}

/// Where time asleep is not counted, the next query is late by what was left of its interval, and
/// not at once: a reason to use a clock that counts it.
TYPED_TEST(Change, ClockThatStopsInSleepAsksLater) {
  auto& ours = this->link.add(address<TypeParam>(5));
  this->link.run_until(200s);
  ours.sleep();
  this->link.run_until(1200s);
  ours.step_clock(-1000s);
  ours.wake();
  this->link.run_until(1400s);
  EXPECT_EQ(between(ours.asked(), 200, 1400), (Seconds{1281.25}));
}

template <class F>
struct Proxy : Election<F> {
  static core::Settings<F> settings() {
    auto s = rfc_settings<F>();
    s.proxy = true;
    return s;
  }
};
TYPED_TEST_SUITE(Proxy, Families, Names);

TYPED_TEST(Proxy, YieldsToAnyRealQuerierAndResumes) {  // SNP-02, SNP-04
  auto& proxy = this->link.add({}, this->settings());
  this->link.run_until(100s);
  EXPECT_EQ(proxy.asked(), (Seconds{0, 31.25}));
  EXPECT_TRUE(proxy.last_query().source.is_unspecified());
  auto& real = this->link.add(address<TypeParam>(250));
  this->link.run_until(200s);
  EXPECT_EQ(proxy.role(), Role::kNonQuerier);
  real.crash();  // it asked at 100 s and 131.25 s
  this->link.run_until(386s);
  EXPECT_EQ(between(proxy.asked(), 100, 386), Seconds{});
  this->link.run_until(387s);
  EXPECT_EQ(between(proxy.asked(), 100, 387), (Seconds{386.25}));
}

TYPED_TEST(Proxy, SilencesNobody) {  // IGMP-R-20, SNP-03
  auto& proxy = this->link.add(address<TypeParam>(1), this->settings());
  auto& other = this->link.add(address<TypeParam>(2), this->settings());
  this->link.run_until(600s);
  EXPECT_EQ(proxy.asked(), other.asked());
  auto& real = this->link.add(address<TypeParam>(3));
  this->link.run_until(2000s);
  EXPECT_EQ(real.role(), Role::kQuerier);
  EXPECT_EQ(proxy.role(), Role::kNonQuerier);
  EXPECT_EQ(other.role(), Role::kNonQuerier);
}

}  // namespace
}  // namespace mcq::sim
