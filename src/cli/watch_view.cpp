#include "cli/watch_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "cli/client.hpp"
#include "cli/table.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

constexpr std::size_t kMaxSentenceLines = 3;
constexpr std::size_t kRowsWithKeys = 12;  ///< from here on, the last line names the keys

/// "3.2", "18"
std::string rate(double value) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), value < 9.95 ? "%.1f" : "%.0f", value);
  return text.data();
}

/// The number of bytes of `text` that fit.
std::size_t fitting(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  while (end < text.size() && text::width(text.substr(0, end + 1)) <= columns) ++end;
  return end;
}

/// Cuts a line to the available columns.
Line cut(const Line& line, std::size_t columns) {
  Line result;
  for (auto span : line) {
    const auto end = fitting(span.text, columns);
    columns -= std::min(columns, text::width(span.text));
    span.text.resize(end);
    if (end > 0) result.push_back(std::move(span));
  }
  return result;
}

/// Wraps a sentence between words.
std::vector<Line> wrapped(std::string_view text, std::size_t columns, Style style) {
  std::vector<Line> lines;
  while (!text.empty() && lines.size() < kMaxSentenceLines) {
    auto end = fitting(text, columns);
    if (end < text.size()) {
      const auto space = text.rfind(' ', end);
      if (space != std::string_view::npos && space > 0) end = space;
    }
    lines.push_back({{std::string{text.substr(0, end)}, style}});
    text.remove_prefix(end);
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  return lines;
}

/// Lists the interfaces, limited so that groups have room.
std::vector<Line> interface_table(const Snapshot& all, Size size) {
  const auto room =
      size.rows == Size::kEndless ? size.rows : std::max<std::size_t>(size.rows / 3, 1);
  const auto shown = std::min(all.interfaces.size(), room);
  using enum Table::Align;
  Table table{{{"INTERFACE"},
               {"PROTO", kLeft, 6},
               {"ROLE", kLeft, 1},
               {"QUERIER", kLeft, 4},
               {"NEXT", kRight, 5},
               {"HOSTS", kRight, 3},
               {"GROUPS", kRight, 2}}};
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& one = all.interfaces[i];
    table.add({{one.name},
               {one.protocol},
               {one.role, one.healthy ? Style::kGood : Style::kBad},
               {one.querier},
               {one.next_query},
               {std::to_string(one.hosts)},
               {std::to_string(one.groups)}});
  }
  auto rows = table.lines(size.columns);
  if (shown < all.interfaces.size()) {
    rows.push_back({{"and " + std::to_string(all.interfaces.size() - shown) + " more"}});
  }
  return rows;
}

/// Draws the current rate of reports and its history, newest on the right.
Line rate_line(const View& view, std::size_t columns) {
  const auto& values = view.rates.values();
  if (values.empty()) return {{"Reports/s  -"}};
  const auto most = *std::max_element(values.begin(), values.end());
  const auto text = "Reports/s  " + rate(values.back()) + "  at most " + rate(most) + "  ";
  const auto room = columns - std::min(columns, text.size());
  const auto& levels = marks(view.utf8).levels;
  std::string curve;
  for (auto i = values.size() - std::min(values.size(), room); i < values.size(); ++i) {
    const auto share = most > 0 ? values[i] / most : 0;
    curve += levels[static_cast<std::size_t>(std::lround(share * (Marks::kLevels - 1)))];
  }
  return {{text}, {curve, Style::kGood}};
}

/// "Groups 1 to 15 of 30, by EXPIRES"
std::string caption(const View& view, const WatchList& list, std::size_t first, std::size_t shown) {
  const bool are_groups = view.list.kind == ListChoice::Kind::kGroups;
  const auto& all = *view.snapshot;
  const auto known = are_groups ? all.groups.size() : all.hosts.size();
  const auto in_all = are_groups ? all.groups_in_all : all.hosts_in_all;
  const auto& filter = view.list.filter;
  const std::string with = filter.empty() ? std::string{} : " with '" + filter + "'";
  if (list.rows.empty()) return (are_groups ? "No groups" : "No hosts") + with;
  auto text = (are_groups ? "Groups " : "Hosts ") + std::to_string(first + 1) + " to " +
              std::to_string(first + shown) + " of " + std::to_string(list.rows.size()) + with;
  if (in_all > known) text += ", of " + std::to_string(in_all) + " in all";
  const auto& [column, reverse] = view.list.order();
  if (column > 0 || reverse) text += ", by " + list.sorted_by + (reverse ? " reversed" : "");
  return text;
}

/// A line in reverse video, as wide as the screen.
Line bar_line(std::string text, Size size) {
  const bool is_screen = size.rows != Size::kEndless;
  if (is_screen && text.size() < size.columns) text.resize(size.columns, ' ');
  return {{std::move(text), Style::kTitle}};
}

Line title(const View& view, Size size) {
  std::string text = "igmp-querier";
  if (const auto& all = view.snapshot) {
    text += " " + all->version + ", up " + clock_time(all->up_time);
  }
  return bar_line(std::move(text), size);
}

/// The last line: what the keys do.
Line keys(const View& view, Size size) {
  if (view.types_filter) {
    return {{"Filter: " + view.list.filter + "_", Style::kHeading},
            {"   Enter keeps it, Esc clears it"}};
  }
  const bool are_groups = view.list.kind == ListChoice::Kind::kGroups;
  const std::string other = are_groups ? "hosts" : "groups";
  return bar_line("q quit  Tab " + other + "  s sort  r reverse  / filter  arrows scroll", size);
}

template <class Lines>
void append(std::vector<Line>& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

void append_list(Frame& frame, const View& view, Size size) {
  const auto list = make_list(*view.snapshot, view.list, size.columns, marks(view.utf8));
  const auto count = list.rows.size();
  const auto above = frame.lines.size() + 2;  // the caption and the heading
  frame.columns = list.columns;
  frame.page = size.rows - std::min(size.rows, above);
  frame.first = std::min(view.first, count - std::min(count, frame.page));
  const auto shown = std::min(count - frame.first, frame.page);
  if (count > 0 && shown == 0) return;
  frame.lines.push_back({{caption(view, list, frame.first, shown)}});
  if (count == 0) return;
  frame.lines.push_back(list.heading);
  const auto begin = list.rows.begin() + static_cast<std::ptrdiff_t>(frame.first);
  frame.lines.insert(frame.lines.end(), begin, begin + static_cast<std::ptrdiff_t>(shown));
}

void append_verdict(Frame& frame, const View& view, Size size) {
  const auto& all = view.snapshot;
  if (!view.trouble.empty()) {
    append(frame.lines, wrapped(view.trouble, size.columns, Style::kBad));
  } else if (all) {
    append(frame.lines,
           wrapped(all->verdict, size.columns, all->healthy ? Style::kGood : Style::kBad));
    if (const auto more = all->further_findings; more > 0) {
      frame.lines.push_back({{text::counted(more, "further finding") + ": igmp-querier status"}});
    }
  } else {
    frame.lines.push_back({{"Waiting for the daemon's answer"}});
  }
}

}  // namespace

Frame lay_out(const View& view, Size size) {
  Frame frame;
  const bool has_keys = size.rows != Size::kEndless && size.rows >= kRowsWithKeys;
  const Size room{size.columns, size.rows - (has_keys ? 1 : 0)};
  frame.lines.push_back(title(view, size));
  append_verdict(frame, view, room);
  if (view.snapshot) {
    frame.lines.emplace_back();
    append(frame.lines, interface_table(*view.snapshot, room));
    frame.lines.push_back(rate_line(view, room.columns));
    frame.lines.emplace_back();
    append_list(frame, view, room);
  }
  if (has_keys || frame.lines.size() > room.rows) frame.lines.resize(room.rows);
  if (has_keys) frame.lines.push_back(keys(view, size));
  for (auto& line : frame.lines) line = cut(line, size.columns);
  return frame;
}

std::string to_text(const Frame& frame) { return to_text(frame.lines); }

}  // namespace mcq::cli
