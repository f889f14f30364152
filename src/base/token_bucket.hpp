#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace mcq {

/// Token bucket: allows a burst at once, and from then on one use an interval. It may be overdrawn;
/// then nothing is allowed until the debt is paid back.
class TokenBucket {
 public:
  constexpr TokenBucket(int burst, Duration interval) : burst_(burst), interval_(interval) {}

  bool allows(TimePoint now) const { return next() <= now; }
  /// Time from which the next use is allowed.
  TimePoint next() const { return spent_until_ + interval_; }
  /// Uses one token, allowed or not.
  void spend(TimePoint now) {
    spent_until_ = std::max(spent_until_, now - burst_ * interval_) + interval_;
  }

 private:
  int burst_;
  Duration interval_;
  /// Each use has consumed an interval of the time before this.
  TimePoint spent_until_ = TimePoint::min();
};

}  // namespace mcq
