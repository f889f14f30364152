#include "monitor/fault_counters.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mcq::monitor {
namespace {

constexpr TimePoint kStart{100s};

TEST(FaultCounters, ACountIsKeptByReason) {
  FaultCounters fault_counts;
  for (int i = 0; i < 3; ++i) fault_counts.count("a", kStart);
  fault_counts.count("b", kStart);
  EXPECT_EQ(fault_counts.entries().at("a").count, 3);
  EXPECT_EQ(fault_counts.entries().at("b").count, 1);
  EXPECT_EQ(fault_counts.entries().size(), 2);
}

TEST(FaultCounters, TheFirstOfEachReasonIsToldAtOnce) {
  FaultCounters fault_counts;
  EXPECT_TRUE(fault_counts.count("a", kStart));
  EXPECT_FALSE(fault_counts.count("a", kStart));
  EXPECT_TRUE(fault_counts.count("b", kStart));
}

TEST(FaultCounters, TheNextIsToldAfterAMinute) {
  FaultCounters fault_counts;
  fault_counts.count("a", kStart);
  EXPECT_FALSE(fault_counts.count("a", kStart + 1min - 1ns));
  EXPECT_TRUE(fault_counts.count("a", kStart + 1min));
}

TEST(FaultCounters, AStormIsToldAtGapsThatDoubleUpToAnHour) {
  FaultCounters fault_counts;
  std::vector<int> told;  // minutes
  for (int minute = 0; minute < 300; ++minute) {
    if (fault_counts.count("a", kStart + std::chrono::minutes{minute})) told.push_back(minute);
  }
  EXPECT_EQ(told, (std::vector{0, 1, 3, 7, 15, 31, 63, 123, 183, 243}));
  EXPECT_EQ(fault_counts.entries().at("a").count, 300);
}

TEST(FaultCounters, AfterAQuietHourItStartsAnew) {
  FaultCounters fault_counts;
  for (int minute = 0; minute < 100; ++minute) {
    fault_counts.count("a", kStart + std::chrono::minutes{minute});
  }
  const auto later = kStart + 100min + 1h;
  EXPECT_TRUE(fault_counts.count("a", later));
  EXPECT_FALSE(fault_counts.count("a", later + 59s));
  EXPECT_TRUE(fault_counts.count("a", later + 60s));
}

}  // namespace
}  // namespace mcq::monitor
