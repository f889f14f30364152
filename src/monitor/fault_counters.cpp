#include "monitor/fault_counters.hpp"

#include <algorithm>

namespace mcq::monitor {

bool FaultCounters::count(std::string_view reason, TimePoint now, std::uint64_t times) {
  auto& entry = entries_[reason];
  if (entry.count > 0 && now - entry.last_seen >= kMaxGap) entry.gap = kMinGap;
  const bool tell = entry.count == 0 || now >= entry.tell_from;
  entry.count += times;
  entry.last_seen = now;
  if (tell) {
    entry.tell_from = now + entry.gap;
    entry.gap = std::min(2 * entry.gap, kMaxGap);
  }
  return tell;
}

}  // namespace mcq::monitor
