#include "soak/plot.hpp"

#include <algorithm>
#include <array>

namespace mcq::soak {
namespace {

using Levels = std::array<const char*, 8>;
constexpr Levels kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr Levels kAscii{".", ".", ":", "-", "=", "+", "*", "#"};

/// Packets are counted by the second in which they arrive: a few may fall into a neighbour.
constexpr double kAsGoodAsAll = 0.9;

const char* mark(double value, const Levels& levels) {
  if (value <= 0) return "_";
  const auto level = static_cast<std::size_t>(value * static_cast<double>(levels.size()));
  return levels.at(std::min(level, levels.size() - 1));
}

}  // namespace

std::vector<double> worst_seconds(const std::vector<std::uint32_t>& seconds, std::uint32_t rate,
                                  std::size_t columns) {
  std::vector<double> values;
  if (rate == 0) return values;
  const auto count = std::min(columns, seconds.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = [&](std::size_t column) {
      return seconds.begin() + static_cast<std::ptrdiff_t>(column * seconds.size() / count);
    };
    const double share = static_cast<double>(*std::min_element(at(i), at(i + 1))) / rate;
    values.push_back(share >= kAsGoodAsAll ? 1 : share);
  }
  return values;
}

std::string plot_line(const std::vector<double>& values, bool utf8) {
  std::string line;
  for (const auto value : values) line += mark(value, utf8 ? kBlocks : kAscii);
  return line;
}

std::string progress_bar(double share, std::size_t columns, bool utf8) {
  const auto whole = std::clamp(share, 0.0, 1.0) * static_cast<double>(columns);
  const auto filled = static_cast<std::size_t>(whole);
  std::string bar;
  for (std::size_t i = 0; i < columns; ++i) {
    bar += i < filled ? (utf8 ? "█" : "#") : (utf8 ? "░" : ".");
  }
  return bar;
}

}  // namespace mcq::soak
