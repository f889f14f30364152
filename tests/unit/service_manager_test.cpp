#include "app/service_manager.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace mcq::app {
namespace {

class WatchdogTest : public testing::Test {
 protected:
  ~WatchdogTest() override { ::unsetenv("WATCHDOG_USEC"); }
  static std::optional<Duration> interval(const char* microseconds) {
    ::setenv("WATCHDOG_USEC", microseconds, 1);
    return service_manager::watchdog_interval();
  }
};

TEST_F(WatchdogTest, IsToldTwiceInItsTime) {
  EXPECT_EQ(interval("30000000"), 15s);
  EXPECT_EQ(interval("1"), 500ns);
}

TEST_F(WatchdogTest, ThereMayBeNone) {
  EXPECT_EQ(service_manager::watchdog_interval(), std::nullopt);
  for (const char* none : {"", "0", "soon", "18446744073709551615"}) {
    EXPECT_EQ(interval(none), std::nullopt) << none;
  }
}

TEST_F(WatchdogTest, ATimeThatNobodyLivesToSeeIsAYear) {
  EXPECT_EQ(interval("18446744073709551614"), 24h * 365 / 2);
}

}  // namespace
}  // namespace mcq::app
