#pragma once

#include <bit>
#include <cstdint>

namespace mcq::wire {

/// The floating-point code of a time (RFC 9776 §4.1.1, RFC 9777 §5.1.3), here with the four bits of
/// mantissa of IGMPv3; MLDv2 has twelve:
///
///    0 1 2 3 4 5 6 7
///   +-+-+-+-+-+-+-+-+
///   |1| exp | mant  |   (mant + 2^MantissaBits) * 2^(exp + 3)
///   +-+-+-+-+-+-+-+-+
///   |0|    value    |
///   +-+-+-+-+-+-+-+-+
template <class Code, unsigned MantissaBits>
struct TimeCode {
  static_assert(sizeof(Code) * 8 == 1 + 3 + MantissaBits);
  static constexpr std::uint32_t kHidden = 1U << MantissaBits;  ///< implied bit of a mantissa
  static constexpr std::uint32_t kFirstFloat = kHidden << 3U;
  static constexpr std::uint32_t kMax = (2 * kHidden - 1) << 10U;

  static constexpr std::uint32_t decode(Code code) {
    if (code < kFirstFloat) return code;
    const unsigned exponent = (code >> MantissaBits) & 0x07U;
    const unsigned mantissa = code & (kHidden - 1);
    return (mantissa + kHidden) << (exponent + 3);
  }

  /// Returns the exact code, else that of the next lower value (RFC 9776 §8.8, RFC 9777 §9.8);
  /// that of kMax for greater values.
  static constexpr Code encode(std::uint32_t value) {
    if (value < kFirstFloat) return static_cast<Code>(value);
    if (value >= kMax) return static_cast<Code>(~Code{0});
    const auto exponent = static_cast<unsigned>(std::bit_width(value)) - (MantissaBits + 4);
    const unsigned mantissa = (value >> (exponent + 3)) & (kHidden - 1);
    return static_cast<Code>(kFirstFloat | exponent << MantissaBits | mantissa);
  }
};

/// Max Resp Code of IGMPv3, and QQIC (RFC 9776 §4.1.1, §4.1.7, RFC 9777 §5.1.9).
using TimeCode8 = TimeCode<std::uint8_t, 4>;
/// Maximum Response Code of MLDv2 (RFC 9777 §5.1.3).
using TimeCode16 = TimeCode<std::uint16_t, 12>;

}  // namespace mcq::wire
