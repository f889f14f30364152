#include "cli/watch_keys.hpp"

#include <algorithm>
#include <cstddef>

namespace mcq::cli {
namespace {

constexpr std::size_t kMaxFilter = 60;

/// The index of the first shown row after a key.
std::size_t scrolled(const Frame& frame, Key key) {
  const auto page = std::max<std::size_t>(frame.page, 1);
  switch (key) {
    case Key::kUp:
      return frame.first - std::min<std::size_t>(frame.first, 1);
    case Key::kDown:
      return frame.first + 1;  // lay_out() limits it
    case Key::kPageUp:
      return frame.first - std::min(frame.first, page);
    case Key::kPageDown:
      return frame.first + page;
    case Key::kHome:
      return 0;
    case Key::kEnd:
      return Size::kEndless;
    default:
      return frame.first;
  }
}

void type(View& view, KeyPress press) {
  auto& filter = view.list.filter;
  if (press.key == Key::kCharacter && filter.size() < kMaxFilter) filter += press.character;
  if (press.key == Key::kBackspace && !filter.empty()) filter.pop_back();
  if (press.key == Key::kEscape) filter.clear();
  if (press.key == Key::kEnter || press.key == Key::kEscape) view.types_filter = false;
  view.first = 0;
}

}  // namespace

void on_key(View& view, const Frame& frame, KeyPress press) {
  if (press.key == Key::kNone) return;
  if (view.types_filter) return type(view, press);
  auto& order = view.list.order();
  view.first = scrolled(frame, press.key);
  switch (press.key) {
    case Key::kOtherList:
      view.list.kind = view.list.kind == ListChoice::Kind::kGroups ? ListChoice::Kind::kHosts
                                                                   : ListChoice::Kind::kGroups;
      view.first = 0;
      break;
    case Key::kSort:
      order = {.column = frame.columns == 0 ? 0 : (order.column + 1) % frame.columns};
      view.first = 0;
      break;
    case Key::kReverse:
      order.reverse = !order.reverse;
      break;
    case Key::kFilter:
      view.types_filter = true;
      break;
    case Key::kEscape:
      view.list.filter.clear();
      break;
    default:
      break;
  }
}

}  // namespace mcq::cli
