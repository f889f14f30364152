#pragma once

#include "base/random.hpp"
#include "core/event.hpp"
#include "core/settings.hpp"

namespace mcq::core {

inline constexpr int kInitialAdvertisements = 3;                  // RFC 4286 §3.1.4
inline constexpr Duration kMaxInitialAdvertisementInterval = 2s;  // RFC 4286 §3.1.3
inline constexpr Duration kMaxAdvertisementDelay = 2s;            // RFC 4286 §6
inline constexpr Duration kMinAdvertisementGap = 100ms;           // RFC 4286 §3.1.6
/// By how much an interval differs from the configured one at most (RFC 4286 §3.1.2).
constexpr Duration advertisement_jitter(Duration interval) { return interval * 25 / 1000; }

/// The router side of Multicast Router Discovery on a link (RFC 4286), whatever the role: it
/// advertises while it is enabled and the link has an address of ours.
template <Family F>
class RouterDiscovery {
 public:
  using Address = typename F::Address;

  explicit RouterDiscovery(Random random) : random_(random) {}

  /// Link or settings are now as given. Begins again with a new address or link. Sends a
  /// termination when it is no longer enabled; when the address is gone there is none to send from.
  void update(const Link<F>& link, const Settings<F>& settings, TimePoint now, Actions<F>& actions);
  /// A valid solicitation was received.
  void solicited(TimePoint now);
  /// Sends the advertisement that is due. `in_use` is the timing in force on the link.
  void tick(const Settings<F>& settings, const Timing& in_use, TimePoint now, Actions<F>& actions);
  /// Ends with a termination.
  void stop(Actions<F>& actions);

  bool is_active() const { return !source_.is_unspecified(); }
  TimePoint deadline() const { return next_; }

 private:
  /// Less than `limit`, and at least what the rate allows.
  Duration draw(Duration limit) { return random_.between(kMinAdvertisementGap, limit - 1ns); }

  Random random_;
  Address source_{};  ///< unspecified while silent
  int initial_left_ = 0;
  bool owes_answer_ = false;
  TimePoint last_ = TimePoint::min();  ///< our last advertisement
  TimePoint next_ = kNever;
};

extern template class RouterDiscovery<Igmp>;
extern template class RouterDiscovery<Mld>;

}  // namespace mcq::core
