#include "core/router_discovery.hpp"

#include <algorithm>
#include <utility>

namespace mcq::core {

template <Family F>
void RouterDiscovery<F>::update(const Link<F>& link, const Settings<F>& settings, TimePoint now,
                                Actions<F>& actions) {
  const bool is_enabled = settings.router_discovery;
  const auto source = is_enabled && link.up ? link.self : Address{};
  if (source == source_) {
    // A shorter interval counts from now on.
    if (is_active()) next_ = std::min(next_, now + settings.advertisement_interval());
    return;
  }
  if (!is_enabled && link.up && link.self == source_) stop(actions);
  source_ = source;
  owes_answer_ = false;
  initial_left_ = is_active() ? kInitialAdvertisements : 0;
  next_ = is_active() ? now + random_.between({}, kMaxInitialAdvertisementInterval - 1ns) : kNever;
}

/// A solicitation while an advertisement is pending is ignored (RFC 4286 §3.4), so a flood of them
/// causes about one advertisement a second, and never two within kMinAdvertisementGap.
template <Family F>
void RouterDiscovery<F>::solicited(TimePoint now) {
  if (!is_active() || initial_left_ > 0 || std::exchange(owes_answer_, true)) return;
  const auto answer = now + random_.between({}, kMaxAdvertisementDelay - 1ns);
  const auto allowed = last_ == TimePoint::min() ? now : last_ + kMinAdvertisementGap;
  next_ = std::min(next_, std::max(answer, allowed));
}

template <Family F>
void RouterDiscovery<F>::tick(const Settings<F>& settings, const Timing& in_use, TimePoint now,
                              Actions<F>& actions) {
  if (now < next_) return;
  // IGMPv1 has no robustness (RFC 4286 §3.2.5).
  const bool has_robustness = settings.version != F::kNoResponseTime;
  const auto interval = settings.advertisement_interval();
  actions.push_back(SendRouterMessage<F>{
      source_, F::kAllSnoopers,
      RouterMessage{
          .type = RouterMessage::Type::kAdvertisement,
          .interval = interval,
          .query_interval = in_use.query_interval,
          .robustness = static_cast<std::uint16_t>(has_robustness ? in_use.robustness : 0)}});
  owes_answer_ = false;
  initial_left_ = std::max(0, initial_left_ - 1);
  last_ = now;
  const auto jitter = advertisement_jitter(interval);
  next_ = now + (initial_left_ > 0 ? draw(kMaxInitialAdvertisementInterval)
                                   : random_.between(interval - jitter, interval + jitter));
}

template <Family F>
void RouterDiscovery<F>::stop(Actions<F>& actions) {
  if (!is_active()) return;
  actions.push_back(SendRouterMessage<F>{std::exchange(source_, {}), F::kAllSnoopers,
                                         RouterMessage{.type = RouterMessage::Type::kTermination}});
  next_ = kNever;
}

template class RouterDiscovery<Igmp>;
template class RouterDiscovery<Mld>;

}  // namespace mcq::core
