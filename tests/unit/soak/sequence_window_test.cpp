#include "soak/sequence_window.hpp"

#include <gtest/gtest.h>

namespace mcq::soak {
namespace {

TEST(SequenceWindow, CountsWhatIsMissing) {
  SequenceWindow window{10};
  for (const std::uint64_t number : {10U, 11U, 14U}) EXPECT_TRUE(window.add(number));
  EXPECT_EQ(window.lost(0), 2U);
  EXPECT_EQ(window.lost(20), 7U);
  EXPECT_EQ(window.next(), 15U);
}

TEST(SequenceWindow, APacketThatComesLaterIsNotLost) {
  SequenceWindow window{0};
  for (const std::uint64_t number : {0U, 2U, 1U}) EXPECT_TRUE(window.add(number));
  EXPECT_EQ(window.lost(0), 0U);
  EXPECT_EQ(window.reordered(), 1U);
  EXPECT_EQ(window.received(), 3U);
}

TEST(SequenceWindow, CountsDuplicates) {
  SequenceWindow window{0};
  EXPECT_TRUE(window.add(0));
  EXPECT_FALSE(window.add(0));
  EXPECT_EQ(window.duplicates(), 1U);
  EXPECT_EQ(window.received(), 1U);
}

TEST(SequenceWindow, WhatWasSentBeforeTheFirstDoesNotCount) {
  SequenceWindow window{5};
  EXPECT_TRUE(window.add(5));
  EXPECT_FALSE(window.add(4));
  EXPECT_EQ(window.lost(0), 0U);
  EXPECT_EQ(window.duplicates(), 0U);
}

TEST(SequenceWindow, ALongGapLeavesNothingBehind) {
  SequenceWindow window{0};
  window.add(0);
  window.add(SequenceWindow::kSize * 3);  // at the same place
  EXPECT_TRUE(window.add(SequenceWindow::kSize * 3 - 1));
  EXPECT_TRUE(window.add(SequenceWindow::kSize * 2 + 1));
  EXPECT_FALSE(window.add(SequenceWindow::kSize * 2));  // too old to tell
  EXPECT_EQ(window.lost(0), SequenceWindow::kSize * 3 + 1 - 4);
}

}  // namespace
}  // namespace mcq::soak
