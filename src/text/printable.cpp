#include "text/printable.hpp"

#include <algorithm>
#include <cstdint>

namespace mcq::text {
namespace {

constexpr bool continues(char byte) { return (byte & '\xc0') == '\x80'; }

}  // namespace

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string shortened(const std::string& text, std::size_t columns) {
  static constexpr std::string_view kEnd = "...";
  if (width(text) <= columns || columns < kEnd.size()) return text;
  std::size_t end = 0;
  for (auto left = columns - kEnd.size(); left > 0; --left) {
    ++end;
    while (end < text.size() && continues(text[end])) ++end;
  }
  return text.substr(0, end) + std::string{kEnd};
}

std::string counted(std::uint64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string some_of(const std::vector<std::string>& names, std::size_t all, std::size_t most) {
  const auto named = std::min(names.size(), most);
  std::string list;
  for (std::size_t i = 0; i < named; ++i) list += (i == 0 ? "" : ", ") + names[i];
  return all > named ? list + " and " + std::to_string(all - named) + " more" : list;
}

}  // namespace mcq::text
