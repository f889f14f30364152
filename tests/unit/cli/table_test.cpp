#include "cli/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using enum Table::Align;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Table addresses() {
  Table table{{{"Address"}, {"Name", kLeft, 2, 12}, {"Hosts", kRight, 1}, {"Version", kLeft, 3}}};
  table.add({{"192.0.2.1"}, {"a name of 25 characters!!"}, {"7"}, {"v2"}});
  table.add({{"192.0.2.100"}, {""}, {"12"}, {"v3"}});
  return table;
}

std::string shown(const Table& table, std::size_t columns = Output::kEndless) {
  return to_text(table.lines(columns));
}

TEST(Table, ColumnsAreAsWideAsNeedBe) {
  Table table{{{"Name"}, {"Empty"}, {"Count", kRight}, {"Last"}}};
  table.add({{"a"}, {""}, {"5"}, {"x"}});
  table.add({{"söhne"}, {""}, {"123456"}, {""}}, {"below"});
  EXPECT_EQ(shown(table),
            "Name    Count  Last\n"
            "a           5  x\n"
            "söhne  123456\n"
            "    below\n");
}

TEST(Table, LeavesOutTheColumnsOfTheHighestRankFirst) {
  EXPECT_THAT(shown(addresses()),
              StartsWith("Address      Name                       Hosts  Version\n"
                         "192.0.2.1    a name of 25 characters!!      7  v2\n"));
  // 11 + 2 + 12 + 2 + 5 + 2 + 7 = 41
  EXPECT_EQ(shown(addresses(), 41),
            "Address      Name          Hosts  Version\n"
            "192.0.2.1    a name of...      7  v2\n"
            "192.0.2.100                   12  v3\n");
  EXPECT_THAT(shown(addresses(), 40), StartsWith("Address      Name          Hosts\n"));
  EXPECT_THAT(shown(addresses(), 31), StartsWith("Address      Hosts\n"));
  EXPECT_THAT(shown(addresses(), 17), StartsWith("Address\n"));
  EXPECT_THAT(shown(addresses(), 10), HasSubstr("\n192.0.2...\n"));
}

TEST(Table, NoRowIsWiderThanTheOutput) {
  auto table = addresses();
  table.add({{"ä-long-first-cell"}, {"ö"}, {"1"}, {"v1"}},
            {"further words that are many and go on until they are over", ""});
  for (std::size_t columns = 0; columns <= 200; ++columns) {
    for (const auto& line : table.lines(columns)) {
      std::size_t width = 0;
      for (const auto& span : line) width += text::width(span.text);
      ASSERT_LE(width, columns) << to_text({line});
    }
  }
}

TEST(Table, FurtherLinesAreWrapped) {
  Table table{{{"Address"}}};
  table.add({{"192.0.2.1"}}, {"host 192.0.2.20 reported", "another"});
  EXPECT_EQ(shown(table, 20),
            "Address\n"
            "192.0.2.1\n"
            "    host\n"
            "        192.0.2.20\n"
            "        reported\n"
            "    another\n");
}

TEST(Table, CellsKeepTheirStyle) {
  Table table{{{"Host"}, {"Last"}}};
  table.add({{"192.0.2.1 ?", Style::kWarning}, {"0:12"}});
  const auto lines = table.lines(80);
  EXPECT_EQ(lines[0][0].style, Style::kHeading);
  EXPECT_EQ(lines[1][0], (Span{"192.0.2.1 ?", Style::kWarning}));
  EXPECT_EQ(lines[1].back().style, Style::kPlain);
}

TEST(ToText, PaintsOnlyWhereThereAreColours) {
  const std::vector<Line> lines{{{"good", Style::kGood}, {"  "}, {"bad  ", Style::kBad}},
                                {{"plain"}}};
  EXPECT_EQ(to_text(lines), "good  bad\nplain\n");
  EXPECT_EQ(to_text(lines, {.has_colours = true}),
            "\x1b[32mgood\x1b[0m  \x1b[1;31mbad\x1b[0m\nplain\n");
}

TEST(ToText, HasOnlyAsciiWithoutUtf8) {
  EXPECT_EQ(to_text({{{"Söhne"}, {" █"}}}, {.is_utf8 = false}), "S?hne ?\n");
  EXPECT_EQ(to_text({{{"Söhne"}, {" █"}}}), "Söhne █\n");
}

TEST(Wrapped, KeepsWithinTheColumns) {
  const std::string word(19, 'w');
  const auto line = word + " " + word + " " + word;
  EXPECT_EQ(wrapped(line + " " + word, 1), line + " " + word);  // 1 + 4 * 19 + 3 = 80
  EXPECT_EQ(wrapped(line + " " + word, 2), line + "\n  " + word);
  EXPECT_EQ(wrapped(std::string(100, 'x') + " y", 0), std::string(100, 'x') + "\ny");
  EXPECT_EQ(wrapped("", 3), "");
  EXPECT_EQ(wrapped("one two three", 1, 8), "one two\n three");
  EXPECT_EQ(wrapped("one two", 5, 0), "one\n     two");
}

}  // namespace
}  // namespace mcq::cli
