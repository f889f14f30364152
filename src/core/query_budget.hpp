#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace mcq::core {

/// How many specific queries leaves may draw on a link: so many at once, and so many a second from
/// then on. Rounds that have begun go on, so it may be overdrawn by what they still send; nothing
/// new begins until that is paid back.
class QueryBudget {
 public:
  static constexpr int kAtOnce = 4000;
  static constexpr Duration kInterval = 2ms;  ///< 500 a second

  bool allows(TimePoint now) const { return next() <= now; }
  /// From when on it allows the next one.
  TimePoint next() const { return spent_until_ + kInterval; }
  void spend(TimePoint now) {
    spent_until_ = std::max(spent_until_, now - kAtOnce * kInterval) + kInterval;
  }

 private:
  /// What was sent has used up the time before that, an interval each.
  TimePoint spent_until_ = TimePoint::min();
};

}  // namespace mcq::core
