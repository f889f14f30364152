#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "base/time.hpp"

namespace mcq::monitor {

/// Counts what goes wrong by reason, and says when to tell: at once, then after gaps that double
/// from a minute to an hour for as long as it goes on. Whoever floods us cannot flood the log.
class FaultCounters {
 public:
  static constexpr Duration kShortestGap = 1min;
  static constexpr Duration kLongestGap = 1h;
  static constexpr Duration kRecent = 10min;

  struct Entry {
    std::uint64_t count = 0;
    TimePoint last_seen{};
    TimePoint tell_from{};
    Duration gap = kShortestGap;
  };

  /// Counts so many more; true when it should be logged. Reasons are string literals.
  bool count(std::string_view reason, TimePoint now, std::uint64_t times = 1);

  /// Whether it has happened within the last ten minutes.
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
