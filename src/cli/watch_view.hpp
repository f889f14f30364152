#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/snapshot.hpp"
#include "cli/styled_text.hpp"
#include "cli/watch_list.hpp"

namespace mcq::cli {

struct Size {
  static constexpr std::size_t kEndless = Output::kEndless;
  std::size_t columns = 80, rows = kEndless;
};

/// The input of lay_out().
struct View {
  std::optional<Snapshot> snapshot{};  ///< the latest one
  std::string trouble{};               ///< why there is no newer snapshot; else empty
  ReportRates rates{};
  std::size_t first = 0;  ///< index of the first row to show
  bool utf8 = true;       ///< false: uses only ASCII
  ListChoice list{};
  bool types_filter = false;  ///< the user types the filter
};

struct Frame {
  std::vector<Line> lines{};  ///< within the given size
  std::size_t first = 0;      ///< index of the first row shown; at most that of View
  std::size_t page = 0;       ///< number of rows that fit
  std::size_t columns = 0;    ///< of the list
};

/// Lays the view out. Cuts off at the bottom and on the right what does not fit.
Frame lay_out(const View& view, Size size);

/// The text of the frame, without styles.
std::string to_text(const Frame& frame);

}  // namespace mcq::cli
