#include "cli/styled_text.hpp"

#include <algorithm>
#include <string_view>

#include "text/printable.hpp"

namespace mcq::cli {
namespace {

/// The parameters of Select Graphic Rendition; empty for plain text.
std::string_view parameters(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kTitle:
      return "7";
    case Style::kHeading:
      return "1";
    case Style::kGood:
      return "32";
    case Style::kWarning:
      return "33";
    case Style::kBad:
      return "1;31";
  }
  return "";
}

/// Puts "?" in place of each character that is not ASCII.
std::string ascii(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool continues = (byte & 0xc0) == 0x80;
    if (!continues) result += byte < 0x80 ? c : '?';
  }
  return result;
}

}  // namespace

std::string painted(const std::string& text, Style style, const Output& output) {
  auto shown = output.is_utf8 ? text : ascii(text);
  const auto colour = parameters(style);
  if (!output.has_colours || colour.empty() || text.empty()) return shown;
  return "\x1b[" + std::string{colour} + "m" + shown + "\x1b[0m";
}

std::string to_text(const std::vector<Line>& lines, const Output& output) {
  std::string text;
  for (const auto& line : lines) {
    auto end = line.size();  // of the spans that are not blank
    while (end > 0 && line[end - 1].text.find_last_not_of(' ') == std::string::npos) --end;
    for (std::size_t i = 0; i < end; ++i) {
      auto shown = line[i].text;
      if (i + 1 == end) shown.erase(shown.find_last_not_of(' ') + 1);
      text += painted(shown, line[i].style, output);
    }
    text += '\n';
  }
  return text;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t columns) {
  std::string result;
  std::size_t column = indent;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const auto word = text.substr(begin, end - begin);
    const auto width = text::width(word);
    const bool first = column == indent;
    if (!first && (columns <= column || columns - column - 1 < width)) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      result += ' ';
      ++column;
    }
    result += word;
    column += width;
    begin = end + 1;
  }
  return result;
}

}  // namespace mcq::cli
