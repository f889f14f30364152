#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <string>

#include "support/monitor_rig.hpp"

namespace mcq::monitor {
namespace {

using test::Lan;
using testing::ElementsAre;

template <class F>
class ObserverOfMembers : public test::MonitorRig<F> {};
TYPED_TEST_SUITE(ObserverOfMembers, test::Families);

TYPED_TEST(ObserverOfMembers, KnowsWhoAnswersTheElectedQuerier) {
  this->link_up(0s);
  this->report(1s);
  EXPECT_EQ(this->monitor.hosts().answered(), 0U);  // a join
  this->run_until(40s);
  this->report(41s);
  EXPECT_EQ(this->monitor.hosts().answered(), 1U);  // ours
  this->query(50s, this->kLower);
  EXPECT_EQ(this->monitor.hosts().answered(), 0U);
  EXPECT_EQ(this->monitor.hosts().last_query(), this->time(50s));
  this->report(55s);
  EXPECT_EQ(this->monitor.hosts().answered(), 1U);  // the other's
}

TYPED_TEST(ObserverOfMembers, AReportOfAGroupThatWasKnownBeforeAQueryAnswersIt) {
  this->link_up(0s);
  this->report(1s);
  this->report(2s);  // as hosts repeat their first report (RFC 2236 §3, RFC 2710 §4)
  EXPECT_EQ(this->answered(), 0U);
  this->report(3s, Lan<TypeParam>::host(51), Lan<TypeParam>::group(2));
  this->run_until(40s);
  EXPECT_EQ(this->monitor.hosts().last_query(), this->time(31'250ms));
  this->report(33s, this->kMember, Lan<TypeParam>::group(3));
  EXPECT_EQ(this->answered(), 0U);
  this->report(34s, this->kMember, Lan<TypeParam>::group(2));  // of which another was a member
  EXPECT_EQ(this->answered(), 1U);
  this->report(35s);
  EXPECT_EQ(this->answered(), 1U);  // once
}

TYPED_TEST(ObserverOfMembers, OnlyARecordOfTheCurrentStateAnswersAQuery) {
  this->link_up(0s);
  for (const auto type : {RecordType::kToEx, RecordType::kToIn, RecordType::kAllow}) {
    this->records(1s, type);
    EXPECT_EQ(this->answered(), 0U);
  }
  this->records(2s, RecordType::kIsEx);
  EXPECT_EQ(this->answered(), 1U);
  this->run_until(40s);
  this->records(41s, RecordType::kToEx);
  EXPECT_EQ(this->answered(), 1U);
  this->records(42s, RecordType::kIsIn);
  EXPECT_EQ(this->answered(), 2U);
}

using ObserverOfIgmpMembers = test::MonitorRig<Igmp>;

TEST_F(ObserverOfIgmpMembers, OneThatReportsOnlyGroupsThatAreNotKeptAnswersWhenItIsKnown) {
  constexpr Ipv4Address kMdns{{224, 0, 0, 251}};
  link_up(0s);
  report(1s, kMember, kMdns);
  EXPECT_EQ(answered(), 0U);
  run_until(40s);
  report(41s, kMember, kMdns);
  EXPECT_EQ(answered(), 1U);
}

TYPED_TEST(ObserverOfMembers, AReportFromNobodyIsNoHostAndNoAnswer) {
  this->link_up(0s);
  this->report(1s, typename TypeParam::Address{});
  this->run_until(40s);
  this->report(41s, typename TypeParam::Address{});
  this->records(41s, RecordType::kIsEx, typename TypeParam::Address{});
  EXPECT_EQ(this->monitor.hosts().answered(), 0U);
  EXPECT_EQ(this->monitor.hosts().size(), 0U);
}

TYPED_TEST(ObserverOfMembers, TellsOfAGroupThatEndsWithoutALeave) {
  this->link_up(0s);
  this->report(40s);
  this->report(45s, Lan<TypeParam>::host(51));
  this->told();
  this->run_until(320s);
  const auto told = this->told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]["event"], "group-removed");
  EXPECT_EQ(told[0]["priority"], "info");
  EXPECT_EQ(told[0]["host-address"], to_string(Lan<TypeParam>::host(51)));
  EXPECT_EQ(told[0]["message"],
            this->monitor.name() + ": " + to_string(Lan<TypeParam>::kGroup) +
                " ended without a leave: " + to_string(Lan<TypeParam>::host(51)) +
                " reported it last, 270 s ago, of 2 hosts");
  EXPECT_EQ(this->silent(320s), 2U);
  this->run_until(3600s);
  EXPECT_EQ(this->silent(3600s), 2U);  // an hour after its last report it is forgotten
  this->report(3601s);
  this->leave(3602s, Lan<TypeParam>::host(51));
  EXPECT_EQ(this->silent(3602s), 0U);
}

TYPED_TEST(ObserverOfMembers, RemembersTheLatestGroupsThatEndedWithoutALeave) {
  this->link_up(0s);
  for (std::uint8_t i = 1; i <= 20; ++i) {
    this->report(40s + i * 1s, Lan<TypeParam>::host(50), Lan<TypeParam>::group(i));
  }
  for (std::uint8_t i = 51; i <= 54; ++i) {
    this->report(70s, Lan<TypeParam>::host(i), Lan<TypeParam>::group(20));
  }
  this->run_until(600s);
  const auto& ended = this->monitor.ended_groups();
  ASSERT_EQ(std::distance(ended.begin(), ended.end()), 16);
  EXPECT_EQ(ended.begin()->group, Lan<TypeParam>::group(5));
  EXPECT_THAT(ended.begin()->named(), ElementsAre(Lan<TypeParam>::host(50)));
  const auto& last = *std::prev(ended.end());
  EXPECT_EQ(last.group, Lan<TypeParam>::group(20));
  EXPECT_EQ(last.hosts_count, 5U);
  EXPECT_EQ(last.named().size(), 3U);
  this->report(700s, Lan<TypeParam>::host(50), Lan<TypeParam>::group(5));
  this->run_until(1200s);
  EXPECT_EQ(std::distance(ended.begin(), ended.end()), 16);  // a group is there once
  EXPECT_EQ(std::prev(ended.end())->group, Lan<TypeParam>::group(5));
  this->monitor.forget_hosts();
  EXPECT_EQ(ended.begin(), ended.end());
}

TYPED_TEST(ObserverOfMembers, AGroupThatIsLeftIsNoNews) {
  this->link_up(0s);
  this->records(40s, RecordType::kToEx);
  this->leave(50s);
  this->told();
  this->run_until(400s);
  EXPECT_TRUE(this->told().empty());
  const auto& ended = this->monitor.ended_groups();
  EXPECT_EQ(ended.begin(), ended.end());
  EXPECT_EQ(this->silent(400s), 0U);
}

TYPED_TEST(ObserverOfMembers, OneThatHasLeftAGroupIsNotSilentWhenAnotherEnds) {
  this->link_up(0s);
  this->records(40s, RecordType::kToEx);
  this->records(41s, RecordType::kToEx, this->kMember, Lan<TypeParam>::group(2));
  this->leave(50s);
  this->told();
  this->run_until(400s);
  EXPECT_THAT(this->kinds(), ElementsAre("group-removed"));
  EXPECT_EQ(this->silent(400s), 0U);
}

TYPED_TEST(ObserverOfMembers, WhileAnotherAsksMembersAreNotLost) {
  this->link_up(0s);
  this->report(40s);
  for (int i = 0; i <= 4; ++i) this->query(50s + i * 125s, this->kLower);
  this->told();
  this->run_until(600s);
  EXPECT_EQ(this->querier.groups().size(), 0U);
  EXPECT_TRUE(this->told().empty());
  EXPECT_EQ(this->silent(600s), 0U);
}

TYPED_TEST(ObserverOfMembers, WhatAnotherHasAskedIsNotMissedWhenWeTakeOver) {
  this->link_up(0s);
  this->records(40s, RecordType::kToEx);
  for (int i = 0; i <= 2; ++i) this->query(50s + i * 125s, this->kLower);
  this->run_until(575s);  // we ask from 555 s on
  EXPECT_EQ(this->querier.role(), core::Role::kQuerier);
  EXPECT_EQ(this->silent(575s), 0U);
  this->run_until(600s);
  EXPECT_EQ(this->silent(600s), 1U);  // two of ours
}

TYPED_TEST(ObserverOfMembers, MembersThatNobodyAskedAreNotLost) {  // after a long sleep
  this->link_up(0s);
  this->run_until(40s);
  this->report(41s);
  this->told();
  this->step(10h, core::Tick{});
  EXPECT_EQ(this->querier.groups().size(), 0U);
  EXPECT_TRUE(this->told().empty());
  EXPECT_EQ(this->silent(10h), 0U);
}

TYPED_TEST(ObserverOfMembers, GroupsThatEndWithoutALeaveAreToldOfWithinBounds) {
  this->link_up(0s);
  for (std::uint16_t i = 1; i <= 200; ++i) {
    this->report(40s, Lan<TypeParam>::host(static_cast<std::uint8_t>(50 + i % 100)),
                 Lan<TypeParam>::group(i));
  }
  this->told();
  this->run_until(400s);
  EXPECT_EQ(this->told().size(), 20U);
  EXPECT_EQ(this->silent(400s), 100U);
}

TYPED_TEST(ObserverOfMembers, AwaitsNobodyWhoHasLeft) {
  this->link_up(0s);
  const auto awaited = [&] {
    const auto* host = this->monitor.hosts().find(this->kMember);
    return host != nullptr && host->is_awaited;
  };
  this->report(1s);
  EXPECT_TRUE(awaited());
  this->leave(2s);
  EXPECT_FALSE(awaited());
  this->report(3s);
  EXPECT_TRUE(awaited());
}

TYPED_TEST(ObserverOfMembers, TheOwnHostIsNoneOfThoseThatAnswer) {
  this->link_up(0s);
  this->report(1s, this->kSelf, Lan<TypeParam>::kGroup, true);
  this->report(1s, typename TypeParam::Address{}, Lan<TypeParam>::kGroup, true);
  this->run_until(40s);
  this->report(41s, this->kSelf, Lan<TypeParam>::kGroup, true);
  EXPECT_EQ(this->monitor.hosts().answered(), 0U);
  EXPECT_EQ(this->monitor.hosts().size(), 1U);
  this->report(42s);
  EXPECT_EQ(this->monitor.hosts().answered(), 1U);
}

}  // namespace
}  // namespace mcq::monitor
