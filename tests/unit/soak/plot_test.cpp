#include "soak/plot.hpp"

#include <gtest/gtest.h>

namespace mcq::soak {
namespace {

using Values = std::vector<double>;

TEST(WorstSeconds, HasOneValuePerSecondWhenThereIsRoom) {
  EXPECT_EQ(worst_seconds({10, 5, 0}, 10, 80), (Values{1, 0.5, 0}));
  EXPECT_EQ(worst_seconds({}, 10, 80), Values{});
  EXPECT_EQ(worst_seconds({10}, 10, 0), Values{});
  EXPECT_EQ(worst_seconds({10}, 0, 80), Values{});
}

TEST(WorstSeconds, ShowsOneBadSecondOfMany) {
  std::vector<std::uint32_t> seconds(100, 10);
  seconds[57] = 0;
  EXPECT_EQ(worst_seconds(seconds, 10, 10), (Values{1, 1, 1, 1, 1, 0, 1, 1, 1, 1}));
}

TEST(WorstSeconds, APacketThatCameASecondLaterIsNoLoss) {
  EXPECT_EQ(worst_seconds({49, 51, 45, 44}, 50, 4), (Values{1, 1, 1, 0.88}));
}

TEST(WorstSeconds, ValuesOfPartsOfUnequalLengthAreInOrder) {
  EXPECT_EQ(worst_seconds({10, 10, 0, 10, 10}, 10, 2), (Values{1, 0}));
}

TEST(PlotLine, UsesBlocksOrAscii) {
  const Values values{0, 0.01, 0.5, 0.88, 1};
  EXPECT_EQ(plot_line(values, true), "_▁▅██");
  EXPECT_EQ(plot_line(values, false), "_.=##");
}

TEST(ProgressBar, IsFilledToItsShare) {
  EXPECT_EQ(progress_bar(0.5, 4, true), "██░░");
  EXPECT_EQ(progress_bar(0.5, 4, false), "##..");
  EXPECT_EQ(progress_bar(-1, 2, false), "..");
  EXPECT_EQ(progress_bar(7, 2, false), "##");
}

}  // namespace
}  // namespace mcq::soak
