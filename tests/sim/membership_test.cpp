// What becomes of members in the tables of a link's queriers, told without loss or delay, so that
// every instant is exact. All use the numbers of RFC 9776 §8 and RFC 9777 §9.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

using core::FilterMode;
using core::Role;

template <class F>
struct Members : testing::Test {
  using Version = typename F::Version;
  const typename F::Address group = sim::group<F>(1);

  /// Plays a story in each version whose hosts say that they leave.
  template <class Story>
  void in_each_version(Story story) {
    for (const auto version : kLeavers<F>) {
      SCOPED_TRACE(static_cast<int>(version));
      Link<F> lan(1, kKnownRouters);
      story(lan, version);
      EXPECT_TRUE(keeps_the_rules(lan.violations()));
    }
  }
};
TYPED_TEST_SUITE(Members, Families, Names);

TYPED_TEST(Members, AreKnownAtOnceAndGoneInTimeAfterTheLastLeave) {  // IGMP-M-01, M-04, X-01
  this->in_each_version([&](auto& lan, auto version) {
    auto& querier = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& host = lan.add_host(version);
    lan.run_until(50s);
    EXPECT_FALSE(querier.knows(this->group));
    lan.join(host, this->group);
    lan.run_until(50s);
    EXPECT_TRUE(querier.knows(this->group));
    lan.run_until(100s);
    lan.leave(host, this->group);
    lan.run_until(102s - 1ns);
    EXPECT_TRUE(querier.knows(this->group));  // IGMP-S-23
    lan.run_until(102s);
    EXPECT_FALSE(querier.knows(this->group));
    lan.run_until(1000s);
    EXPECT_EQ(querier.asked_about(this->group), (Seconds{100, 101}));
  });
}

TYPED_TEST(Members, StayWhenOneOfTwoLeaves) {  // IGMP-M-05, X-03
  this->in_each_version([&](auto& lan, auto version) {
    auto& querier = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& leaver = lan.add_host(version);
    auto& other = lan.add_host(version);
    leaver.answers_after(0);  // what it repeats comes before the other's answer
    other.answers_after(50);
    lan.run_until(10s);
    lan.join(leaver, this->group);
    lan.join(other, this->group);
    lan.run_until(100s);
    lan.leave(leaver, this->group);
    for (auto t = 100s; t <= 1000s; t += 1s) {
      lan.run_until(t);
      ASSERT_TRUE(querier.knows(this->group));
    }
    const bool is_newest = version == TypeParam::kNewest;
    EXPECT_EQ(querier.asked_about(this->group), is_newest ? (Seconds{100, 101}) : (Seconds{100}));
    EXPECT_FALSE(querier.specific_queries().front().suppress);
    EXPECT_EQ(querier.specific_queries().back().suppress, is_newest);
  });
}

TYPED_TEST(Members, AreLostWhenTheyFallSilentAndNotWhenTheyLeave) {
  this->in_each_version([&](auto& lan, auto version) {
    auto& querier = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& leaver = lan.add_host(version);
    auto& mute = lan.add_host(version);
    lan.run_until(50s);
    lan.join(leaver, this->group);
    lan.join(mute, sim::group<TypeParam>(2));
    lan.run_until(100s);
    lan.leave(leaver, this->group);
    lan.run_until(3600s);  // answers keep the other
    EXPECT_TRUE(querier.lost().empty());
    lan.cut(mute);
    lan.run_until(3600s + 125s + 260s + 10s);
    ASSERT_EQ(querier.lost().size(), 1U);
    EXPECT_EQ(querier.lost()[0].group, sim::group<TypeParam>(2));
    EXPECT_EQ(querier.lost()[0].host, mute.address());
  });
}

TYPED_TEST(Members, WhoNeverCameCannotLeave) {  // IGMP-M-06, IGMP-S-16
  this->in_each_version([&](auto& lan, auto version) {
    Voice<TypeParam> voice(lan.world());
    lan.plug_into_switch(voice);
    auto& querier = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    lan.run_until(10s);
    voice.leave(address<TypeParam>(7), this->group);
    voice.tell(address<TypeParam>(7), {{{RecordType::kToIn, this->group, {}}}});
    voice.tell(address<TypeParam>(7),
               {{{RecordType::kBlock, this->group, {source<TypeParam>(1)}}}});
    lan.run_until(20s);
    EXPECT_TRUE(querier.specific_queries().empty());
    EXPECT_EQ(querier.groups(), 0U);
  });
}

TYPED_TEST(Members, WhoFallSilentAreForgottenAfterTheMembershipInterval) {  // IGMP-T-04, M-03
  this->in_each_version([&](auto& lan, auto version) {
    auto& querier = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& host = lan.add_host(version);
    host.answers_after(0);
    lan.join(host, this->group);
    lan.run_until(200s);  // it answered the query of 156.25 s at once
    lan.cut(host);
    lan.run_until(426'250ms - 1ns);
    EXPECT_TRUE(querier.knows(this->group));
    lan.run_until(426'250ms);
    EXPECT_FALSE(querier.knows(this->group));
    EXPECT_TRUE(querier.specific_queries().empty());
  });
}

TYPED_TEST(Members, OfAListenerFollowTheQueriersQueries) {  // IGMP-M-11, X-10, Q-16
  this->in_each_version([&](auto& lan, auto version) {
    auto& low = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& high = lan.add(address<TypeParam>(2), speaking<TypeParam>(version));
    auto& host = lan.add_host(version);
    lan.run_until(10s);
    lan.join(host, this->group);
    lan.run_until(100s);
    ASSERT_EQ(high.role(), Role::kNonQuerier);
    EXPECT_TRUE(high.knows(this->group));
    lan.leave(host, this->group);
    lan.run_until(101s);
    EXPECT_TRUE(high.knows(this->group));
    // Each query lowers its timer to two response times, and it never raises it.
    lan.run_until(102s);
    EXPECT_FALSE(low.knows(this->group));
    EXPECT_FALSE(high.knows(this->group));
    EXPECT_TRUE(high.specific_queries().empty());
  });
}

TYPED_TEST(Members, OfAListenerDoNotGoByTheLeaveAlone) {  // IGMP-M-07, IGMP-S-26
  this->in_each_version([&](auto& lan, auto version) {
    auto& low = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& high = lan.add(address<TypeParam>(2), speaking<TypeParam>(version));
    auto& host = lan.add_host(version);
    host.answers_after(0);
    lan.run_until(10s);
    lan.join(host, this->group);
    lan.run_until(100s);  // it answered at 31.25 s
    lan.cut(low);
    lan.leave(host, this->group);
    lan.run_until(286s);
    EXPECT_TRUE(high.knows(this->group));
    EXPECT_TRUE(high.specific_queries().empty());
    EXPECT_EQ(high.role(), Role::kNonQuerier);
  });
}

/// The host answers the dead querier's last query at once, and its successor's first as late as it
/// may: 255 s + 10 s apart, and a membership lives for 270 s.
TYPED_TEST(Members, SurviveATakeover) {  // IGMP-T-04, D-01
  this->in_each_version([&](auto& lan, auto version) {
    auto& low = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& high = lan.add(address<TypeParam>(2), speaking<TypeParam>(version));
    auto& host = lan.add_host(version);
    host.answers_after(0);
    lan.join(host, this->group);
    lan.run_until(200s);  // low last asked at 156.25 s
    low.crash();
    host.answers_after(100);
    for (auto t = 200s; t <= 600s; t += 1s) {
      lan.run_until(t);
      ASSERT_TRUE(high.knows(this->group));
    }
    EXPECT_EQ(between(high.asked(), 200, 600), (Seconds{411.25, 442.5, 567.5}));
    lan.leave(host, this->group);
    lan.run_until(602s);
    EXPECT_FALSE(high.knows(this->group));
    EXPECT_EQ(high.asked_about(this->group), (Seconds{600, 601}));
  });
}

TYPED_TEST(Members, RoundGoesOnWhenTheElectionIsLostInIt) {  // IGMP-Q-15, Q-16, MLD-Q-08
  this->in_each_version([&](auto& lan, auto version) {
    Voice<TypeParam> voice(lan.world());
    lan.expect({.other_querier = 255s});
    lan.plug_into_switch(voice);
    auto& ours = lan.add(address<TypeParam>(9), speaking<TypeParam>(version));
    auto& host = lan.add_host(version);
    lan.run_until(10s);
    lan.join(host, this->group);
    lan.join(host, sim::group<TypeParam>(2));
    lan.run_until(100s);
    lan.leave(host, this->group);
    lan.run_until(100'500ms);
    voice.ask(address<TypeParam>(1), general_query<TypeParam>(version));
    lan.run_until(100'500ms);
    EXPECT_EQ(ours.role(), Role::kNonQuerier);
    lan.leave(host, sim::group<TypeParam>(2));
    lan.run_until(110s);
    EXPECT_EQ(ours.asked_about(this->group), (Seconds{100, 101}));
    EXPECT_FALSE(ours.knows(this->group));
    EXPECT_EQ(ours.asked_about(sim::group<TypeParam>(2)), Seconds{});
    EXPECT_TRUE(ours.knows(sim::group<TypeParam>(2)));
  });
}

TYPED_TEST(Members, AreForgottenWithTheLink) {  // IGMP-Q-23
  Link<TypeParam> lan(1, kKnownRouters);
  auto& querier = lan.add(address<TypeParam>(1));
  auto& host = lan.add_host();
  lan.join(host, this->group);
  lan.run_until(50s);
  EXPECT_TRUE(querier.knows(this->group));
  querier.set_link_up(false);
  lan.run_until(50s);
  EXPECT_FALSE(querier.knows(this->group));
  querier.set_link_up(true);  // and asks at once
  lan.run_until(60s);
  EXPECT_TRUE(querier.knows(this->group));
}

/// One source goes when nobody asks for it any more, and the group with the last one.
TYPED_TEST(Members, OfSourcesGoWithTheLastWhoAsksForThem) {  // IGMP-S-06, S-17, X-04, X-11
  using F = TypeParam;
  const auto s = sim::source<F>;
  Link<F> lan(1, kKnownRouters);
  auto& querier = lan.add(address<F>(1), speaking<F>(F::kNewest));
  auto& listener = lan.add(address<F>(2), speaking<F>(F::kNewest));
  auto& one = lan.add_host(F::kNewest);
  auto& two = lan.add_host(F::kNewest);
  lan.run_until(10s);
  lan.join(one, this->group, including<F>({s(1), s(2)}));
  lan.join(two, this->group, including<F>({s(2), s(3)}));
  lan.run_until(100s);
  lan.leave(one, this->group);
  lan.run_until(102s - 1ns);
  EXPECT_TRUE(querier.group(this->group)->is_forwarded(s(1)));
  lan.run_until(200s);
  for (const auto* table : {&querier, &listener}) {
    const auto* known = table->group(this->group);
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->mode(), FilterMode::kInclude);
    EXPECT_FALSE(known->is_forwarded(s(1)));
    EXPECT_TRUE(known->is_forwarded(s(2)));
    EXPECT_TRUE(known->is_forwarded(s(3)));
  }
  lan.leave(two, this->group);
  lan.run_until(203s);  // the repetitions of what it said may begin a round of their own
  EXPECT_FALSE(querier.knows(this->group));
  EXPECT_FALSE(listener.knows(this->group));
  EXPECT_TRUE(keeps_the_rules(lan.violations()));
}

/// Who wants one source only is still known when all leave who wanted every source.
TYPED_TEST(Members, OfOneSourceOutliveThoseOfAll) {  // IGMP-S-12, S-19
  using F = TypeParam;
  const auto s = sim::source<F>;
  Link<F> lan(1, kKnownRouters);
  auto& querier = lan.add(address<F>(1), speaking<F>(F::kNewest));
  auto& one = lan.add_host(F::kNewest);
  auto& all = lan.add_host(F::kNewest);
  lan.run_until(10s);
  lan.join(all, this->group);
  lan.join(one, this->group, including<F>({s(1)}));
  lan.run_until(100s);
  EXPECT_EQ(querier.group(this->group)->mode(), FilterMode::kExclude);
  EXPECT_TRUE(querier.group(this->group)->is_forwarded(s(2)));
  lan.leave(all, this->group);
  lan.run_until(103s);
  const auto* known = querier.group(this->group);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->mode(), FilterMode::kInclude);
  EXPECT_TRUE(known->is_forwarded(s(1)));
  EXPECT_FALSE(known->is_forwarded(s(2)));
  EXPECT_TRUE(keeps_the_rules(lan.violations()));
}

}  // namespace
}  // namespace mcq::sim
