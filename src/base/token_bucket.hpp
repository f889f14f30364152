#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/time.hpp"

namespace mcq {

/// Lets a number through at once, and from then on one an interval. What it holds back is counted,
/// so that whoever comes through can speak for it.
class RateLimit {
 public:
  static constexpr int kAtOnce = 20;
  static constexpr Duration kInterval = 1min;

  bool allows(TimePoint now) {
    const auto start = std::max(spent_until_, now - kAtOnce * kInterval);
    if (start + kInterval > now) {
      ++held_back_;
      return false;
    }
    spent_until_ = start + kInterval;
    return true;
  }
  std::uint64_t take_held_back() { return std::exchange(held_back_, 0); }

 private:
  /// What came through has used up the time before that, an interval each.
  TimePoint spent_until_ = TimePoint::min();
  std::uint64_t held_back_ = 0;
};

}  // namespace mcq
