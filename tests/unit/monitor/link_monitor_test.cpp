#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/monitor_rig.hpp"

namespace mcq::monitor {
namespace {

using test::kMac;
using test::kOtherMac;
using test::Lan;
using testing::ElementsAre;
using testing::HasSubstr;

template <class F>
class ObserverTest : public test::MonitorRig<F> {};
TYPED_TEST_SUITE(ObserverTest, test::Families);

TYPED_TEST(ObserverTest, TellsOfALostElectionWhoWonIt) {
  this->link_up(0s);
  this->told();
  this->query(1s, this->kLower);
  const auto told = this->told();
  ASSERT_EQ(told.size(), 1U);
  const auto winner = to_string(this->kLower);
  EXPECT_EQ(told[0]["event"], "role-changed");
  EXPECT_EQ(told[0]["role"], "non-querier");
  EXPECT_EQ(told[0]["reason"], "lower querier");
  EXPECT_EQ(told[0]["querier"], winner);
  EXPECT_EQ(told[0]["mac-address"], "02:00:00:00:00:99");
  EXPECT_EQ(told[0]["interface-name"], "eth0");
  EXPECT_EQ(told[0]["priority"], "info");
  EXPECT_THAT(std::string{told[0]["message"]},
              HasSubstr("[Election] LOST to lower IP " + winner + ". Backing off."));
  EXPECT_EQ(this->monitor.statistics().elections_lost, 1U);
}

TYPED_TEST(ObserverTest, RemembersWhatTheOtherQuerierSays) {
  this->link_up(0s);
  this->query(1s, this->kLower);
  this->query(31s, this->kLower);
  const auto& other = this->monitor.other_querier();
  EXPECT_EQ(other.address, this->kLower);
  EXPECT_EQ(other.mac, kMac);
  EXPECT_EQ(other.version, TypeParam::kNewest);
  EXPECT_EQ(other.query_interval, 125s);
  EXPECT_EQ(other.robustness, 2);
  EXPECT_EQ(other.measured_interval, 30s);
  EXPECT_EQ(other.last_query, this->time(31s));
}

TYPED_TEST(ObserverTest, TellsOfAnotherWinner) {
  this->link_up(0s);
  this->query(1s, Lan<TypeParam>::host(5));
  this->told();
  this->query(2s, Lan<TypeParam>::host(5));
  EXPECT_TRUE(this->told().empty());  // the same
  this->query(3s, this->kLower, kOtherMac);
  const auto told = this->told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]["event"], "querier-changed");
  EXPECT_EQ(told[0]["querier"], to_string(this->kLower));
  EXPECT_EQ(told[0]["mac-address"], "02:00:00:00:00:77");
  EXPECT_EQ(this->monitor.other_querier().queries, 1U);
}

TYPED_TEST(ObserverTest, KnowsARivalByItsQueryAfterOurs) {
  this->link_up(0s);
  this->told();
  this->query(1s, this->kHigher);
  EXPECT_EQ(this->monitor.rival(this->time(1s)), nullptr);  // it has just started
  EXPECT_TRUE(this->told().empty());
  this->step(31'250ms, core::Tick{});  // we ask
  this->query(126s, this->kHigher);
  const auto* rival = this->monitor.rival(this->time(126s));
  ASSERT_NE(rival, nullptr);
  EXPECT_EQ(rival->address, this->kHigher);
  EXPECT_EQ(rival->undue, 1U);
  const auto told = this->told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]["event"], "noticed");
  EXPECT_EQ(told[0]["reason"], "other querier does not yield");
  EXPECT_EQ(told[0]["priority"], "warning");
  EXPECT_EQ(this->monitor.rival(this->time(126s + 10min)), nullptr);  // gone
}

TYPED_TEST(ObserverTest, ARivalThatWinsIsNoneAnyMore) {
  this->link_up(0s);
  this->query(1s, this->kHigher);
  this->step(31'250ms, core::Tick{});
  this->query(126s, this->kHigher);
  ASSERT_NE(this->monitor.rival(this->time(126s)), nullptr);
  this->query(127s, this->kLower);
  EXPECT_EQ(this->monitor.rival(this->time(127s)), nullptr);
}

TYPED_TEST(ObserverTest, AThirdQuerierChangesNothing) {
  this->link_up(0s);
  this->query(1s, this->kLower);
  this->told();
  this->query(2s, this->kHigher, kOtherMac);  // has just started, and will yield
  EXPECT_EQ(this->monitor.other_querier().address, this->kLower);
  this->query(3s, this->kLower);
  EXPECT_TRUE(this->told().empty());
  EXPECT_EQ(this->monitor.hosts().last_query(), this->time(3s));
}

TYPED_TEST(ObserverTest, ABurstOfOneThatHasNotHeardUsMakesNoRival) {
  this->link_up(0s);
  this->told();
  for (const auto at : {10s, 15s, 20s}) this->query(at, this->kHigher);
  this->step(31'250ms, core::Tick{});
  this->query(32s, this->kHigher);  // ours may not have been there yet
  EXPECT_EQ(this->monitor.rival(this->time(32s)), nullptr);
  EXPECT_TRUE(this->told().empty());
}

TYPED_TEST(ObserverTest, OneThatYieldsIsNoRival) {
  this->link_up(0s);
  this->query(1s, this->kHigher);
  this->query(1h, this->kHigher);  // it came back after an hour
  EXPECT_EQ(this->monitor.rival(this->time(1h)), nullptr);
}

TYPED_TEST(ObserverTest, NamesTheHostThatUsesOurAddress) {
  this->link_up(0s);
  this->told();
  EXPECT_EQ(this->monitor.duplicate(this->time(0s)), std::nullopt);
  this->query(1s, this->kSelf);
  EXPECT_EQ(this->monitor.duplicate(this->time(1s)), kMac);
  EXPECT_EQ(this->monitor.duplicate(this->time(1s + 10min)), std::nullopt);
  this->monitor.address_changed(this->kHigher, this->time(2s));
  EXPECT_EQ(this->monitor.duplicate(this->time(2s)), std::nullopt);
  const auto told = this->told();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0]["event"], "dropped");
  EXPECT_EQ(told[0]["reason"], "duplicate address");
  EXPECT_EQ(told[0]["mac-address"], "02:00:00:00:00:99");
}

TYPED_TEST(ObserverTest, ARogueIsToldAndCountedByWhatBecomesOfIt) {
  this->link_up(0s);
  this->settings.trusted_queriers.emplace();
  this->step(1s, core::SettingsChanged<TypeParam>{this->settings});
  this->told();
  this->query(2s, this->kLower);
  this->settings.on_rogue_querier = core::OnRogue::kIgnore;
  this->step(3s, core::SettingsChanged<TypeParam>{this->settings});
  this->query(4s, this->kLower);
  this->query(5s, this->kLower);  // counted, and not told again so soon
  const auto told = this->told();
  ASSERT_EQ(told.size(), 5U);  // the second and the third are the role, and the burst
  EXPECT_EQ(told[0]["event"], "noticed");
  EXPECT_EQ(told[0]["reason"], "rogue querier");
  EXPECT_EQ(told[0]["mac-address"], to_string(kMac));
  EXPECT_EQ(told[4]["event"], "dropped");
  EXPECT_EQ(told[4]["reason"], "rogue querier refused");
  EXPECT_EQ(this->monitor.faults().entries().at("rogue querier").count, 1U);
  EXPECT_EQ(this->monitor.drops().entries().at("rogue querier refused").count, 2U);
}

TYPED_TEST(ObserverTest, AnIgnoredQuerierIsCountedAndNoWarning) {
  this->link_up(0s);
  this->settings.ignored_queriers = {Lan<TypeParam>::kSubnet};
  this->step(1s, core::SettingsChanged<TypeParam>{this->settings});
  this->told();
  this->query(2s, this->kHigher);
  const auto told = this->told().at(0);
  EXPECT_EQ(told["reason"], "ignored querier");
  EXPECT_EQ(told["priority"], "info");
}

TYPED_TEST(ObserverTest, AStormOfQueriesIsTold) {
  this->link_up(0s);
  this->query(1s, this->kLower);
  this->told();
  for (int i = 1; i < 100; ++i) this->query(1s + i * 9ms, this->kLower);
  for (int i = 0; i < 100; ++i) this->query(2s + i * 9ms, this->kLower);
  EXPECT_TRUE(this->monitor.faults().entries().empty());
  this->query(3s - 1ms, this->kLower);
  this->query(3s - 1ms, {});  // those that do not count do so here
  EXPECT_EQ(this->monitor.faults().entries().at("query storm").count, 2U);
  EXPECT_EQ(this->told().at(0)["reason"], "query storm");
}

TYPED_TEST(ObserverTest, CountsMessagesByTypeAndVersion) {
  this->link_up(0s);
  this->query(1s, this->kHigher);
  this->report(2s);
  this->report(3s);
  const auto& s = this->monitor.statistics();
  EXPECT_EQ(s.queries.back(), 1U);
  EXPECT_EQ(s.reports.front(), 2U);
  EXPECT_EQ(s.reports.back(), 0U);
  EXPECT_EQ(s.leaves, 0U);
  EXPECT_EQ(s.general_queries_sent, 1U);
  EXPECT_EQ(s.specific_queries_sent, 0U);
}

TYPED_TEST(ObserverTest, ForgetsHostsThatAreNotTracked) {
  this->settings.explicit_tracking = false;
  this->link_up(0s);
  this->report(1s);
  EXPECT_EQ(this->monitor.hosts().size(), 0U);
}

TYPED_TEST(ObserverTest, AForeignReportMakesNoHost) {
  this->settings.verify_source_subnet = true;
  this->link_up(0s);
  this->step(0s, core::SettingsChanged<TypeParam>{this->settings});
  this->report(1s, Lan<TypeParam>::kElsewhere);
  EXPECT_EQ(this->monitor.hosts().size(), 0U);
  this->report(1s);
  EXPECT_EQ(this->monitor.hosts().size(), 1U);
}

TYPED_TEST(ObserverTest, AFaultPersistsUntilAQueryGetsThrough) {
  EXPECT_FALSE(this->monitor.persists(kCannotSend));
  this->monitor.failed(kCannotSend, Priority::kError, "cannot", this->time(1s));
  EXPECT_TRUE(this->monitor.persists(kCannotSend));
  this->link_up(2s);
  EXPECT_FALSE(this->monitor.persists(kCannotSend));
  this->monitor.failed(kCannotSend, Priority::kError, "cannot", this->time(3s));
  EXPECT_TRUE(this->monitor.persists(kCannotSend));
}

TYPED_TEST(ObserverTest, TellsOfMembersToThoseWhoFollow) {
  this->link_up(0s);
  this->events.follow();
  this->told();
  this->report(1s);
  EXPECT_THAT(this->kinds(), ElementsAre("noticed", "group-added", "host-seen"));  // an older host
  this->report(2s, Lan<TypeParam>::host(51));
  EXPECT_THAT(this->kinds(), ElementsAre("host-joined", "host-seen"));
  this->report(3s);
  EXPECT_TRUE(this->told().empty());
}

TYPED_TEST(ObserverTest, MakesNoEventsOfMembersForNobody) {
  this->link_up(0s);
  this->told();
  this->report(1s);
  EXPECT_THAT(this->kinds(), ElementsAre("noticed"));
}

TYPED_TEST(ObserverTest, TellsWhoShowsAChangeOfTheTopology) {  // SNP-08 to SNP-10
  this->link_up(0s);
  this->told();
  this->step(100s, core::BpduReceived{}, kMac);
  auto told = this->told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]["event"], "topology-changed");
  EXPECT_EQ(told[0]["reason"], "bpdu");
  EXPECT_EQ(told[0]["mac-address"], "02:00:00:00:00:99");
  EXPECT_FALSE(told[0].contains("address"));
  this->leave(200s, this->kMember, {});
  told = this->told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]["reason"], "solicitation");
  EXPECT_EQ(told[0]["address"], to_string(this->kMember));
  EXPECT_EQ(this->monitor.statistics().topology_changes, (std::array<std::uint64_t, 3>{1, 1, 0}));
  EXPECT_EQ(this->monitor.statistics().leaves, 0U) << "a solicitation is no leave";
}

TYPED_TEST(ObserverTest, AFlappingElectionIsToldOfWithinBounds) {
  this->link_up(0s);
  EXPECT_FALSE(this->monitor.is_flapping(this->time(0s)));
  auto lowest = test::general_query<TypeParam>();
  lowest.query_interval = 1s;
  lowest.robustness = 1;
  for (int i = 1; i <= 200; ++i) {  // we lose, and it is gone a moment later
    this->query(i * 20s, this->kLower, kMac, lowest);
    this->step(i * 20s + 10s, core::Tick{});
  }
  EXPECT_EQ(this->monitor.statistics().elections_lost, 200U);
  EXPECT_TRUE(this->monitor.is_flapping(this->time(4000s)));
  EXPECT_FALSE(this->monitor.is_flapping(this->time(4000s + 2h)));
  const auto kinds = this->kinds();
  const auto changes = std::count(kinds.begin(), kinds.end(), "role-changed");
  EXPECT_EQ(changes, 20 + 4000 / 60);  // at once, and then one a minute
}

TYPED_TEST(ObserverTest, WhatWasLeftOutIsSummedUp) {
  this->link_up(0s);
  auto lowest = test::general_query<TypeParam>();
  lowest.query_interval = 1s;
  lowest.robustness = 1;
  for (int i = 1; i <= 20; ++i) {
    this->query(i * 12ms, this->kLower, kMac, lowest);
    this->step(i * 12ms, core::LinkChanged<TypeParam>{});
    this->link_up(i * 12ms + 1ms);
  }
  this->told();
  this->query(10min, this->kLower);
  const auto told = this->told();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(std::string{told[0]["message"]}, HasSubstr("(41 like this were left out)"));
}

}  // namespace
}  // namespace mcq::monitor
