#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcq {
namespace printable_detail {

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;  ///< bytes; 0 when the text is not UTF-8
};

constexpr bool continues(char byte) { return (byte & '\xc0') == '\x80'; }

/// Returns the first character of a text that is not empty (RFC 3629 §3).
inline Character first_of(std::string_view text) {
  struct Form {
    std::size_t size;
    std::uint32_t least;  ///< lower codes have a shorter form
    std::uint8_t mask, lead;
  };
  static constexpr Form kForms[] = {
      {1, 0, 0x80, 0x00}, {2, 0x80, 0xe0, 0xc0}, {3, 0x800, 0xf0, 0xe0}, {4, 0x10000, 0xf8, 0xf0}};
  const auto lead = static_cast<std::uint8_t>(text[0]);
  for (const auto& form : kForms) {
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() < form.size) return {};
    std::uint32_t code = lead & static_cast<std::uint8_t>(~form.mask);
    for (std::size_t i = 1; i < form.size; ++i) {
      if (!continues(text[i])) return {};
      code = code << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3fU);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < form.least || code > 0x10ffff || surrogate) return {};
    return {code, form.size};
  }
  return {};
}

constexpr bool is_harmless(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool line_or_direction = (code >= 0x200e && code <= 0x200f) ||
                                 (code >= 0x2028 && code <= 0x202e) ||
                                 (code >= 0x2066 && code <= 0x2069);
  return !control && !line_or_direction;
}

}  // namespace printable_detail

/// Returns a text of unknown origin in a form safe for terminals and logs: replaces every byte that
/// is not UTF-8, every control character and every mark of writing direction by "?".
inline std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto [code, size] = printable_detail::first_of(text);
    if (size > 0 && printable_detail::is_harmless(code)) {
      result += text.substr(0, size);
    } else {
      result += '?';
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

}  // namespace mcq
