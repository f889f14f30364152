#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace mcq {
namespace {

constexpr TimePoint kStart{100h};
constexpr int kBurst = 20;
constexpr Duration kInterval = 1min;

/// How many uses are allowed, each of which is spent.
int allowed(TokenBucket& bucket, int times, TimePoint now) {
  int count = 0;
  for (; count < times && bucket.allows(now); ++count) bucket.spend(now);
  return count;
}

TEST(TokenBucket, AllowsABurstAtOnceAndThenOneAnInterval) {
  TokenBucket bucket{kBurst, kInterval};
  EXPECT_EQ(allowed(bucket, 100, kStart), kBurst);
  EXPECT_EQ(bucket.next(), kStart + kInterval);
  EXPECT_EQ(allowed(bucket, 100, kStart + kInterval - 1ns), 0);
  EXPECT_EQ(allowed(bucket, 100, kStart + kInterval), 1);
  EXPECT_EQ(allowed(bucket, 100, kStart + 4 * kInterval), 3);
}

TEST(TokenBucket, ALongSilenceRestoresNoMoreThanTheBurst) {
  TokenBucket bucket{kBurst, kInterval};
  allowed(bucket, 1, kStart);
  EXPECT_EQ(allowed(bucket, 100, kStart + 1000 * kInterval), kBurst);
}

TEST(TokenBucket, ADebtIsPaidBackBeforeTheNextUse) {
  TokenBucket bucket{kBurst, kInterval};
  for (int i = 0; i < 2 * kBurst; ++i) bucket.spend(kStart);
  EXPECT_FALSE(bucket.allows(kStart + kBurst * kInterval));
  EXPECT_TRUE(bucket.allows(kStart + (kBurst + 1) * kInterval));
}

TEST(TokenBucket, WorksFromTheFirstMomentsOfTheMachine) {
  TokenBucket bucket{kBurst, kInterval};
  EXPECT_EQ(allowed(bucket, 100, TimePoint{1s}), kBurst);
}

}  // namespace
}  // namespace mcq
