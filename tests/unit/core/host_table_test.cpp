#include "core/host_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>

#include "support/querier_rig.hpp"

namespace mcq::core {
namespace {

using test::Lan;

constexpr MacAddress kMac{{2, 0, 0, 0, 0, 1}};

TimePoint at(Duration time) { return TimePoint{1h + time}; }

template <class F>
class Hosts : public testing::Test {
 protected:
  static constexpr auto kHost = Lan<F>::host(50), kOther = Lan<F>::host(51);

  /// It answers at that time, if it is in time; true when it is new.
  bool report(Duration time, typename F::Address host = kHost, bool is_own = false) {
    const bool is_new = join(time, host, F::kNewest, is_own);
    if (table.may_answer(10s, at(time))) table.answered_now();
    return is_new;
  }
  /// It reports, which is no answer.
  bool join(Duration time, typename F::Address host = kHost,
            typename F::Version version = F::kNewest, bool is_own = false) {
    using Reporter = typename HostTable<F>::Reporter;
    return table.received_report(host, kMac, version, at(time),
                                 is_own ? Reporter::kOwnHost : Reporter::kHost) ==
           HostTable<F>::Insertion::kNew;
  }
  void ask(Duration time) { table.queried(at(time)); }
  /// It answers at that time, and names the group of switches or another one.
  void report_of_switch(Duration time, bool names_it, typename F::Address host = kHost) {
    using Reporter = typename HostTable<F>::Reporter;
    table.received_report(host, kMac, F::kNewest, at(time),
                          names_it ? Reporter::kSwitch : Reporter::kHost);
    if (table.may_answer(10s, at(time))) table.answered_now();
  }
  /// Silent hosts, asked in the newest version.
  std::size_t silent(Duration time) { return table.census(F::kNewest, 10s, at(time)).silent; }

  HostTable<F> table{Random{1}};
};
TYPED_TEST_SUITE(Hosts, test::Families);

TYPED_TEST(Hosts, AreNewOnce) {
  EXPECT_EQ(this->table.find(this->kHost), nullptr);
  EXPECT_TRUE(this->report(0s));
  EXPECT_FALSE(this->report(1s));
  EXPECT_TRUE(this->report(1s, this->kOther));
  EXPECT_EQ(this->table.size(), 2U);
  const KnownHost<TypeParam> expected{
      .mac = kMac, .version = TypeParam::kNewest, .since = at(0s), .last_report = at(1s)};
  EXPECT_EQ(*this->table.find(this->kHost), expected);
}

TYPED_TEST(Hosts, TheQueriersOwnDoesNotCountAmongThoseThatAnswer) {
  this->ask(0s);
  this->report(5s, this->kHost, true);
  EXPECT_EQ(this->table.answered(), 0U);
  EXPECT_EQ(this->table.find(this->kHost)->answered, 1U);
  EXPECT_EQ(this->table.census(TypeParam::kNewest, 10s, at(5s)).answering, 0U);
  this->report(6s, this->kOther);
  EXPECT_EQ(this->table.answered(), 1U);
}

TYPED_TEST(Hosts, ThatHaveLeftAreNotAwaited) {
  this->report(0s);
  this->report(0s, this->kOther);
  this->table.left_group(this->kHost);
  this->table.left_group(Lan<TypeParam>::host(52));  // nobody knows it
  for (int i = 1; i <= 2; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->silent(131s), 1U);
  EXPECT_EQ(this->table.reported_since(at(0s)), 2U);
  this->report(135s);  // it has come back
  for (int i = 3; i <= 4; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->silent(251s), 2U);
}

TYPED_TEST(Hosts, TheQueriersOwnIsSilentForItself) {
  const auto own_silent = [&](Duration time) {
    return this->table.is_own_silent(*this->table.find(this->kHost), TypeParam::kNewest, 10s,
                                     at(time));
  };
  this->report(0s, this->kHost, true);
  for (int i = 1; i <= 2; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->silent(131s), 0U);
  EXPECT_FALSE(own_silent(131s - 1ns));
  EXPECT_TRUE(own_silent(131s));
  this->report(132s, this->kHost, true);
  EXPECT_FALSE(own_silent(132s));
  this->table.left_group(this->kHost);
  for (int i = 3; i <= 4; ++i) this->ask(i * 60s);
  EXPECT_FALSE(own_silent(251s));
  this->report(252s, this->kOther);
  EXPECT_FALSE(this->table.is_own_silent(*this->table.find(this->kOther), TypeParam::kNewest, 10s,
                                         at(500s)));
}

TYPED_TEST(Hosts, ABurstOfQueriesMayPutTheOwnAnswerOff) {
  this->report(0s, this->kHost, true);
  for (int i = 1; i <= 50; ++i) this->ask(i * 1s);
  const auto own_silent = [&](Duration time) {
    return this->table.is_own_silent(*this->table.find(this->kHost), TypeParam::kNewest, 10s,
                                     at(time));
  };
  EXPECT_FALSE(own_silent(50s - 1ns));
  EXPECT_TRUE(own_silent(50s));
}

TYPED_TEST(Hosts, ASwitchProvesNothing) {
  this->report_of_switch(0s, true);
  this->ask(60s);
  this->report_of_switch(61s, false);  // of another group: it is a switch all the same
  EXPECT_EQ(this->table.answered(), 0U);
  EXPECT_EQ(this->table.census(TypeParam::kNewest, 10s, at(62s)).answering, 0U);
  EXPECT_EQ(this->table.unheard(10s, at(71s)), 1U);
  for (int i = 2; i <= 3; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->silent(200s), 0U);
  this->report(201s, this->kOther);
  EXPECT_EQ(this->table.unheard(10s, at(202s)), 0U);
}

TYPED_TEST(Hosts, QueriesWithoutAReportAreCounted) {
  EXPECT_EQ(this->table.unheard(10s, at(0s)), 0U);
  for (int i = 0; i <= 2; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->table.unheard(10s, at(131s - 1ns)), 2U);
  EXPECT_EQ(this->table.unheard(10s, at(131s)), 3U);
  this->report(132s, this->kHost, true);
  EXPECT_EQ(this->table.unheard(10s, at(132s)), 3U);
  this->report(133s, this->kOther);
  EXPECT_EQ(this->table.unheard(10s, at(133s)), 0U);
  this->ask(180s);
  this->ask(240s);
  EXPECT_EQ(this->table.unheard(10s, at(241s)), 1U);
  this->table.forgive();
  EXPECT_EQ(this->table.unheard(10s, at(300s)), 0U);
}

TYPED_TEST(Hosts, AReportThatIsNoAnswerCountsForNone) {
  this->ask(0s);
  this->join(1s);
  EXPECT_EQ(this->table.answered(), 0U);
  EXPECT_EQ(this->table.find(this->kHost)->answered, 0U);
  this->report(2s);  // it answers after it has joined
  EXPECT_EQ(this->table.answered(), 1U);
  EXPECT_FALSE(this->table.may_answer(10s, at(3s)));
  this->ask(60s);
  this->join(61s);
  EXPECT_TRUE(this->table.may_answer(10s, at(61s)));
}

TYPED_TEST(Hosts, AnswerAQueryOnceAndInTime) {
  this->ask(0s);
  this->report(5s);
  this->report(6s);
  EXPECT_EQ(this->table.answered(), 1U);
  this->report(7s, this->kOther);
  EXPECT_EQ(this->table.answered(), 2U);
  EXPECT_EQ(this->table.find(this->kHost)->answered, 1U);
}

TYPED_TEST(Hosts, ThatReportBeforeAnyQueryOrTooLateAnswerNone) {
  this->report(-5s);
  EXPECT_EQ(this->table.answered(), 0U);
  this->ask(0s);
  this->report(11s + 1ns);
  EXPECT_EQ(this->table.answered(), 0U);
  EXPECT_EQ(this->table.find(this->kHost)->answered, 0U);
  this->report(11s, this->kOther);  // a second more than the time to answer
  EXPECT_EQ(this->table.answered(), 1U);
}

TYPED_TEST(Hosts, TheQueryBeforeIsRemembered) {
  EXPECT_EQ(this->table.last_query(), kNever);
  this->ask(0s);
  EXPECT_EQ(this->table.answered_before(), std::nullopt);
  this->report(1s);
  this->ask(60s);
  EXPECT_EQ(this->table.answered_before(), 1U);
  EXPECT_EQ(this->table.answered(), 0U);
  EXPECT_EQ(this->table.last_query(), at(60s));
  this->ask(120s);
  EXPECT_EQ(this->table.answered_before(), 0U);
}

TYPED_TEST(Hosts, MissWhatIsAskedAfterTheirLastReport) {
  this->report(0s);
  const auto missed = [&] { return this->table.missed(*this->table.find(this->kHost)); };
  EXPECT_EQ(missed(), 0U);
  this->ask(10s);
  this->ask(70s);
  EXPECT_EQ(missed(), 2U);
  this->report(75s);
  EXPECT_EQ(missed(), 0U);
}

TYPED_TEST(Hosts, AreSilentWhenTheyHaveMissedTwoQueries) {
  this->report(0s);
  this->report(0s, this->kOther);
  this->ask(20s);
  this->report(25s, this->kOther);
  EXPECT_EQ(this->silent(79s), 0U);
  this->ask(80s);
  EXPECT_EQ(this->silent(91s - 1ns), 0U);  // it may still answer
  EXPECT_EQ(this->silent(91s), 1U);
  this->ask(140s);
  EXPECT_EQ(this->silent(140s), 1U);  // that one has not missed this one yet
  EXPECT_EQ(this->silent(151s), 2U);
  EXPECT_EQ(this->silent(2h), 2U);  // nobody has reported since
  this->report(1h, Lan<TypeParam>::host(52));
  EXPECT_EQ(this->silent(1h), 1U);  // too long ago
}

TYPED_TEST(Hosts, AnOlderOneIsSilentOnlyWhenItsGroupHasEnded) {  // RFC 2236 §3, RFC 2710 §4
  using V = typename TypeParam::Version;
  const V older{1};
  this->join(0s, this->kHost, older);
  this->join(0s, this->kOther, older);
  for (int i = 1; i <= 3; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->silent(200s), 0U);  // others may have reported
  EXPECT_TRUE(this->table.membership_expired(this->kHost, 10s, at(200s)));
  EXPECT_FALSE(
      this->table.membership_expired(Lan<TypeParam>::host(52), 10s, at(200s)));  // nobody knows it
  EXPECT_EQ(this->silent(200s), 1U);
  this->join(210s, this->kHost, older);
  for (int i = 4; i <= 6; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->silent(400s), 0U);
}

TYPED_TEST(Hosts, OneThatCouldNotAnswerIsNotLost) {
  this->report(0s);
  EXPECT_FALSE(this->table.membership_expired(this->kHost, 10s, at(60s)));
  this->ask(60s);
  EXPECT_FALSE(this->table.membership_expired(this->kHost, 10s, at(71s - 1ns)));
  EXPECT_TRUE(this->table.membership_expired(this->kHost, 10s, at(71s)));
  this->report(72s);
  for (int i = 0; i < 2; ++i) this->ask(80s + i * 1s);  // asked faster than it has to answer
  EXPECT_TRUE(this->table.membership_expired(this->kHost, 10s, at(81s)));
}

TYPED_TEST(Hosts, OneThatIsAskedInAnOlderVersionKeepsQuietAsOlderOnesDo) {
  this->join(0s);
  for (int i = 1; i <= 3; ++i) this->ask(i * 60s);
  const auto silent = [&](typename TypeParam::Version version) {
    return this->table.census(version, 10s, at(200s)).silent;
  };
  EXPECT_EQ(silent(typename TypeParam::Version{1}), 0U);
  EXPECT_EQ(silent(TypeParam::kNewest), 1U);
}

TYPED_TEST(Hosts, WhatWasMissedIsForgiven) {
  this->report(0s);
  for (int i = 1; i <= 3; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->silent(200s), 1U);
  this->table.forgive();
  EXPECT_EQ(this->silent(200s), 0U);
  EXPECT_EQ(this->table.missed(*this->table.find(this->kHost)), 0U);
  this->ask(240s);
  EXPECT_EQ(this->silent(251s), 0U);
  this->ask(300s);
  EXPECT_EQ(this->silent(311s), 1U);
}

TYPED_TEST(Hosts, AreCountedByWhatTheyAnswer) {
  const auto counts = [&](Duration time) {
    const auto census = this->table.census(TypeParam::kNewest, 10s, at(time));
    return std::array{census.answering, census.silent, census.never_answered};
  };
  using Counts = std::array<std::size_t, 3>;
  this->ask(0s);
  this->report(1s);
  this->join(20s, this->kOther);
  EXPECT_EQ(counts(21s), (Counts{1, 0, 0}));
  this->ask(60s);
  EXPECT_EQ(counts(71s), (Counts{1, 0, 0}));  // the query before
  this->ask(120s);
  EXPECT_EQ(counts(131s - 1ns), (Counts{1, 0, 0}));
  EXPECT_EQ(counts(131s), (Counts{0, 2, 1}));
  this->ask(180s);
  this->report(181s);
  EXPECT_EQ(counts(181s), (Counts{1, 1, 1}));
}

TYPED_TEST(Hosts, TheTimeToAnswerEnds) {
  EXPECT_FALSE(this->table.is_answer_over(10s, at(0s)));
  this->ask(0s);
  EXPECT_FALSE(this->table.is_answer_over(10s, at(11s - 1ns)));
  EXPECT_TRUE(this->table.is_answer_over(10s, at(11s)));
}

TYPED_TEST(Hosts, AreForgottenAfterAnHourOfSilence) {
  this->report(0s);
  this->report(1s, this->kOther);
  this->ask(1h - 1min);
  EXPECT_EQ(this->table.size(), 2U);
  this->ask(1h - 1ns);  // looks no more often than once a minute
  this->report(1h, this->kOther);
  this->ask(1h);
  EXPECT_EQ(this->table.size(), 1U);
  EXPECT_EQ(this->table.find(this->kHost), nullptr);
  EXPECT_NE(this->table.find(this->kOther), nullptr);
}

TYPED_TEST(Hosts, AreRememberedWhileNobodyReports) {
  this->report(0s);
  this->report(1s, this->kOther);
  this->table.left_group(this->kOther);
  for (int i = 1; i <= 24; ++i) this->ask(i * 1h);
  EXPECT_EQ(this->table.size(), 1U);  // one that has left is forgotten
  EXPECT_EQ(this->silent(24h + 11s), 1U);
  this->report(25h, this->kOther);
  EXPECT_EQ(this->silent(25h), 0U);
  this->ask(25h);
  EXPECT_EQ(this->table.find(this->kHost), nullptr);
}

TYPED_TEST(Hosts, AreCountedByTheirLastReport) {
  this->report(0s);
  this->report(10s, this->kOther);
  EXPECT_EQ(this->table.reported_since(at(0s)), 2U);
  EXPECT_EQ(this->table.reported_since(at(10s)), 1U);
  EXPECT_EQ(this->table.reported_since(at(10s + 1ns)), 0U);
}

TYPED_TEST(Hosts, AreForgottenWithTheLink) {
  this->ask(0s);
  this->report(1s);
  this->table.clear();
  EXPECT_EQ(this->table.size(), 0U);
  EXPECT_EQ(this->table.answered(), 0U);
  EXPECT_EQ(this->table.last_query(), kNever);
}

TEST(HostTable, HoldsSoManyAtMost) {
  using Table = HostTable<Mld>;
  Table table{Random{1}};
  const auto host = [](std::size_t n) {
    auto address = Lan<Mld>::host(0);
    address.bytes[13] = static_cast<std::uint8_t>(n >> 16U);
    address.bytes[14] = static_cast<std::uint8_t>(n >> 8U);
    address.bytes[15] = static_cast<std::uint8_t>(n);
    return address;
  };
  const auto report = [&](std::size_t n) {
    return table.received_report(host(n), kMac, Mld::kNewest, at(0s));
  };
  for (std::size_t n = 0; n < Table::kMaxHosts; ++n) ASSERT_EQ(report(n), Table::Insertion::kNew);
  EXPECT_EQ(report(Table::kMaxHosts), Table::Insertion::kNoRoom);
  EXPECT_FALSE(table.may_answer(10s, at(0s)));
  EXPECT_EQ(report(0), Table::Insertion::kKnown);
  EXPECT_EQ(table.size(), Table::kMaxHosts);
  EXPECT_EQ(table.find(host(Table::kMaxHosts)), nullptr);

  std::map<Ipv6Address, int> visited;
  for (std::optional<std::size_t> place = 0; place;) {
    const auto before = visited.size();
    place = table.visit_some(*place, [&](const auto& a, const auto&) { ++visited[a]; });
    EXPECT_LT(visited.size() - before, 1000U);  // a step is a small one
  }
  EXPECT_EQ(visited.size(), Table::kMaxHosts);
  for (const auto& [address, times] : visited) ASSERT_EQ(times, 1);

  // Room is made of those who never answer: host 0 does.
  for (int minute = 1; minute <= 3; ++minute) {
    table.queried(at(minute * 2min));
    table.received_report(host(0), kMac, Mld::kNewest, at(minute * 2min));
    ASSERT_TRUE(table.may_answer(10s, at(minute * 2min)));
    table.answered_now();
  }
  table.queried(at(10min));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_NE(table.find(host(0)), nullptr);
}

}  // namespace
}  // namespace mcq::core
