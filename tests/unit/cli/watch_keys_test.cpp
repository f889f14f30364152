#include "cli/watch_keys.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mcq::cli {
namespace {

using Kind = ListChoice::Kind;

const Frame kFrame{.first = 20, .page = 15, .columns = 3};

void press(View& view, Key key) { on_key(view, kFrame, {key}); }
void type(View& view, const std::string& text) {
  for (const char c : text) on_key(view, kFrame, {Key::kCharacter, c});
}

TEST(WatchKeys, Scroll) {
  struct Row {
    Key key;
    std::size_t first;
  };
  for (const auto& [key, first] :
       {Row{Key::kUp, 19}, Row{Key::kDown, 21}, Row{Key::kPageUp, 5}, Row{Key::kPageDown, 35},
        Row{Key::kHome, 0}, Row{Key::kEnd, Size::kEndless}, Row{Key::kReverse, 20}}) {
    View view;
    press(view, key);
    EXPECT_EQ(view.first, first);
  }
  View top;
  on_key(top, {.first = 0, .page = 15}, {Key::kUp});
  on_key(top, {.first = 0, .page = 15}, {Key::kPageUp});
  EXPECT_EQ(top.first, 0U);
}

TEST(WatchKeys, NothingIsPressed) {
  View view;
  view.first = 7;
  press(view, Key::kNone);
  EXPECT_EQ(view.first, 7U);
}

TEST(WatchKeys, ChangeTheListFromItsTop) {
  View view;
  press(view, Key::kOtherList);
  EXPECT_EQ(view.list.kind, Kind::kHosts);
  EXPECT_EQ(view.first, 0U);
  press(view, Key::kOtherList);
  EXPECT_EQ(view.list.kind, Kind::kGroups);
}

TEST(WatchKeys, SortEachListByTheNextColumnAndThenTheFirst) {
  View view;
  for (const std::size_t column : {1U, 2U, 0U, 1U}) {
    press(view, Key::kSort);
    EXPECT_EQ(view.list.order().column, column);
  }
  press(view, Key::kReverse);
  EXPECT_TRUE(view.list.order().reverse);
  press(view, Key::kOtherList);
  EXPECT_EQ(view.list.order().column, 0U);
  EXPECT_FALSE(view.list.order().reverse);
  press(view, Key::kOtherList);
  press(view, Key::kSort);
  EXPECT_FALSE(view.list.order().reverse) << "another column begins in its own order";
}

TEST(WatchKeys, AFilterIsTypedKeptAndCleared) {
  View view;
  type(view, "x");
  EXPECT_EQ(view.list.filter, "") << "not before it is begun";
  press(view, Key::kFilter);
  type(view, "239x");
  press(view, Key::kBackspace);
  EXPECT_EQ(view.list.filter, "239");
  EXPECT_EQ(view.first, 0U);
  EXPECT_TRUE(view.types_filter);
  press(view, Key::kEnter);
  EXPECT_FALSE(view.types_filter);
  EXPECT_EQ(view.list.filter, "239");
  press(view, Key::kEscape);
  EXPECT_EQ(view.list.filter, "");
  press(view, Key::kFilter);
  press(view, Key::kBackspace);
  type(view, "a");
  press(view, Key::kEscape);
  EXPECT_EQ(view.list.filter, "");
  EXPECT_FALSE(view.types_filter);
}

TEST(WatchKeys, AFilterHasALimit) {
  View view;
  press(view, Key::kFilter);
  type(view, std::string(500, 'x'));
  EXPECT_EQ(view.list.filter.size(), 60U);
}

}  // namespace
}  // namespace mcq::cli
