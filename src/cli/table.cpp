#include "cli/table.hpp"

#include <algorithm>
#include <optional>

#include "text/printable.hpp"

namespace mcq::cli {
namespace {

constexpr std::size_t kGap = 2, kDetailIndent = 4;

std::size_t total(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (const auto width : widths) {
    if (width > 0) sum += width + (sum > 0 ? kGap : 0);
  }
  return sum;
}

/// Cuts a text, also to less than text::shortened() does.
std::string cut(const std::string& text, std::size_t columns) {
  auto shown = text::shortened(text, columns);
  while (text::width(shown) > columns) shown.pop_back();
  return shown;
}

std::string padded(const std::string& cell, std::size_t columns, Table::Align align) {
  const std::string space(columns - std::min(columns, text::width(cell)), ' ');
  return align == Table::Align::kRight ? space + cell : cell + space;
}

/// A further line, of which the lines after the first are indented deeper.
void append_detail(std::vector<Line>& lines, const std::string& detail, std::size_t columns) {
  const auto text = wrapped(detail, 2 * kDetailIndent, columns);
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string indent(begin == 0 ? kDetailIndent : 0, ' ');
    lines.push_back({{cut(indent + text.substr(begin, end - begin), columns)}});
    begin = end + 1;
  }
}

}  // namespace

void Table::add(Line cells, std::vector<std::string> details) {
  rows_.push_back({std::move(cells), std::move(details)});
}

/// The width of each column; 0 for those that are left out. Texts are cut to the most of their
/// column only where the whole table does not fit.
std::vector<std::size_t> Table::widths(std::size_t columns) const {
  const auto needed = [&](bool is_cut) {
    std::vector<std::size_t> all(columns_.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const auto& row : rows_) all[i] = std::max(all[i], text::width(row.cells[i].text));
      const auto most = columns_[i].most;
      if (is_cut && most > 0) all[i] = std::min(all[i], most);
      if (all[i] > 0) all[i] = std::max(all[i], text::width(columns_[i].title));
    }
    return all;
  };
  auto all = needed(false);
  if (total(all) > columns) all = needed(true);
  while (total(all) > columns) {
    std::size_t worst = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
      const bool is_worse = worst == 0 || columns_[i].rank > columns_[worst].rank;
      if (all[i] > 0 && is_worse) worst = i;
    }
    if (worst == 0) {
      all[0] = columns;
      break;
    }
    all[worst] = 0;
  }
  return all;
}

std::vector<Line> Table::lines(std::size_t columns) const {
  const auto all = widths(columns);
  std::vector<Line> lines;
  const auto add_line = [&](const auto& cell_of) {
    Line line;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i] == 0) continue;
      if (!line.empty()) line.push_back({std::string(kGap, ' ')});
      auto [text, style] = cell_of(i);
      line.push_back({padded(cut(text, all[i]), all[i], columns_[i].align), style});
    }
    lines.push_back(std::move(line));
  };
  add_line([&](std::size_t i) { return Span{columns_[i].title, Style::kHeading}; });
  for (const auto& row : rows_) {
    add_line([&](std::size_t i) { return row.cells[i]; });
    for (const auto& detail : row.details) append_detail(lines, detail, columns);
  }
  return lines;
}

}  // namespace mcq::cli
