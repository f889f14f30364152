#include "app/anomalies.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mcq::app {
namespace {

constexpr TimePoint kStart{100s};

TEST(Anomalies, ACountIsKeptByReason) {
  Anomalies anomalies;
  for (int i = 0; i < 3; ++i) anomalies.count("a", kStart);
  anomalies.count("b", kStart);
  EXPECT_EQ(anomalies.entries().at("a").count, 3);
  EXPECT_EQ(anomalies.entries().at("b").count, 1);
  EXPECT_EQ(anomalies.entries().size(), 2);
}

TEST(Anomalies, TheFirstOfEachReasonIsToldAtOnce) {
  Anomalies anomalies;
  EXPECT_TRUE(anomalies.count("a", kStart));
  EXPECT_FALSE(anomalies.count("a", kStart));
  EXPECT_TRUE(anomalies.count("b", kStart));
}

TEST(Anomalies, TheNextIsToldAfterAMinute) {
  Anomalies anomalies;
  anomalies.count("a", kStart);
  EXPECT_FALSE(anomalies.count("a", kStart + 1min - 1ns));
  EXPECT_TRUE(anomalies.count("a", kStart + 1min));
}

TEST(Anomalies, AStormIsToldAtGapsThatDoubleUpToAnHour) {
  Anomalies anomalies;
  std::vector<int> told;  // minutes
  for (int minute = 0; minute < 300; ++minute) {
    if (anomalies.count("a", kStart + std::chrono::minutes{minute})) told.push_back(minute);
  }
  EXPECT_EQ(told, (std::vector{0, 1, 3, 7, 15, 31, 63, 123, 183, 243}));
  EXPECT_EQ(anomalies.entries().at("a").count, 300);
}

TEST(Anomalies, AfterAQuietHourItStartsAnew) {
  Anomalies anomalies;
  for (int minute = 0; minute < 100; ++minute) {
    anomalies.count("a", kStart + std::chrono::minutes{minute});
  }
  const auto later = kStart + 100min + 1h;
  EXPECT_TRUE(anomalies.count("a", later));
  EXPECT_FALSE(anomalies.count("a", later + 59s));
  EXPECT_TRUE(anomalies.count("a", later + 60s));
}

}  // namespace
}  // namespace mcq::app
