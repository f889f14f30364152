#include "os/command.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace mcq::os {
namespace {

using namespace std::chrono_literals;

TEST(Command, ReturnsWhatAProgramPrints) {
  EXPECT_EQ(output_of({"printf", "%s %s", "a b", "$HOME"}, 10s), "a b $HOME") << "no shell";
  EXPECT_EQ(output_of({"true"}, 10s), "");
  EXPECT_EQ(output_of({"cat"}, 10s), "") << "it has nothing to read";
}

TEST(Command, HasNoneOfOneThatFails) {
  EXPECT_FALSE(output_of({"false"}, 10s));
  EXPECT_FALSE(output_of({"sh", "-c", "echo something; exit 3"}, 10s));
  EXPECT_FALSE(output_of({"no-such-program-anywhere"}, 10s));
}

TEST(Command, EndsOneThatTakesTooLongOrSaysTooMuch) {
  EXPECT_FALSE(output_of({"sleep", "600"}, 20ms));
  EXPECT_FALSE(output_of({"yes"}, 10s));
}

}  // namespace
}  // namespace mcq::os
