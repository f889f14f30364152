#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace mcq::core {

/// A sign that the topology of a link has changed, so that switches may have forgotten members.
enum class TopologySign : std::uint8_t {
  kSolicitation,  ///< a leave for 0.0.0.0, which switches send after a change (SNP-08)
  kBpdu,          ///< a spanning tree frame with the topology change flag (SNP-09)
  kRejoin,        ///< an unsolicited report of a host that is a member already (SNP-10)
};
inline constexpr std::size_t kTopologySignCount = 3;

constexpr std::string_view to_string(TopologySign sign) {
  constexpr std::array<std::string_view, kTopologySignCount> kWords{"solicitation", "bpdu",
                                                                    "rejoin"};
  return kWords[static_cast<std::size_t>(sign)];
}

/// The General Queries that follow a change of the topology: a pair, kFollowUp apart, at most one
/// in kPause for all signs together (SNP-11).
class TopologyQueries {
 public:
  static constexpr Duration kFollowUp = 1s;
  static constexpr Duration kPause = 10s;
  /// Longest pause between pairs after rejoins. Some hosts repeat their reports unasked every few
  /// seconds or minutes for ever: the pause doubles with each pair until, after
  /// a pause, no host has rejoined for this long.
  static constexpr Duration kMaxRejoinPause = 1h;

  /// Whether a pair of queries begins now: the caller sends the first, and the second at
  /// deadline().
  bool begin(TopologySign sign, TimePoint now) {
    const bool is_rejoin = sign == TopologySign::kRejoin;
    if (now < next_ || (is_rejoin && now < next_rejoin_)) return false;
    if (is_rejoin) {
      const bool was_quiet = now - next_rejoin_ >= kMaxRejoinPause;
      rejoin_pause_ = was_quiet ? kPause : std::min<Duration>(2 * rejoin_pause_, kMaxRejoinPause);
      next_rejoin_ = now + rejoin_pause_;
    }
    next_ = now + kPause;
    second_ = now + kFollowUp;
    return true;
  }
  /// Whether begin() would refuse a rejoin.
  bool is_pausing(TimePoint now) const { return now < next_ || now < next_rejoin_; }
  /// When the second query of a pair is due; kNever when none is.
  TimePoint deadline() const { return second_; }
  /// Call when a query was sent at deadline(), or must not be sent any more.
  void end() { second_ = kNever; }

 private:
  TimePoint next_{-kPause}, next_rejoin_{-kMaxRejoinPause};
  TimePoint second_ = kNever;
  Duration rejoin_pause_ = kPause;
};

}  // namespace mcq::core
