#include "text/printable.hpp"

#include <gtest/gtest.h>

namespace mcq::text {
namespace {

TEST(Printable, KeepsTextOfAllLanguages) {
  for (const std::string text :
       {"", "eth0: all is well", "Müller & Söhne", "日本電気", "\U0001f4fb"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, ReplacesWhatATerminalWouldObey) {
  struct Row {
    std::string given, expected;
  };
  for (const auto& [given, expected] : {Row{"\x1b[2J", "?[2J"}, Row{"a\nb\tc\r", "a?b?c?"},
                                        Row{std::string{"a\0b", 3}, "a?b"}, Row{"\x7f", "?"},
                                        Row{"\xc2\x9b"
                                            "31m",
                                            "?31m"},
                                        Row{"\xe2\x80\xae"
                                            "gpj",
                                            "?gpj"},
                                        Row{"\xe2\x81\xa7", "?"}, Row{"\xe2\x80\xa8", "?"}}) {
    SCOPED_TRACE(expected);
    EXPECT_EQ(printable(given), expected);
  }
}

TEST(Printable, ReplacesWhatIsNotUtf8) {
  struct Row {
    const char* what;
    std::string given, expected;
  };
  for (const auto& [what, given, expected] :
       {Row{"Latin-1", "M\xfcller", "M?ller"}, Row{"cut off", "a\xe6\x97", "a??"},
        Row{"longer than need be", "\xc0\xaf", "??"}, Row{"a surrogate", "\xed\xa0\x80", "???"},
        Row{"beyond Unicode", "\xf4\x90\x80\x80", "????"}, Row{"no beginning", "\x80", "?"},
        Row{"interrupted",
            "\xe6"
            "a",
            "?a"}}) {
    SCOPED_TRACE(what);
    EXPECT_EQ(printable(given), expected);
  }
}

TEST(Width, CountsCharacters) {
  EXPECT_EQ(width(""), 0U);
  EXPECT_EQ(width("abc"), 3U);
  EXPECT_EQ(width("Söhne"), 5U);
}

TEST(Shortened, CutsWhatIsTooLong) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abc...");
  EXPECT_EQ(shortened("äöüßäöü", 6), "äöü...");
  EXPECT_EQ(shortened("abcdefg", 2), "abcdefg");  // there would be nothing left
}

}  // namespace
}  // namespace mcq::text
