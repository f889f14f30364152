#pragma once

#include <bit>
#include <cstdint>

namespace mcq::wire {

/// A float for times: the value itself while its first bit is 0, else `1 exp(3) mant` for
/// (mant + 2^bits) * 2^(exp + 3), where mant has that many bits.
template <class Code, unsigned MantissaBits>
struct TimeCode {
  static_assert(sizeof(Code) * 8 == 1 + 3 + MantissaBits);
  static constexpr std::uint32_t kHidden = 1U << MantissaBits;  ///< the bit that is not sent
  static constexpr std::uint32_t kFirstFloat = kHidden << 3U;
  static constexpr std::uint32_t kMax = (2 * kHidden - 1) << 10U;

  static constexpr std::uint32_t decode(Code code) {
    if (code < kFirstFloat) return code;
    const unsigned exponent = (code >> MantissaBits) & 0x07U;
    const unsigned mantissa = code & (kHidden - 1);
    return (mantissa + kHidden) << (exponent + 3);
  }

  /// The exact code, or the one for the next lower value (RFC 9776 §8.8, RFC 9777 §9.8); above
  /// kMax, kMax's.
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
