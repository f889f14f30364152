#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace mcq {
namespace {

constexpr TimePoint kStart{100h};

int allowed(RateLimit& limit, int times, TimePoint now) {
  int count = 0;
  for (int i = 0; i < times; ++i) count += limit.allows(now) ? 1 : 0;
  return count;
}

TEST(RateLimit, LetsANumberThroughAtOnceAndThenOneAnInterval) {
  RateLimit limit;
  EXPECT_EQ(allowed(limit, 100, kStart), RateLimit::kAtOnce);
  EXPECT_EQ(allowed(limit, 100, kStart + RateLimit::kInterval - 1ns), 0);
  EXPECT_EQ(allowed(limit, 100, kStart + RateLimit::kInterval), 1);
  EXPECT_EQ(allowed(limit, 100, kStart + 4 * RateLimit::kInterval), 3);
}

TEST(RateLimit, ALongSilenceRestoresNoMoreThanTheNumber) {
  RateLimit limit;
  allowed(limit, 100, kStart);
  EXPECT_EQ(allowed(limit, 100, kStart + 1000 * RateLimit::kInterval), RateLimit::kAtOnce);
}

TEST(RateLimit, CountsWhatItHoldsBack) {
  RateLimit limit;
  allowed(limit, RateLimit::kAtOnce, kStart);
  EXPECT_EQ(limit.take_held_back(), 0U);
  allowed(limit, 3, kStart);
  EXPECT_EQ(limit.take_held_back(), 3U);
  EXPECT_EQ(limit.take_held_back(), 0U);
}

TEST(RateLimit, WorksFromTheFirstMomentsOfTheMachine) {
  RateLimit limit;
  EXPECT_EQ(allowed(limit, 100, TimePoint{1s}), RateLimit::kAtOnce);
}

}  // namespace
}  // namespace mcq
