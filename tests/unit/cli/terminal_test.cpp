#include "cli/terminal.hpp"

#include <gtest/gtest.h>

namespace mcq::cli {
namespace {

TEST(ColumnsOfVariable, AreAWholeNumberAboveZero) {
  EXPECT_EQ(columns_of_variable("1"), 1U);
  EXPECT_EQ(columns_of_variable("132"), 132U);
  EXPECT_EQ(columns_of_variable("9999"), 9999U);
  for (const auto* text :
       {"", "0", "-80", "80x", " 80", "wide", "8.5", "99999999999999999999999"}) {
    EXPECT_FALSE(columns_of_variable(text)) << text;
  }
}

TEST(OutputOptions, ColoursAreForTerminalsThatHaveThem) {
  const OutputOptions options;
  EXPECT_TRUE(options.wants_colours(true, "", "xterm"));
  EXPECT_FALSE(options.wants_colours(false, "", "xterm"));
  EXPECT_FALSE(options.wants_colours(true, "1", "xterm"));
  EXPECT_FALSE(options.wants_colours(true, "", "dumb"));
  EXPECT_FALSE(options.wants_colours(true, "", ""));
}

TEST(OutputOptions, TheOptionHasTheLastWord) {
  const auto with = [](const char* color) {
    OutputOptions options;
    CLI::App app;
    options.declare_color(app);
    app.parse(std::string{"--color "} + color);
    return options;
  };
  EXPECT_TRUE(with("always").wants_colours(false, "1", "dumb"));
  EXPECT_FALSE(with("never").wants_colours(true, "", "xterm"));
  EXPECT_TRUE(with("auto").wants_colours(true, "", "xterm"));
  EXPECT_THROW(with("sometimes"), CLI::ParseError);
}

}  // namespace
}  // namespace mcq::cli
