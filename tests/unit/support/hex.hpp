#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>

#include "wire/bytes.hpp"

namespace mcq::test {

/// The bytes of "11 64 ee 9b": two digits each, spaces where they help the eye.
inline wire::Buffer hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  wire::Buffer out;
  bool second_digit = false;
  for (const char c : text) {
    if (c == ' ') continue;
    const auto digit = kDigits.find(c);
    assert(digit != std::string_view::npos);
    if (second_digit) {
      out.back() = static_cast<std::uint8_t>(unsigned{out.back()} << 4U | digit);
    } else {
      out.push_back(static_cast<std::uint8_t>(digit));
    }
    second_digit = !second_digit;
  }
  assert(!second_digit);
  return out;
}

/// The same bytes with the checksum at `offset` made right for the first `covered` of them.
inline wire::Buffer with_checksum(wire::Buffer bytes, std::size_t offset, std::size_t covered) {
  bytes[offset] = 0;
  bytes[offset + 1] = 0;
  wire::set_checksum(std::span{bytes}.first(covered), offset);
  return bytes;
}

}  // namespace mcq::test
