#include "base/random.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>

namespace mcq {
namespace {

// The first outputs of the reference SplitMix64 for the seed 1234567.
TEST(Random, IsTheReferenceGenerator) {
  Random random{1234567};
  for (const std::uint64_t expected :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U,
        16408922859458223821U}) {
    EXPECT_EQ(random.next(), expected);
  }
}

TEST(Random, RepeatsARunFromItsSeedAndOnlyFromIt) {
  Random first{7}, again{7}, other{8};
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto value = first.next();
    ASSERT_EQ(value, again.next());
    differs = differs || value != other.next();
  }
  EXPECT_TRUE(differs);
}

RC_GTEST_PROP(Random, StaysBelowItsBound, (std::uint64_t seed, std::uint64_t bound)) {
  const auto value = Random{seed}.below(bound);
  if (bound == 0) {
    RC_ASSERT(value == 0U);
  } else {
    RC_ASSERT(value < bound);
  }
}

TEST(Random, ReachesEveryValueBelowASmallBound) {
  Random random{1};
  std::array<int, 4> seen{};
  for (int i = 0; i < 1000; ++i) ++seen[random.below(4)];
  for (const int count : seen) EXPECT_GT(count, 150);
}

RC_GTEST_PROP(Random, DrawsBetweenTwoTimes,
              (std::uint64_t seed, std::uint32_t a, std::uint32_t b)) {
  const Duration low{std::min(a, b)}, high{std::max(a, b)};
  const auto drawn = Random{seed}.between(low, high);
  RC_ASSERT(low <= drawn);
  RC_ASSERT(drawn <= high);
}

TEST(Random, DrawsBothEndsOfARange) {
  Random random{1};
  bool low = false, high = false;
  for (int i = 0; i < 100; ++i) {
    const auto drawn = random.between(5ns, 6ns);
    low = low || drawn == 5ns;
    high = high || drawn == 6ns;
  }
  EXPECT_TRUE(low);
  EXPECT_TRUE(high);
}

TEST(Random, DrawsTheLowerEndOfAnEmptyRange) {
  EXPECT_EQ(Random{1}.between(3s, 3s), 3s);
  EXPECT_EQ(Random{1}.between(3s, 2s), 3s);
}

}  // namespace
}  // namespace mcq
