// Leaves by the hundred, forged ones, and what a switch makes of them.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

template <class F>
struct Leaves : testing::Test {
  const typename F::Address group = sim::group<F>(1);
};
TYPED_TEST_SUITE(Leaves, Families, Names);

/// However often somebody says that he leaves, members are asked as often as once.
TYPED_TEST(Leaves, ForgedByTheThousandBringOneRound) {  // IGMP-M-08, IGMP-X-17
  for (const auto version : kLeavers<TypeParam>) {
    for (const bool has_member : {true, false}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(version) << ' ' << has_member);
      Link<TypeParam> lan(1, kKnownRouters);
      Voice<TypeParam> voice(lan.world());
      lan.plug_into_switch(voice);
      auto& querier = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
      auto& host = lan.add_host(version);
      host.answers_after(50);
      lan.join(host, this->group);
      lan.run_until(100s);
      if (!has_member) lan.cut(host);
      for (int i = 0; i < 1000; ++i) {
        voice.leave(address<TypeParam>(66), this->group);
        lan.run_until(100s + i * 100us);
      }
      lan.run_until(102s - 1ns);
      EXPECT_TRUE(querier.knows(this->group));
      lan.run_until(102s);
      EXPECT_EQ(querier.knows(this->group), has_member);
      lan.run_until(150s);
      const bool is_answered = has_member && version != TypeParam::kNewest;  // IGMP-M-05
      EXPECT_EQ(querier.asked_about(this->group),
                is_answered ? (Seconds{100}) : (Seconds{100, 101}));
      EXPECT_TRUE(keeps_the_rules(lan.violations()));
    }
  }
}

/// Those that go on for a minute get a round per last member query interval, and no more.
TYPED_TEST(Leaves, ForgedWithoutEndBringOneQueryASecond) {  // IGMP-X-17
  for (const auto version : kLeavers<TypeParam>) {
    SCOPED_TRACE(static_cast<int>(version));
    Link<TypeParam> lan(1, kKnownRouters);
    Voice<TypeParam> voice(lan.world());
    lan.plug_into_switch(voice);
    auto& querier = lan.add(address<TypeParam>(1), speaking<TypeParam>(version));
    auto& host = lan.add_host(version);
    lan.join(host, this->group);
    lan.run_until(100s);
    for (auto t = 100'000ms; t < 160'000ms; t += 20ms) {
      voice.leave(address<TypeParam>(66), this->group);
      lan.run_until(t);
      ASSERT_TRUE(querier.knows(this->group));
    }
    EXPECT_LE(querier.asked_about(this->group).size(), 60U);
    EXPECT_GE(querier.asked_about(this->group).size(), 30U);
    EXPECT_TRUE(keeps_the_rules(lan.violations()));
  }
}

constexpr int kHosts = 20, kGroups = 20;

/// Everybody joins all groups, and all but `faithful` hosts leave them, each in one instant.
template <Family F>
void come_and_go(typename F::Version version, int faithful) {
  SCOPED_TRACE(static_cast<int>(version));
  Link<F> lan(1, kKnownRouters);
  auto& low = lan.add(address<F>(1), speaking<F>(version));
  auto& high = lan.add(address<F>(2), speaking<F>(version));
  const auto each_group = [](auto what) {
    for (std::uint8_t n = 1; n <= kGroups; ++n) what(group<F>(n));
  };
  std::vector<Host<F>*> hosts;
  for (int i = 0; i < kHosts; ++i) hosts.push_back(&lan.add_host(version));
  lan.run_until(10s);
  each_group([&](const auto& joined) {
    for (auto* host : hosts) lan.join(*host, joined);
  });
  lan.run_until(100s);
  EXPECT_EQ(low.groups(), std::size_t{kGroups});
  EXPECT_EQ(high.groups(), std::size_t{kGroups});
  hosts.erase(hosts.begin(), hosts.begin() + faithful);
  each_group([&](const auto& left) {
    for (auto* host : hosts) lan.leave(*host, left);
  });
  lan.run_until(110s);
  const auto kept = faithful > 0 ? std::size_t{kGroups} : 0U;
  EXPECT_EQ(low.groups(), kept);
  EXPECT_EQ(high.groups(), kept);
  EXPECT_TRUE(high.specific_queries().empty());
  each_group([&](const auto& left) {
    const auto asked = low.asked_about(left);
    ASSERT_FALSE(asked.empty());
    EXPECT_EQ(asked.front(), 100);
    // A leave that is repeated after an answer begins another round, an interval later.
    EXPECT_LE(asked.size(), faithful > 0 ? 4U : 2U);
  });
  EXPECT_TRUE(keeps_the_rules(lan.violations()));
}

TYPED_TEST(Leaves, OfEverybodyAtOnceEmptyTheTable) {  // IGMP-X-01, IGMP-X-09
  for (const auto version : kLeavers<TypeParam>) come_and_go<TypeParam>(version, 0);
}

TYPED_TEST(Leaves, OfAllButOneKeepTheTable) {
  for (const auto version : kLeavers<TypeParam>) come_and_go<TypeParam>(version, 1);
}

/// More groups than the table ends in one go.
TYPED_TEST(Leaves, OfThousandsOfGroupsAreAllSeenTo) {
  using F = TypeParam;
  Link<F> lan(1, kKnownRouters);
  Voice<F> voice(lan.world());
  lan.plug_into_switch(voice);
  auto& querier = lan.add(address<F>(1), speaking<F>(F::kNewest));
  const auto everything = [](RecordType type) {
    OwnReport<F> report;
    for (int n = 0; n < 3000; ++n) {
      auto one = sim::group<F>(static_cast<std::uint8_t>(n % 250));
      one.bytes[one.bytes.size() - 2] = static_cast<std::uint8_t>(n / 250 + 1);
      report.records.push_back({type, one, {}});
    }
    return report;
  };
  lan.run_until(100s);
  voice.tell(address<F>(7), everything(RecordType::kToEx));
  lan.run_until(101s);
  EXPECT_EQ(querier.groups(), 3000U);
  voice.tell(address<F>(7), everything(RecordType::kToIn));
  lan.run_until(103s - 1ns);
  EXPECT_EQ(querier.groups(), 3000U);
  lan.run_until(103s);
  EXPECT_EQ(querier.groups(), 0U);
  EXPECT_EQ(querier.specific_queries().size(), 6000U);
  EXPECT_TRUE(keeps_the_rules(lan.violations()));
}

/// Two hosts behind one port of a switch that ends a stream 3 s after somebody left, come what may.
/// Returns whether the one that stays still has it, from then until the next round.
template <Family F>
bool survives_its_neighbour(typename F::Version version, bool querier_lives) {
  Link<F> lan(1, {.after_leave = 3s});
  auto& querier = lan.add(address<F>(1), speaking<F>(version));
  auto& leaver = lan.add_host(version);
  auto& other = lan.add_host_beside(leaver, version);
  lan.run_until(10s);
  lan.join(leaver, group<F>(1));
  lan.join(other, group<F>(1));
  lan.run_until(100s);
  if (!querier_lives) querier.crash();
  lan.leave(leaver, group<F>(1));
  bool has_it = true;
  for (auto t = 100s; t <= 150s; t += 1s) {
    lan.run_until(t);
    has_it = has_it && lan.reaches(other, group<F>(1));
  }
  return has_it;
}

TYPED_TEST(Leaves, OfANeighbourDoNotEndAStreamWhereAQuerierAsks) {
  for (const auto version : kLeavers<TypeParam>) {
    EXPECT_TRUE(survives_its_neighbour<TypeParam>(version, true));
    EXPECT_FALSE(survives_its_neighbour<TypeParam>(version, false));
  }
}

/// A careful switch ends a stream because a querier asked and nobody answered, and not before it
/// ages where nobody asks.
TYPED_TEST(Leaves, EndAStreamSoonWhereAQuerierAsks) {
  for (const bool querier_lives : {true, false}) {
    Link<TypeParam> lan;
    auto& querier = lan.add(address<TypeParam>(1));
    auto& host = lan.add_host();
    lan.run_until(10s);
    lan.join(host, this->group);
    lan.run_until(100s);
    if (!querier_lives) querier.crash();
    lan.leave(host, this->group);
    lan.run_until(103s);  // two response times and a second
    EXPECT_TRUE(lan.reaches(host, this->group));
    lan.run_until(104s);
    EXPECT_EQ(lan.reaches(host, this->group), !querier_lives);
  }
}

}  // namespace
}  // namespace mcq::sim
