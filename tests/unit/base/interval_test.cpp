#include "base/interval.hpp"

#include <gtest/gtest.h>

namespace mcq {
namespace {

using Half = Interval<struct HalfName, 500, 2'000>;
using Digit = Number<struct DigitName, -1, 9>;

TEST(Interval, TakesWhatItsRangeHoldsAndNothingElse) {
  struct Row {
    Duration given;
    bool taken;
  };
  for (const auto& [given, taken] :
       {Row{500ms, true}, Row{500ms - 1ns, false}, Row{1s, true}, Row{2s, true},
        Row{2s + 1ns, false}, Row{0s, false}, Row{-1s, false}, Row{Duration::max(), false},
        Row{Duration::min(), false}}) {
    SCOPED_TRACE(testing::Message() << given.count() << " ns");
    const auto interval = Half::from(given);
    ASSERT_EQ(interval.has_value(), taken);
    if (taken) {
      EXPECT_EQ(interval->get(), given);
    }
  }
}

TEST(Interval, KeepsFractionsOfASecond) {  // IGMP-T-06
  constexpr Half kQuarter{Duration{1'250ms}};
  EXPECT_EQ(kQuarter.get(), 1'250ms);
}

TEST(Interval, ComparesByItsValue) {
  constexpr Half kSecond{Duration{1s}};
  EXPECT_EQ(kSecond, *Half::from(1s));
  EXPECT_NE(kSecond, *Half::from(1s + 1ns));
}

TEST(Number, TakesWhatItsRangeHoldsAndNothingElse) {
  struct Row {
    int given;
    bool taken;
  };
  for (const auto& [given, taken] :
       {Row{-2, false}, Row{-1, true}, Row{0, true}, Row{9, true}, Row{10, false}}) {
    SCOPED_TRACE(given);
    const auto number = Digit::from(given);
    ASSERT_EQ(number.has_value(), taken);
    if (taken) {
      EXPECT_EQ(number->get(), given);
    }
  }
}

TEST(Number, ComparesByItsValue) {
  constexpr Digit kFour{4};
  EXPECT_EQ(kFour, *Digit::from(4));
  EXPECT_NE(kFour, *Digit::from(5));
}

}  // namespace
}  // namespace mcq
