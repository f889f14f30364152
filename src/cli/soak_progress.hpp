#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace mcq::cli {

/// How far a measurement is.
struct SoakView {
  Duration elapsed{}, total{};
  std::uint64_t packets = 0;
  std::string details{};                 ///< appended to a line; may be empty
  std::vector<std::uint32_t> seconds{};  ///< packets in each second, for the plot; may be empty
  std::uint32_t rate = 0;
};

/// Shows how far a measurement is: a bar and a plot that are redrawn on a terminal, else a line
/// from time to time.
class SoakProgress {
 public:
  enum class Style : std::uint8_t { kNone, kLines, kTerminal };

  /// `every`: time between two lines.
  SoakProgress(std::ostream& out, Style style, Duration every);

  /// Call when the measurement begins.
  void start(TimePoint now);

  bool is_due(TimePoint now) const { return now >= next_; }
  TimePoint due() const { return next_; }
  void show(const SoakView& view);
  /// Removes the bar, so that something else can be printed.
  void clear();

 private:
  void show_line(const SoakView& view);
  void redraw(const SoakView& view);

  std::ostream& out_;
  Style style_;
  bool utf8_;
  Duration every_;
  TimePoint next_ = kNever;
  std::uint64_t before_ = 0;
  int drawn_ = 0;  ///< lines
};

}  // namespace mcq::cli
