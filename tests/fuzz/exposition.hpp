#pragma once

#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "require.hpp"
#include "text.hpp"

// The text format of Prometheus, version 0.0.4.

namespace mcq::fuzz {

inline std::string_view take_name(std::string_view& line) {
  const auto end = std::min(line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), line.size());
  const auto name = line.substr(0, end);
  line.remove_prefix(end);
  require(!name.empty(), "there is a name");
  return name;
}

/// label="value", in which quotes, backslashes and ends of lines are escaped.
inline void take_labels(std::string_view& line) {
  std::set<std::string_view> names;
  while (!line.starts_with('}')) {
    require(names.insert(take_name(line)).second, "a label is given once");
    require(line.starts_with("=\""), "a label has a value");
    line.remove_prefix(2);
    while (!line.starts_with('"')) {
      const bool is_escaped = line.starts_with('\\');
      require(line.size() > 2, "a value ends");
      require(!is_escaped || std::string_view{"\\\"n"}.find(line[1]) != line.npos,
              "only some characters are escaped");
      line.remove_prefix(is_escaped ? 2 : 1);
    }
    line.remove_prefix(1);
    if (line.starts_with(',')) line.remove_prefix(1);
  }
  line.remove_prefix(1);
}

inline void check_sample(std::string_view line, const std::set<std::string>& declared,
                         std::set<std::string>& series) {
  const auto whole = line;
  const auto name = take_name(line);
  require(declared.contains(std::string{name}), "a sample is of a metric that was declared");
  if (line.starts_with('{')) {
    line.remove_prefix(1);
    take_labels(line);
  }
  require(series.emplace(whole.substr(0, whole.size() - line.size())).second,
          "a series has one sample");
  require(line.starts_with(' ') && line.size() > 1, "a sample has a value");
  const std::string value{line.substr(1)};
  char* end = nullptr;
  std::strtod(value.c_str(), &end);
  require(*end == '\0', "a value is a number");
}

inline void check_exposition(std::string_view text) {
  require_lines(text, "metrics are text");
  require(text.ends_with('\n'), "the last line ends");
  std::set<std::string> declared, series;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    static constexpr std::string_view kType = "# TYPE ";
    if (line.starts_with(kType)) {
      auto rest = line.substr(kType.size());
      require(declared.emplace(take_name(rest)).second, "a metric is declared once");
      require(rest == " gauge" || rest == " counter", "a metric has a type");
    } else if (!line.starts_with("# HELP ")) {
      check_sample(line, declared, series);
    }
  }
}

}  // namespace mcq::fuzz
