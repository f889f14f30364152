#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace mcq::cli {

/// The meaning of a piece of text. The output chooses its colour and weight.
enum class Style : std::uint8_t { kPlain, kTitle, kHeading, kGood, kWarning, kBad };

struct Span {
  std::string text{};
  Style style = Style::kPlain;
  bool operator==(const Span&) const = default;
};
using Line = std::vector<Span>;

/// What the output of a command can show.
struct Output {
  static constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();
  std::size_t columns = kEndless;
  bool has_colours = false;  ///< of a terminal (ECMA-48 §8.3.117)
  bool is_utf8 = true;       ///< else "?" stands for what is not ASCII
};

/// The text in the colours of its style, if the output has colours.
std::string painted(const std::string& text, Style style, const Output& output);

/// The lines as text, without blanks at their ends.
std::string to_text(const std::vector<Line>& lines, const Output& output = {});

/// Wraps `text` between words. Indents all lines except the first by `indent` blanks. A word longer
/// than a line is not cut.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t columns = 80);

}  // namespace mcq::cli
