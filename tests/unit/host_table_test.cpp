#include "core/host_table.hpp"

#include <gtest/gtest.h>

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

  /// It reports at that time; true when it is new.
  bool report(Duration time, typename F::Address host = kHost) {
    return table.heard(host, kMac, F::kNewest, 10s, at(time)) == HostTable<F>::Heard::kNew;
  }
  void ask(Duration time) { table.asked(at(time)); }

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
  this->table.heard(this->kHost, kMac, TypeParam::kNewest, 10s, at(5s), true);
  EXPECT_EQ(this->table.answered(), 0U);
  EXPECT_EQ(this->table.find(this->kHost)->answered, 1U);
  this->report(6s, this->kOther);
  EXPECT_EQ(this->table.answered(), 1U);
}

TYPED_TEST(Hosts, ThatHaveLeftAreNotAwaited) {
  this->report(0s);
  this->report(0s, this->kOther);
  this->table.left(this->kHost);
  this->table.left(Lan<TypeParam>::host(52));  // nobody knows it
  for (int i = 1; i <= 2; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->table.silent_since(at(0s), 2), 1U);
  EXPECT_EQ(this->table.heard_since(at(0s)), 2U);
  this->report(125s);  // it has come back
  for (int i = 3; i <= 4; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->table.silent_since(at(0s), 2), 2U);
}

TYPED_TEST(Hosts, TheQueriersOwnIsNotAwaited) {
  this->table.heard(this->kHost, kMac, TypeParam::kNewest, 10s, at(0s), true);
  for (int i = 1; i <= 2; ++i) this->ask(i * 60s);
  EXPECT_EQ(this->table.silent_since(at(0s), 2), 0U);
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

TYPED_TEST(Hosts, ThatFellSilentAreCounted) {
  this->report(0s);
  this->report(0s, this->kOther);
  this->ask(20s);
  this->report(25s, this->kOther);
  this->ask(80s);
  EXPECT_EQ(this->table.silent_since(at(0s), 1), 2U);
  EXPECT_EQ(this->table.silent_since(at(0s), 2), 1U);
  EXPECT_EQ(this->table.silent_since(at(0s), 3), 0U);
  EXPECT_EQ(this->table.silent_since(at(0s) + 1ns, 2), 0U);  // too long ago
}

TYPED_TEST(Hosts, WithoutANameAnswerAsWell) {
  this->table.heard_unnamed(10s, at(0s));  // before any query
  this->ask(1s);
  EXPECT_EQ(this->table.answered(), 0U);
  this->table.heard_unnamed(10s, at(2s));
  EXPECT_EQ(this->table.answered(), 1U);
  EXPECT_EQ(this->table.size(), 0U);
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
  this->ask(1h);
  EXPECT_EQ(this->table.size(), 1U);
  EXPECT_EQ(this->table.find(this->kHost), nullptr);
  EXPECT_NE(this->table.find(this->kOther), nullptr);
}

TYPED_TEST(Hosts, AreCountedByTheirLastReport) {
  this->report(0s);
  this->report(10s, this->kOther);
  EXPECT_EQ(this->table.heard_since(at(0s)), 2U);
  EXPECT_EQ(this->table.heard_since(at(10s)), 1U);
  EXPECT_EQ(this->table.heard_since(at(10s + 1ns)), 0U);
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
    address.octets[13] = static_cast<std::uint8_t>(n >> 16U);
    address.octets[14] = static_cast<std::uint8_t>(n >> 8U);
    address.octets[15] = static_cast<std::uint8_t>(n);
    return address;
  };
  const auto report = [&](std::size_t n) {
    return table.heard(host(n), kMac, Mld::kNewest, 10s, at(0s));
  };
  for (std::size_t n = 0; n < Table::kMostHosts; ++n) ASSERT_EQ(report(n), Table::Heard::kNew);
  EXPECT_EQ(report(Table::kMostHosts), Table::Heard::kNoRoom);
  EXPECT_EQ(report(0), Table::Heard::kKnown);
  EXPECT_EQ(table.size(), Table::kMostHosts);
  EXPECT_EQ(table.find(host(Table::kMostHosts)), nullptr);

  std::map<Ipv6Address, int> visited;
  for (std::optional<std::size_t> place = 0; place;) {
    const auto before = visited.size();
    place = table.visit_some(*place, [&](const auto& a, const auto&) { ++visited[a]; });
    EXPECT_LT(visited.size() - before, 1000U);  // a step is a small one
  }
  EXPECT_EQ(visited.size(), Table::kMostHosts);
  for (const auto& [address, times] : visited) ASSERT_EQ(times, 1);

  // Room is made of those who never answer: host 0 does.
  for (int minute = 1; minute <= 3; ++minute) {
    table.asked(at(minute * 2min));
    table.heard(host(0), kMac, Mld::kNewest, 10s, at(minute * 2min));
  }
  table.asked(at(10min));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_NE(table.find(host(0)), nullptr);
}

}  // namespace
}  // namespace mcq::core
