#pragma once

#include <bit>
#include <cstdint>

namespace mcq::wire {

/// The 8-bit float of Max Resp Code and QQIC: below 128 the value itself, above it
/// `1 exp(3) mant(4)` for (mant + 16) * 2^(exp + 3) (RFC 9776 §4.1.1, §4.1.7).
struct TimeCode8 {
  static constexpr std::uint32_t kMax = 31744;

  static constexpr std::uint32_t decode(std::uint8_t code) {
    if (code < 128) return code;
    const unsigned exponent = (code >> 4U) & 0x07U;
    const unsigned mantissa = code & 0x0fU;
    return (mantissa + 16) << (exponent + 3);
  }

  /// The exact code, or the one for the next lower value (RFC 9776 §8.8); above kMax, kMax's.
  static constexpr std::uint8_t encode(std::uint32_t value) {
    if (value < 128) return static_cast<std::uint8_t>(value);
    if (value >= kMax) return 0xff;
    const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 8;
    const unsigned mantissa = (value >> (exponent + 3)) & 0x0fU;
    return static_cast<std::uint8_t>(0x80U | exponent << 4U | mantissa);
  }
};

}  // namespace mcq::wire
