#include <gtest/gtest.h>

#include "support/table_rig.hpp"

// The General Queries that follow a change of the topology of the link. The periodic queries of
// these tests are sent at 0 s, 31.25 s, 156.25 s, ..., and may be answered until 11 s later.

namespace mcq::core {
namespace {

using test::Lan;
using test::Moments;
using test::TableRig;
using Type = RecordType;

template <class F>
struct Topology : testing::Test {
  /// The moments of queries in [from, until).
  Moments asked(Duration from, Duration until) {
    rig.run_until(until - 1ns);
    auto moments = rig.sent_at();
    std::erase_if(moments, [&](Duration at) { return at < from; });
    return moments;
  }
  static Address<sizeof(typename F::Address)> host(std::uint8_t n) { return Lan<F>::host(n); }

  TableRig<F> rig;
};
TYPED_TEST_SUITE(Topology, test::Families);

template <class F>
std::vector<TopologyChanged<F>> changes_in(const Actions<F>& actions) {
  std::vector<TopologyChanged<F>> found;
  for (const auto& action : actions) {
    if (const auto* change = std::get_if<TopologyChanged<F>>(&action)) found.push_back(*change);
  }
  return found;
}

TYPED_TEST(Topology, ABpduIsFollowedByTwoUrgentQueries) {  // SNP-09
  const auto actions = this->rig.apply(100s, BpduReceived{});
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_EQ(changes_in(actions),
            (std::vector{TopologyChanged<TypeParam>{TopologySign::kBpdu, {}}}));
  EXPECT_EQ(this->asked(100s, 227s), (Moments{100s, 101s, 226s}))
      << "the next periodic query is an interval later";
  auto urgent = this->rig.own_query();
  urgent.query.max_response = 10s;  // the startup interval of the RFC leaves no shorter one
  EXPECT_EQ(this->rig.sent[2].second, urgent);
}

TYPED_TEST(Topology, HostsAnswerWithinHalfAStartupInterval) {  // SNP-09
  auto settings = test::rfc_settings<TypeParam>();
  settings.startup_interval = 5s;
  TableRig<TypeParam> other{settings};
  other.apply(100s, BpduReceived{});
  other.run_until(101s);
  ASSERT_EQ(other.sent.size(), 4U);
  EXPECT_EQ(other.sent[2].second.query.max_response, 2'500ms);
  EXPECT_EQ(other.sent[3].second.query.max_response, 2'500ms);
}

TEST(Topology, ALeaveForNoGroupIsFollowedByTwoQueries) {  // SNP-08
  TableRig<Igmp> rig;
  const auto actions = rig.leave(100s, {});
  EXPECT_EQ(
      changes_in(actions),
      (std::vector{TopologyChanged<Igmp>{TopologySign::kSolicitation, TableRig<Igmp>::kHost}}));
  rig.run_until(200s);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 100s, 101s}));
}

TYPED_TEST(Topology, ALeaveForAGroupIsNoSign) {
  EXPECT_TRUE(this->rig.leave(100s).empty());
  EXPECT_TRUE(this->asked(100s, 156s).empty());
}

TYPED_TEST(Topology, OnlyTheQuerierQueries) {  // SNP-08, SNP-09
  this->rig.lose(90s);
  EXPECT_TRUE(this->rig.apply(100s, BpduReceived{}).empty());
  this->rig.leave(101s, {});
  EXPECT_TRUE(this->asked(90s, 300s).empty());
}

TYPED_TEST(Topology, WhoLosesTheElectionSendsNoSecondQuery) {
  this->rig.apply(100s, BpduReceived{});
  this->rig.lose(100'500ms);
  EXPECT_EQ(this->asked(100s, 300s), (Moments{100s}));
}

TYPED_TEST(Topology, NothingIsSentWithoutALink) {
  this->rig.link_down(90s);
  EXPECT_TRUE(this->rig.apply(100s, BpduReceived{}).empty());
  EXPECT_TRUE(this->asked(90s, 300s).empty());
}

TYPED_TEST(Topology, AllSignsTogetherDrawOnePairInTenSeconds) {  // SNP-11
  this->rig.report(50s);
  for (Duration at = 100s; at < 120s; at += 100ms) {
    this->rig.apply(at, BpduReceived{});
    this->rig.leave(at, {});
    this->rig.report(at);
  }
  EXPECT_EQ(this->asked(100s, 200s), (Moments{100s, 101s, 110s, 111s}));
}

TYPED_TEST(Topology, AStartupBurstIsNotCutShort) {
  this->rig.apply(10s, BpduReceived{});
  EXPECT_EQ(this->asked(0s, 160s), (Moments{0s, 10s, 11s, 31'250ms, 156'250ms}));
}

TYPED_TEST(Topology, AMemberThatJoinsAgainIsASign) {  // SNP-10
  this->rig.report(50s);
  const auto actions = this->rig.report(100s);
  EXPECT_EQ(changes_in(actions),
            (std::vector{TopologyChanged<TypeParam>{TopologySign::kRejoin, this->rig.kHost}}));
  EXPECT_EQ(this->asked(100s, 200s), (Moments{100s, 101s}));
}

TYPED_TEST(Topology, SoIsOneOfTheNewestVersion) {  // SNP-10
  this->rig.record(50s, Type::kToEx);
  this->rig.record(100s, Type::kToEx);
  EXPECT_EQ(this->asked(100s, 200s), (Moments{100s, 101s}));
}

TYPED_TEST(Topology, SoIsOneThatAnsweredAQueryBefore) {  // SNP-10
  this->rig.report(10s);
  this->rig.report(32s);  // an answer
  this->rig.report(43s);
  EXPECT_EQ(this->asked(40s, 150s), (Moments{43s, 44s}));
}

TYPED_TEST(Topology, SoIsTheOnlyHostOfAGroupThatRepeatsItsSources) {  // SNP-10
  this->rig.record(50s, Type::kAllow, {this->rig.a, this->rig.b});
  this->rig.record(100s, Type::kAllow, {this->rig.a});
  EXPECT_EQ(this->asked(100s, 150s), (Moments{100s, 101s}));
}

TYPED_TEST(Topology, NewSourcesAreNone) {
  this->rig.record(50s, Type::kAllow, {this->rig.a});
  this->rig.record(100s, Type::kAllow, {this->rig.a, this->rig.b});
  this->rig.record(101s, Type::kAllow, {this->rig.a, this->rig.b});
  EXPECT_TRUE(this->asked(100s, 150s).empty());
}

TYPED_TEST(Topology, NorAreSourcesThatMayBeThoseOfAnotherHost) {
  this->rig.record(50s, Type::kAllow, {this->rig.a});
  this->rig.record(51s, Type::kAllow, {this->rig.b}, this->rig.kGroup, this->host(51));
  this->rig.record(100s, Type::kAllow, {this->rig.a});
  EXPECT_TRUE(this->asked(100s, 150s).empty());
}

TYPED_TEST(Topology, NorIsAnotherFilterMode) {
  this->rig.record(50s, Type::kAllow, {this->rig.a});
  this->rig.record(100s, Type::kToEx);
  this->rig.record(101s, Type::kToEx);
  EXPECT_TRUE(this->asked(100s, 150s).empty());
}

TYPED_TEST(Topology, ANewMemberIsNoSign) {  // SNP-10
  this->rig.report(100s);
  this->rig.report(130s, test::kOlder<TypeParam>, this->rig.kGroup, this->host(51));
  this->rig.report(131s, test::kOlder<TypeParam>, Lan<TypeParam>::group(7));
  EXPECT_TRUE(this->asked(100s, 150s).empty());
}

/// Up to two retransmissions, up to 10 s apart.
TYPED_TEST(Topology, RetransmissionsOfAJoinAreNone) {  // SNP-10
  for (const Duration at : {100s, 110s, 120s}) this->rig.report(at);
  EXPECT_TRUE(this->asked(100s, 150s).empty());
}

TYPED_TEST(Topology, NorAreThoseOfARejoin) {  // SNP-10
  this->rig.report(50s);
  for (const Duration at : {100s, 111s, 120s}) this->rig.report(at);
  EXPECT_EQ(this->asked(100s, 150s), (Moments{100s, 101s}));
}

TYPED_TEST(Topology, AMemberThatHasLeftIsNone) {  // SNP-10
  this->rig.report(50s);
  this->rig.leave(60s);
  this->rig.report(100s);
  EXPECT_TRUE(this->asked(100s, 150s).empty());
}

TYPED_TEST(Topology, AnswersAreNone) {  // SNP-10
  this->rig.report(50s);
  this->rig.report(156'250ms);
  this->rig.report(167'250ms);  // 10 s to answer, and 1 s in transit
  EXPECT_EQ(this->asked(150s, 280s), (Moments{156'250ms}));
}

/// Also those to a query that takes no part in the election, and to a specific query.
TYPED_TEST(Topology, NorAreAnswersToQueriesOfOthers) {  // SNP-10
  this->rig.report(50s);
  this->rig.receive(100s, {});
  this->rig.report(110s);
  this->rig.receive_specific(120s, {.group = this->rig.kGroup, .max_response = 1s});
  this->rig.report(121s);
  EXPECT_TRUE(this->asked(100s, 150s).empty());
}

TYPED_TEST(Topology, WithoutTrackingNoMemberIsKnown) {
  auto settings = test::rfc_settings<TypeParam>();
  settings.explicit_tracking = false;
  TableRig<TypeParam> other{settings};
  other.report(50s);
  other.report(100s);
  other.run_until(150s);
  EXPECT_EQ(other.sent_at(), (Moments{0s, 31'250ms}));
}

TYPED_TEST(Topology, EachSignCanBeSwitchedOff) {
  auto settings = test::rfc_settings<TypeParam>();
  settings.query_on_solicitation = settings.query_on_bpdu = settings.query_on_rejoin = false;
  TableRig<TypeParam> other{settings};
  other.report(50s);
  other.apply(100s, BpduReceived{});
  other.leave(101s, {});
  other.report(102s);
  other.run_until(150s);
  EXPECT_EQ(other.sent_at(), (Moments{0s, 31'250ms}));
}

TEST(TopologyQueries, TheLongestAnswerIsThatOfTheOldestReader) {
  EXPECT_EQ(longest_answer(10s), 11s);
  EXPECT_EQ(longest_answer(0s), 11s) << "IGMPv1 has no response time";
  EXPECT_EQ(longest_answer(12'700ms), 13'700ms);
  EXPECT_EQ(longest_answer(12'800ms), 26'500ms) << "IGMPv2 reads its code as up to 25.5 s";
  EXPECT_EQ(longest_answer(100s), 101s);
}

/// A device that reports every 40 s for ever, whatever it is asked.
TEST(TopologyQueries, AHostThatNeverCeasesIsHeededLessAndLess) {  // SNP-11
  TopologyQueries queries;
  std::vector<Duration> pairs;
  for (Duration at = 1000s; at < 1000s + 24h; at += 40s) {
    if (queries.begin(TopologySign::kRejoin, TimePoint{at})) pairs.push_back(at);
  }
  EXPECT_LE(pairs.size(), 10U + 24U);
  EXPECT_EQ(pairs.front(), 1000s);
  EXPECT_GE(pairs.back() - pairs.at(pairs.size() - 2), 1h);
  EXPECT_TRUE(queries.begin(TopologySign::kBpdu, TimePoint{1000s + 24h}))
      << "other signs are heeded as before";
}

TEST(TopologyQueries, AnHourOfQuietRestoresTheShortPause) {  // SNP-11
  TopologyQueries queries;
  const auto rejoins = [&](Duration at) {
    return queries.begin(TopologySign::kRejoin, TimePoint{at});
  };
  EXPECT_TRUE(rejoins(1000s));
  EXPECT_TRUE(rejoins(1010s));
  EXPECT_FALSE(rejoins(1029s)) << "20 s after the second pair";
  EXPECT_TRUE(rejoins(1030s + 1h));
  EXPECT_FALSE(rejoins(1039s + 1h));
  EXPECT_TRUE(rejoins(1040s + 1h));
}

/// The same in the querier, which does not look for rejoins during a pause.
TYPED_TEST(Topology, AHostThatNeverCeasesIsHeededLessAndLess) {  // SNP-11
  std::size_t changes = 0;
  for (Duration at = 50s; at < 24h; at += 40s) changes += changes_in(this->rig.report(at)).size();
  EXPECT_GE(changes, 10U);
  EXPECT_LE(changes, 10U + 24U);
}

/// A forged query cannot hide rejoins for as long as it gives hosts to answer.
TYPED_TEST(Topology, AnswersAreExpectedForAMinuteAtMost) {
  this->rig.report(40s);
  this->rig.receive(50s, {}, {.max_response = 3174s});
  this->rig.report(109s);
  EXPECT_TRUE(this->asked(50s, 110s).empty());
  EXPECT_EQ(changes_in(this->rig.report(132s)).size(), 1U);
}

}  // namespace
}  // namespace mcq::core
