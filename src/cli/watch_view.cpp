#include "cli/watch_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "cli/client.hpp"
#include "text/printable.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::cli {
namespace {

constexpr std::size_t kBarCells = 10, kLevels = 8;
constexpr std::size_t kMaxSentenceLines = 3;
/// A group with less than this part of its lifetime left has missed a query.
constexpr double kLittle = 0.25;

/// The characters of bars and curves.
struct Marks {
  std::string_view full, empty;
  std::array<std::string_view, kLevels> levels;
};
constexpr Marks kBlocks{"█", "░", {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}};
constexpr Marks kAscii{"#", ".", {"_", ".", ":", "-", "=", "+", "*", "#"}};
const Marks& marks(const View& view) { return view.utf8 ? kBlocks : kAscii; }

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

/// Pads the cells of all rows, heading included, to the width of their column. `right` has an r for
/// each right-aligned column.
void align(std::vector<Line>& rows, std::string_view right) {
  std::vector<std::size_t> widths(right.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], text::width(row[i].text));
    }
  }
  for (auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - text::width(row[i].text), ' ');
      auto& text = row[i].text;
      text = right[i] == 'r' ? padding + text : text + padding;
      if (i + 1 < row.size()) text += "  ";
    }
  }
}

Line heading(std::initializer_list<const char*> words) {
  Line line;
  for (const auto* word : words) line.push_back({word, Style::kHeading});
  return line;
}

/// Lists the interfaces, limited so that groups have room.
std::vector<Line> interface_table(const Snapshot& all, Size size) {
  const auto room =
      size.rows == Size::kEndless ? size.rows : std::max<std::size_t>(size.rows / 3, 1);
  const auto shown = std::min(all.interfaces.size(), room);
  std::vector<Line> rows{
      heading({"INTERFACE", "PROTO", "ROLE", "QUERIER", "NEXT", "HOSTS", "GROUPS"})};
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& one = all.interfaces[i];
    rows.push_back({{one.name},
                    {one.protocol},
                    {one.role, one.healthy ? Style::kGood : Style::kBad},
                    {one.querier},
                    {one.next_query},
                    {std::to_string(one.hosts)},
                    {std::to_string(one.groups)}});
  }
  align(rows, "llllrrr");
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
  const auto& levels = marks(view).levels;
  std::string curve;
  for (auto i = values.size() - std::min(values.size(), room); i < values.size(); ++i) {
    const auto share = most > 0 ? values[i] / most : 0;
    curve += levels[static_cast<std::size_t>(std::lround(share * (kLevels - 1)))];
  }
  return {{text}, {curve, Style::kGood}};
}

Span bar(const WatchedGroup& group, const Marks& marks) {
  const auto share = group.lifetime > 0 ? std::clamp(group.expire / group.lifetime, 0.0, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(std::lround(share * kBarCells));
  std::string text;
  for (std::size_t i = 0; i < kBarCells; ++i) text += i < full ? marks.full : marks.empty;
  return {text, share < kLittle ? Style::kWarning : Style::kGood};
}

/// Whether there is only one interface, so that groups need not name it.
bool is_single(const std::vector<WatchedInterface>& all) {
  return std::all_of(all.begin(), all.end(), [&](const auto& i) { return i.name == all[0].name; });
}

/// Makes the rows of all groups, shown or not, so that columns keep their width while scrolling.
std::vector<Line> group_table(const View& view) {
  std::vector<Line> rows{
      heading({"GROUP", "INTERFACE", "EXPIRES", "IN", "HOSTS", "VER", "LAST REPORTER", "NAME"})};
  for (const auto& group : view.snapshot->groups) {
    rows.push_back({{to_string(group.address)},
                    {group.interface},
                    bar(group, marks(view)),
                    {clock_time(group.expire)},
                    {group.hosts ? std::to_string(*group.hosts) : "-"},
                    {std::to_string(group.version)},
                    {group.last_reporter},
                    {text::well_known_group(group.address)}});
  }
  std::string_view right = "lllrrrll";
  if (is_single(view.snapshot->interfaces)) {
    for (auto& row : rows) row.erase(row.begin() + 1);
    right.remove_prefix(1);
  }
  align(rows, right);
  return rows;
}

std::string caption(const Snapshot& all, std::size_t first, std::size_t shown) {
  const auto listed = all.groups.size();
  if (listed == 0) return "No groups";
  auto text = "Groups " + std::to_string(first + 1) + " to " + std::to_string(first + shown) +
              " of " + std::to_string(listed);
  if (all.groups_in_all > listed) text += ", of " + std::to_string(all.groups_in_all) + " in all";
  return text;
}

Line title(const View& view, Size size) {
  std::string text = "igmp-querier";
  if (const auto& all = view.snapshot) {
    text += " " + all->version + ", up " + clock_time(all->up_time);
  }
  const std::string help = size.rows == Size::kEndless ? "" : "arrows scroll, q quits";
  const auto used = text.size() + help.size();
  if (used < size.columns) text += std::string(size.columns - used, ' ') + help;
  return {{text, Style::kTitle}};
}

template <class Lines>
void append(std::vector<Line>& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

void append_groups(Frame& frame, const View& view, Size size) {
  const auto table = group_table(view);
  const auto count = table.size() - 1;
  const auto above = frame.lines.size() + 2;  // the caption and the heading
  frame.page = size.rows - std::min(size.rows, above);
  frame.first = std::min(view.first, count - std::min(count, frame.page));
  const auto shown = std::min(count - frame.first, frame.page);
  if (count > 0 && shown == 0) return;
  frame.lines.push_back({{caption(*view.snapshot, frame.first, shown)}});
  if (count == 0) return;
  frame.lines.push_back(table[0]);
  const auto begin = table.begin() + 1 + static_cast<std::ptrdiff_t>(frame.first);
  frame.lines.insert(frame.lines.end(), begin, begin + static_cast<std::ptrdiff_t>(shown));
}

}  // namespace

Frame lay_out(const View& view, Size size) {
  Frame frame;
  frame.lines.push_back(title(view, size));
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
  if (all) {
    frame.lines.emplace_back();
    append(frame.lines, interface_table(*all, size));
    frame.lines.push_back(rate_line(view, size.columns));
    frame.lines.emplace_back();
    append_groups(frame, view, size);
  }
  if (frame.lines.size() > size.rows) frame.lines.resize(size.rows);
  for (auto& line : frame.lines) line = cut(line, size.columns);
  return frame;
}

std::string to_text(const Frame& frame) {
  std::string text;
  for (const auto& line : frame.lines) {
    for (const auto& span : line) text += span.text;
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace mcq::cli
