#include "monitor/backlog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace mcq::monitor {
namespace {

using testing::ElementsAre;

/// A reader with room for so many bytes, or one that refuses with an error.
struct Reader {
  std::size_t room = 1U << 30U;
  int refusal = EAGAIN;
  std::string text{};
  std::size_t calls = 0;

  Backlog backlog() {
    return {[this](std::string_view line) -> Result<std::size_t, int> {
              ++calls;
              const auto taken = std::min(room, line.size());
              if (taken == 0) return fail(refusal);
              room -= taken;
              text += line.substr(0, taken);
              return taken;
            },
            [](std::uint64_t lost) { return "(" + std::to_string(lost) + " lost)"; }};
  }
};

TEST(Backlog, WritesAtOnceWhatTheReaderTakes) {
  Reader reader;
  auto backlog = reader.backlog();
  EXPECT_TRUE(backlog.push("a."));
  EXPECT_TRUE(backlog.push("b."));
  EXPECT_EQ(reader.text, "a.b.");
  EXPECT_EQ(reader.calls, 2U);
  EXPECT_TRUE(backlog.flush());
  EXPECT_EQ(reader.calls, 2U);
}

TEST(Backlog, KeepsTheOrderAndEachLineWhole) {
  Reader reader{.room = 3};
  auto backlog = reader.backlog();
  EXPECT_FALSE(backlog.push("first."));
  EXPECT_FALSE(backlog.push("second."));
  EXPECT_EQ(reader.text, "fir");
  reader.room = 5;
  EXPECT_FALSE(backlog.flush());
  EXPECT_EQ(reader.text, "first.se");
  reader.room = 100;
  EXPECT_TRUE(backlog.push("third."));
  EXPECT_EQ(reader.text, "first.second.third.");
  EXPECT_EQ(backlog.lost(), 0U);
}

TEST(Backlog, WhatIsLostIsToldWhereItIsMissing) {
  Reader reader{.room = 0};
  auto backlog = reader.backlog();
  const std::string half(Backlog::kMaxBytes / 2, 'x');
  EXPECT_FALSE(backlog.push(half));
  EXPECT_FALSE(backlog.push(half));
  EXPECT_EQ(backlog.lost(), 0U);
  EXPECT_FALSE(backlog.push("a."));
  EXPECT_EQ(backlog.lost(), 1U);
  reader.room = half.size() + 1;
  EXPECT_FALSE(backlog.push("b."));  // there is room for it, but not for "a."
  EXPECT_EQ(backlog.lost(), 2U);
  reader.room = 1U << 30U;
  EXPECT_TRUE(backlog.push("c."));
  EXPECT_EQ(reader.text, half + half + "(2 lost)c.");
  EXPECT_EQ(backlog.lost(), 2U);
}

TEST(Backlog, WhatIsLostIsToldWithoutAnotherLine) {
  Reader reader{.room = 0};
  auto backlog = reader.backlog();
  const std::string all(Backlog::kMaxBytes, 'x');
  EXPECT_FALSE(backlog.push(all));
  EXPECT_FALSE(backlog.push("a."));
  reader.room = all.size() + 2;
  EXPECT_FALSE(backlog.flush());
  EXPECT_EQ(reader.text, all + "(1");
  reader.room = 100;
  EXPECT_TRUE(backlog.flush());
  EXPECT_EQ(reader.text, all + "(1 lost)");
}

TEST(Backlog, AReaderThatHasGoneIsNotTriedAgainByItself) {
  Reader reader{.room = 0, .refusal = EPIPE};
  auto backlog = reader.backlog();
  EXPECT_TRUE(backlog.push("a."));
  EXPECT_TRUE(backlog.push("b."));
  EXPECT_TRUE(backlog.flush());
  EXPECT_EQ(backlog.lost(), 2U);
  reader.room = 100;
  EXPECT_TRUE(backlog.push("c."));
  EXPECT_EQ(reader.text, "(2 lost)c.");
}

TEST(Backlog, ALineThatNeverFitsHoldsUpNoOther) {
  Reader reader{.room = 0};
  auto backlog = reader.backlog();
  EXPECT_FALSE(backlog.push("a."));
  reader.refusal = EMSGSIZE;
  EXPECT_TRUE(backlog.flush());
  EXPECT_EQ(backlog.lost(), 1U);
  reader.room = 100;
  EXPECT_TRUE(backlog.push("b."));
  EXPECT_EQ(reader.text, "(1 lost)b.");
}

}  // namespace
}  // namespace mcq::monitor
