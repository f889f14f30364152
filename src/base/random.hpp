#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace mcq {

/// A seeded pseudo-random generator, reproducible from its seed: SplitMix64 (Steele, Lea and Flood,
/// 2014). For spreading timers and seeding hashes; not for cryptography.
class Random {
 public:
  constexpr explicit Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// Returns a number uniform in [0, bound); 0 when bound is 0.
  constexpr std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

  /// Returns a duration uniform in [low, high], in nanoseconds; `low` when `high` is not greater.
  constexpr Duration between(Duration low, Duration high) {
    if (high <= low) return low;
    return low + Duration{static_cast<Duration::rep>(
                     below(static_cast<std::uint64_t>((high - low).count()) + 1))};
  }

 private:
  std::uint64_t state_;
};

}  // namespace mcq
