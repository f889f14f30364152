#include "os/clock.hpp"

#include <gtest/gtest.h>
#include <poll.h>

namespace mcq::os {
namespace {

bool readable(const Timer& timer, int timeout_ms) {
  pollfd poll{.fd = timer.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&poll, 1, timeout_ms) == 1;
}

constexpr int kAtOnce = 0;
constexpr int kPatience = 10'000;  // never waited for when the code is right

TEST(Clock, DoesNotRunBackwards) {
  const auto before = now();
  EXPECT_LE(before, now());
}

TEST(Timer, FiresOnceItsDeadlineHasPassed) {
  auto timer = Timer::create();
  ASSERT_TRUE(timer);
  timer->arm(now());
  EXPECT_TRUE(readable(*timer, kPatience));
  timer->acknowledge();
  EXPECT_FALSE(readable(*timer, kAtOnce));
}

TEST(Timer, FiresForADeadlineBeforeTheClockBegan) {
  auto timer = Timer::create();
  ASSERT_TRUE(timer);
  timer->arm(TimePoint{});
  EXPECT_TRUE(readable(*timer, kPatience));
}

TEST(Timer, KeepsQuietBeforeIt) {
  auto timer = Timer::create();
  ASSERT_TRUE(timer);
  timer->arm(now() + 1h);
  EXPECT_FALSE(readable(*timer, kAtOnce));
}

TEST(Timer, NeverDisarms) {
  auto timer = Timer::create();
  ASSERT_TRUE(timer);
  timer->arm(now());
  ASSERT_TRUE(readable(*timer, kPatience));
  timer->arm(kNever);
  EXPECT_FALSE(readable(*timer, kAtOnce));
}

}  // namespace
}  // namespace mcq::os
