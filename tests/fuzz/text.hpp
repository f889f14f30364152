#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"

// What must hold of text that people or programs are shown.

namespace mcq::fuzz {

inline bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7f; }

/// A sentence in one line, which cannot be taken for two and moves no cursor.
inline void require_line(std::string_view text, const char* promise) {
  require(!text.empty() && std::none_of(text.begin(), text.end(), is_control), promise);
}

/// How long the character of UTF-8 is that the text begins with; 0 when there is none (RFC 3629
/// §3).
inline std::size_t utf8_character(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto lies = [&](std::size_t i, int low, int high) {
    return low <= byte(i) && byte(i) <= high;
  };
  const auto follows = [&](std::size_t i) { return lies(i, 0x80, 0xbf); };
  const int lead = byte(0);
  if (text.empty()) return 0;
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool second = lies(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
    return second && follows(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second = lies(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto size = utf8_character(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// Lines for a terminal: UTF-8, and of control characters only the ends of lines.
inline void require_lines(std::string_view text, const char* promise) {
  require(is_utf8(text), promise);
  require(std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\n'; }),
          promise);
}

}  // namespace mcq::fuzz
