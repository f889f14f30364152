#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "base/time.hpp"

namespace mcq::monitor {

/// Counts drops and faults by reason, and limits how often they are logged: at once, then after
/// gaps that double from a minute to an hour while they continue. A flood of packets does not flood
/// the log.
class FaultCounters {
 public:
  static constexpr Duration kMinGap = 1min;
  static constexpr Duration kMaxGap = 1h;
  static constexpr Duration kRecent = 10min;

  struct Entry {
    std::uint64_t count = 0;
    TimePoint last_seen{};
    TimePoint tell_from{};
    Duration gap = kMinGap;
  };

  /// Adds `times`; returns whether to log it. `reason` must be a string literal.
  bool count(std::string_view reason, TimePoint now, std::uint64_t times = 1);

  /// Whether it was counted within kRecent.
  bool is_recent(std::string_view reason, TimePoint now) const {
    const auto found = entries_.find(reason);
    return found != entries_.end() && now - found->second.last_seen < kRecent;
  }

  /// By reason, in alphabetical order.
  const std::map<std::string_view, Entry>& entries() const { return entries_; }

 private:
  std::map<std::string_view, Entry> entries_;
};

}  // namespace mcq::monitor
