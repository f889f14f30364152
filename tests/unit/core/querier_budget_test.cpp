#include <gtest/gtest.h>

#include "core/querier.hpp"
#include "support/querier_rig.hpp"

namespace mcq::core {
namespace {

using test::Lan;
using test::Rig;

TimePoint at(Duration d) { return TimePoint{d}; }

/// A querier, and somebody who joins and leaves group after group.
template <class F>
class LeaveStorm : public testing::Test {
 protected:
  static constexpr auto kForger = Lan<F>::host(99);

  LeaveStorm() { rig.link_up(); }

  /// As the rig does it, but one tick does not see to all that is due.
  void run_until(Duration when) {
    while (rig.querier().deadline() <= at(when)) {
      rig.step(Tick{}, std::max(rig.querier().deadline(), rig.now()));
    }
  }
  void join(Duration when, std::uint16_t group) {
    run_until(when);
    rig.apply(when, RecordReceived<F>{kForger, {RecordType::kToEx, Lan<F>::group(group), {}}});
  }
  Actions<F> leave(Duration when, std::uint16_t group) {
    run_until(when);
    return rig.apply(when,
                     RecordReceived<F>{kForger, {RecordType::kToIn, Lan<F>::group(group), {}}});
  }
  std::size_t specific_queries() const {
    return static_cast<std::size_t>(
        std::count_if(rig.sent.begin(), rig.sent.end(),
                      [](const auto& sent) { return !sent.second.query.is_general(); }));
  }
  static Actions<F> not_followed_up() { return {Noticed<F>{Notice::kNotFollowedUp, kForger}}; }

  Rig<F> rig;
};
TYPED_TEST_SUITE(LeaveStorm, test::Families);

constexpr std::uint16_t kGroups = 10000;

TYPED_TEST(LeaveStorm, DrawsABoundedNumberOfQueries) {
  for (std::uint16_t n = 0; n < kGroups; ++n) {
    this->join(10s, n);
    this->leave(10s, n);
  }
  EXPECT_EQ(this->specific_queries(), 4000U);
  this->run_until(60s);
  EXPECT_EQ(this->specific_queries(), 8000U);  // each that was begun has its second round
}

TYPED_TEST(LeaveStorm, InTheLongRunFiveHundredASecond) {
  std::uint16_t n = 0;
  for (auto now = Duration{10s}; now < 40s; now += 1ms) {
    this->join(now, n);
    this->leave(now, n++);
  }
  EXPECT_LE(this->specific_queries(), 2U * 4000 + 30 * 500);
  EXPECT_GT(this->specific_queries(), 29U * 500);
}

/// Nobody was asked, so nothing may end early; and nobody's leave is lost for good.
TYPED_TEST(LeaveStorm, WhatIsNotFollowedUpLivesAsIfNobodyHadLeft) {
  for (std::uint16_t n = 0; n < 4000; ++n) {
    this->join(10s, n);
    this->leave(10s, n);
  }
  this->join(10s, 20000);
  EXPECT_EQ(this->leave(10s, 20000), this->not_followed_up());
  this->run_until(13s);
  const auto& groups = this->rig.querier().groups();
  ASSERT_EQ(groups.size(), 1U);
  ASSERT_NE(groups.find(Lan<TypeParam>::group(20000)), nullptr);
  EXPECT_EQ(groups.find(Lan<TypeParam>::group(20000))->expires, at(10s + 270s));
  const auto asked = this->leave(20s, 20000);  // the budget has recovered
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<SendQuery<TypeParam>>(asked.front()));
  this->run_until(22s);
  EXPECT_EQ(groups.size(), 0U);
}

/// What fails spends as well: while nothing can be sent, no more is begun than 4,000 at once, and
/// what is tried again keeps to the budget. Afterwards a leave is followed up within seconds.
TYPED_TEST(LeaveStorm, WhatCannotBeSentIsTriedAgainWithinTheBudget) {  // IGMP-X-19
  std::size_t tried = 0;
  const auto fail_all = [&] {
    for (; tried < this->rig.sent.size(); ++tried) {
      const auto query = this->rig.sent[tried].second.query;
      if (!query.is_general()) this->rig.step(QueryFailed<TypeParam>{query}, this->rig.now());
    }
  };
  std::uint16_t n = 0;
  for (auto now = Duration{10s}; now < 70s; now += 5ms) {
    this->run_until(now);
    fail_all();
    this->join(now, n);
    this->leave(now, n++);
    fail_all();
  }
  EXPECT_LE(this->specific_queries(), 4000U + 60 * 500 + 4000);
  EXPECT_GT(this->specific_queries(), 20'000U);
  this->run_until(100s);
  this->join(100s, 50000);
  EXPECT_EQ(this->leave(100s, 50000).size(), 1U);
  this->run_until(110s);
  EXPECT_EQ(this->rig.querier().groups().find(Lan<TypeParam>::group(50000)), nullptr);
}

TYPED_TEST(LeaveStorm, OnlyLeavesThatWouldDrawQueriesAreCounted) {
  for (std::uint16_t n = 0; n < 4000; ++n) {
    this->join(10s, n);
    this->leave(10s, n);
  }
  using Host = RecordReceived<TypeParam>;
  const auto group = Lan<TypeParam>::group(20000);
  const std::vector sources{Lan<TypeParam>::source(1)};
  EXPECT_TRUE(this->leave(10s, 20000).empty());  // nobody listens to it
  this->join(10s, 20000);
  for (const auto type : {RecordType::kIsEx, RecordType::kToEx, RecordType::kAllow}) {
    EXPECT_TRUE(this->rig.apply(10s, Host{this->kForger, {type, group, {}}}).empty());
  }
  EXPECT_TRUE(
      this->rig.apply(10s, Host{this->kForger, {RecordType::kIsIn, group, sources}}).empty());
  EXPECT_EQ(this->rig.apply(10s, Host{this->kForger, {RecordType::kBlock, group, sources}}),
            this->not_followed_up());
}

TYPED_TEST(LeaveStorm, GeneralQueriesCostNothingAndWaitForNobody) {
  for (std::uint16_t n = 0; n < 5000; ++n) {
    this->rig.apply(1s, QueryRequested{});
  }
  this->join(1s, 1);
  EXPECT_EQ(this->leave(1s, 1).size(), 1U);
  for (std::uint16_t n = 0; n < 5000; ++n) {
    this->join(2s, n);
    this->leave(2s, n);
  }
  EXPECT_EQ(this->rig.apply(2s, QueryRequested{}), (Actions<TypeParam>{this->rig.own_query()}));
}

}  // namespace
}  // namespace mcq::core
