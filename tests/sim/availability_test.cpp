// Random failures of queriers, some of them. `availability` counts many more, and more closely.

#include "sim/availability.hpp"

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

constexpr std::uint64_t kSchedules = 40;

template <Family F>
Tally try_out_some(const Contender& contender, const Ordeal& ordeal) {
  Tally sum;
  for (std::uint64_t seed = 1; seed <= kSchedules; ++seed) {
    sum += try_out<F>(contender, ordeal, seed);
  }
  return sum;
}

template <class F>
struct Availability : testing::Test {};
TYPED_TEST_SUITE(Availability, Families, Names);

/// But where a querier comes back in the very last seconds before its successor would ask, which is
/// less than once in a thousand failovers (docs/availability.md), and in none of these.
TYPED_TEST(Availability, NoStreamIsOutWhileNoPacketIsLost) {
  const auto tally = try_out_some<TypeParam>(ours(), {});
  EXPECT_EQ(tally.outages, 0) << seconds(tally.longest) << " s";
  EXPECT_GT(tally.failovers, 2 * static_cast<int>(kSchedules));
  EXPECT_TRUE(keeps_the_rules(tally.violations));
}

TYPED_TEST(Availability, NorWhenTwoOfThreeFail) {
  const auto tally = try_out_some<TypeParam>(ours(), {.queriers = 3, .in_pairs = true});
  EXPECT_EQ(tally.outages, 0) << seconds(tally.longest) << " s";
  EXPECT_TRUE(keeps_the_rules(tally.violations));
}

TYPED_TEST(Availability, StreamsDieWithTheOnlyQuerierAndWithTheLastOfTwo) {
  EXPECT_GT(try_out_some<TypeParam>(ours(), {.queriers = 1}).longest, 60s);
  EXPECT_GT(try_out_some<TypeParam>(ours(), {.queriers = 2, .in_pairs = true}).longest, 60s);
}

TYPED_TEST(Availability, IsNeverWorseThanThatOfTheRfcs) {
  for (const int loss : {0, 2, 10}) {
    const auto ours = try_out_some<TypeParam>(sim::ours(), {.loss = loss});
    for (const auto& theirs : {rfc_2236(), rfc_9776()}) {
      SCOPED_TRACE(testing::Message() << theirs.name << " at " << loss << " %");
      const auto tally = try_out_some<TypeParam>(theirs, {.loss = loss});
      EXPECT_LT(ours.outages, tally.outages);
      EXPECT_LT(ours.out, tally.out);
    }
  }
}

}  // namespace
}  // namespace mcq::sim
