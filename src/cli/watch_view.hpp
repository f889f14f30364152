#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cli/snapshot.hpp"

namespace mcq::cli {

/// What a piece of text is; the screen decides how that looks.
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

/// All that a frame is made from.
struct View {
  std::optional<Snapshot> snapshot;  ///< the latest there is
  std::string trouble;               ///< why there is no newer one; else empty
  ReportRates rates;
  std::size_t first = 0;  ///< the group to begin with
  bool utf8 = true;       ///< else only ASCII is written
};

struct Frame {
  std::vector<Line> lines;  ///< no more and no wider than the size allows
  std::size_t first = 0;    ///< the group it begins with: as far down as there are groups
  std::size_t page = 0;     ///< how many groups it has room for
};

/// Lays the view out. What there is no room for is cut off: from below, and on the right.
Frame lay_out(const View& view, Size size);

/// Without its styles.
std::string to_text(const Frame& frame);

}  // namespace mcq::cli
