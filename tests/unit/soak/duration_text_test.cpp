#include "soak/duration_text.hpp"

#include <gtest/gtest.h>

namespace mcq::soak {
namespace {

TEST(DurationText, IsRead) {
  EXPECT_EQ(parse_duration("600"), 600s);
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration("0.2"), 200ms);
}

TEST(DurationText, ThatIsNoneIsRefused) {
  for (const auto* text : {"", "m", "10x", "10mm", "-1", "1e3", "nan", "inf", "1e999", " 1", "1 m",
                           "10000000000", "9999999h"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(DurationText, IsWritten) {
  EXPECT_EQ(clock(4s), "0:04");
  EXPECT_EQ(clock(10min), "10:00");
  EXPECT_EQ(clock(3599s), "59:59");
  EXPECT_EQ(clock(1h + 4min + 20s), "1:04:20");
  EXPECT_EQ(clock(59'600ms), "1:00");
  EXPECT_EQ(in_seconds(15'040ms), "15.0 s");
}

}  // namespace
}  // namespace mcq::soak
