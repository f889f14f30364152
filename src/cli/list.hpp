#pragma once

#include <CLI/App.hpp>
#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/ip_address.hpp"
#include "cli/table.hpp"

namespace mcq::cli {

/// Lines below a table are no longer.
inline constexpr std::size_t kNoteColumns = 80;

/// Declares --sort with the words of the columns. `older`: words that are taken for others.
void declare_sort(CLI::App& command, std::string& sort, const std::vector<std::string>& words,
                  const std::map<std::string, std::string>& older = {});

/// What rows are ordered by: rows without a value last, then numbers and texts ascending.
struct SortKey {
  bool is_missing = false;
  double number = 0;
  std::string text{};
  auto operator<=>(const SortKey&) const = default;
};

inline SortKey by_number(double number) { return {.number = number}; }
inline SortKey by_text(std::string text) {
  return {.is_missing = text.empty() || text == "-", .text = std::move(text)};
}
/// Orders by the number that an address is, IPv4 first.
inline SortKey by_address(const std::string& text) {
  const auto address = parse_address(text);
  if (!address) return {.is_missing = true, .text = text};
  return std::visit(
      [](const auto& a) {
        return SortKey{.number = static_cast<double>(a.bytes.size()),
                       .text = {a.bytes.begin(), a.bytes.end()}};
      },
      *address);
}

/// A column of a list: what it shows of a row, and how it orders rows.
template <class Row>
struct Field {
  Table::Column column;
  std::function<Span(const Row&)> cell;
  std::function<SortKey(const Row&)> key;
};

template <class Row>
using Fields = std::vector<Field<Row>>;

/// The word for a column on the command line: "last-reporter" for "Last reporter".
inline std::string word_of(const std::string& title) {
  std::string word;
  for (const char c : title) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    word += c == ' ' ? '-' : static_cast<char>(is_upper ? c - 'A' + 'a' : c);
  }
  return word;
}

template <class Row>
std::vector<std::string> words_of(const Fields<Row>& fields) {
  std::vector<std::string> words;
  for (const auto& field : fields) words.push_back(word_of(field.column.title));
  return words;
}

template <class Row>
Table table_of(const Fields<Row>& fields) {
  std::vector<Table::Column> columns;
  for (const auto& field : fields) columns.push_back(field.column);
  return Table{std::move(columns)};
}

template <class Row>
Line cells_of(const Fields<Row>& fields, const Row& row) {
  Line cells;
  for (const auto& field : fields) cells.push_back(field.cell(row));
  return cells;
}

/// Sorts rows by the column with that word, equal ones by the first column. An unknown word is that
/// of the first column.
template <class Rows, class Row = typename Rows::value_type>
void sort_rows(Rows& rows, const Fields<Row>& fields, const std::string& word, bool reverse) {
  const auto words = words_of(fields);
  const auto found = std::find(words.begin(), words.end(), word);
  const auto at = found == words.end() ? 0 : static_cast<std::size_t>(found - words.begin());
  struct Keyed {
    SortKey key, first;
    Row row;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(rows.size());
  for (auto& row : rows) {
    auto key = fields[at].key(row);
    auto first = fields[0].key(row);
    keyed.push_back({std::move(key), std::move(first), std::move(row)});
  }
  std::stable_sort(keyed.begin(), keyed.end(), [&](const Keyed& a, const Keyed& b) {
    if (a.key != b.key) return reverse ? b.key < a.key : a.key < b.key;
    return a.first < b.first;
  });
  std::transform(keyed.begin(), keyed.end(), rows.begin(),
                 [](Keyed& one) { return std::move(one.row); });
}

}  // namespace mcq::cli
