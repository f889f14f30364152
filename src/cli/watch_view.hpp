#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cli/snapshot.hpp"

namespace mcq::cli {

/// The meaning of a piece of text. Screen chooses its colour and weight.
enum class Style : std::uint8_t { kPlain, kTitle, kHeading, kGood, kWarning, kBad };

struct Span {
  std::string text;
  Style style = Style::kPlain;
  bool operator==(const Span&) const = default;
};
using Line = std::vector<Span>;

struct Size {
  static constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();
  std::size_t columns = 80, rows = kEndless;
};

/// The input of lay_out().
struct View {
  std::optional<Snapshot> snapshot;  ///< the latest one
  std::string trouble;               ///< why there is no newer snapshot; else empty
  ReportRates rates;
  std::size_t first = 0;  ///< index of the first group to show
  bool utf8 = true;       ///< false: uses only ASCII
};

struct Frame {
  std::vector<Line> lines;  ///< within the given size
  std::size_t first = 0;    ///< index of the first group shown; at most that of View
  std::size_t page = 0;     ///< number of groups that fit
};

/// Lays the view out. Cuts off at the bottom and on the right what does not fit.
Frame lay_out(const View& view, Size size);

/// The text of the frame, without styles.
std::string to_text(const Frame& frame);

}  // namespace mcq::cli
