#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "base/family.hpp"
#include "core/by_address.hpp"
#include "core/timer_wheel.hpp"

namespace mcq::core {

/// RFC 9776 §6.2.1
enum class FilterMode : std::uint8_t { kInclude, kExclude };

/// A timer that does not run.
inline constexpr TimePoint kStopped = TimePoint::min();

template <Family F>
struct Source {
  typename F::Address address{};
  std::uint8_t queries_left = 0;  ///< specific queries that are still to carry it
  TimePoint expires = kStopped;   ///< stopped: it is on the exclude list
  bool is_requested() const { return expires != kStopped; }
  bool operator==(const Source&) const = default;
};

/// A host that reported a group.
template <Family F>
struct Host {
  typename F::Address address{};
  typename F::Version version = F::kNewest;  ///< of its last report
  TimePoint last_report{};
  bool operator==(const Host&) const = default;
};

/// A group somebody listens to: its state by RFC 9776 §6.2 and RFC 9777 §7.2.
template <Family F>
struct Group {
  using Address = typename F::Address;
  using Version = typename F::Version;

  Address address{};
  Address last_reporter{};  ///< the source of the last report; may be unspecified
  FilterMode mode = FilterMode::kInclude;
  std::uint8_t queries_left = 0;  ///< group-specific queries still to be sent
  TimePoint since{};
  TimePoint expires = kStopped;   ///< the group timer: runs in exclude mode alone
  TimePoint next_query = kNever;  ///< no specific query before; kNever when none was sent of late
  /// How long hosts of version 1, version 2 and so on count as present (RFC 9776 §7.3.2).
  std::array<TimePoint, static_cast<std::size_t>(F::kNewest) - 1> older_until = all_stopped();
  /// In include mode the sources asked for; in exclude mode the requested list and the exclude
  /// list. By address.
  std::vector<Source<F>> sources{};
  std::vector<Host<F>> hosts{};  ///< by address
  TimerLinks links{};

  /// The group compatibility mode: the oldest version of a host that is present.
  Version compatibility(TimePoint now) const {
    const auto oldest = std::find_if(older_until.begin(), older_until.end(),
                                     [&](TimePoint until) { return until > now; });
    return static_cast<Version>(oldest - older_until.begin() + 1);
  }
  /// Whether a router would pass on what this source sends (RFC 9776 §6.3).
  bool is_forwarded(const Address& source) const {
    const auto found = place_of(sources, source);
    const bool is_listed = found != sources.end() && found->address == source;
    return is_listed ? found->is_requested() : mode == FilterMode::kExclude;
  }

 private:
  static constexpr auto all_stopped() {
    std::array<TimePoint, static_cast<std::size_t>(F::kNewest) - 1> timers{};
    timers.fill(kStopped);
    return timers;
  }
};

}  // namespace mcq::core
