#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "cli/styled_text.hpp"

namespace mcq::cli {

/// Rows in columns of the width they need, within the width of the output.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    /// Where not all columns fit, those of the highest rank are left out first. The first column
    /// stays.
    int rank = 0;
    /// Width to which longer cells are cut where the whole table does not fit; 0: none.
    std::size_t most = 0;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds a row with one cell per column, and further lines below it.
  void add(Line cells, std::vector<std::string> details = {});
  /// The heading and the rows, none wider than `columns`. Leaves out columns without a cell; wraps
  /// the further lines.
  std::vector<Line> lines(std::size_t columns) const;

 private:
  struct Row {
    Line cells;
    std::vector<std::string> details;
  };
  std::vector<std::size_t> widths(std::size_t columns) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace mcq::cli
