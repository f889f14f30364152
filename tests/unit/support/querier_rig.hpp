#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/querier.hpp"
#include "support/printers.hpp"

namespace mcq::test {

/// Addresses on the link of the tests; host(1) is the lowest.
template <Family F>
struct Lan;

template <>
struct Lan<Igmp> {
  static constexpr Igmp::Prefix kSubnet{{{192, 0, 2, 0}}, 24};
  static constexpr Igmp::Address kElsewhere{{10, 0, 0, 1}};  ///< below every host of the subnet
  static constexpr Igmp::Address kGroup{{239, 1, 2, 3}};
  static constexpr Igmp::Address host(std::uint8_t n) { return {{192, 0, 2, n}}; }
  static constexpr Igmp::Address source(std::uint16_t n) {
    return {{198, 51, static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)}};
  }
  static constexpr Igmp::Address group(std::uint16_t n) {
    return {{239, 9, static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)}};
  }
};

template <>
struct Lan<Mld> {
  static constexpr Mld::Prefix kSubnet{{{0xfe, 0x80}}, 64};
  static constexpr Mld::Address kElsewhere{
      {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  static constexpr Mld::Address kGroup{
      {0xff, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34}};
  static constexpr Mld::Address host(std::uint8_t n) {
    return {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n}};
  }
  static constexpr Mld::Address source(std::uint16_t n) {
    return {{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(n >> 8U),
             static_cast<std::uint8_t>(n)}};
  }
  static constexpr Mld::Address group(std::uint16_t n) {
    return {{0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, static_cast<std::uint8_t>(n >> 8U),
             static_cast<std::uint8_t>(n)}};
  }
};

/// The numbers of RFC 9776 §8 and RFC 9777 §9; the defaults of the program differ.
template <Family F>
core::Settings<F> rfc_settings() {
  return {.query_interval = 125s,
          .response_interval = 10s,
          .robustness = 2,
          .startup_count = 2,
          .startup_interval = 31'250ms,
          .jitter = 0,
          .version = F::kNewest};
}

/// The General Query of a router with those numbers, in the newest version.
template <Family F>
Query<F> general_query() {
  return {.max_response = 10s, .query_interval = 125s, .robustness = 2};
}

/// A querier on host(10) and a clock that only tests move. What it sends, and what it tells of
/// membership, is kept with its moment; what it tells of hosts is kept apart.
template <Family F>
class Rig {
 public:
  using Address = typename F::Address;
  using Actions = core::Actions<F>;

  static constexpr Address kSelf = Lan<F>::host(10);
  static constexpr Address kLower = Lan<F>::host(2);
  static constexpr Address kHigher = Lan<F>::host(20);

  explicit Rig(core::Settings<F> settings = rfc_settings<F>(), std::uint64_t seed = 1)
      : settings_(settings), querier_(settings, Random{seed}) {}

  static core::Link<F> link(Address self = kSelf) { return {true, self, {Lan<F>::kSubnet}}; }

  /// Lets time pass up to and with `at`; every deadline on the way is met.
  void run_until(Duration at) {
    while (querier_.deadline() <= TimePoint{at}) {
      const auto due = std::max(querier_.deadline(), now_);
      step(core::Tick{}, due);
      ASSERT_GT(querier_.deadline(), due) << "the deadline does not move";
    }
    now_ = std::max(now_, TimePoint{at});
  }
  Actions apply(Duration at, const core::Event<F>& event) {
    run_until(at);
    return step(event, TimePoint{at});
  }
  /// A step without the ticks that were due before it.
  Actions step(const core::Event<F>& event, TimePoint now) {
    auto actions = querier_.step(event, now);
    now_ = now;
    for (const auto& action : actions) {
      if (const auto* send = std::get_if<core::SendQuery<F>>(&action)) {
        sent.emplace_back(now.time_since_epoch(), *send);
      }
      if (const auto* send = std::get_if<core::SendRouterMessage<F>>(&action)) {
        advertised.emplace_back(now.time_since_epoch(), *send);
      }
      if (const auto* change = std::get_if<core::MembershipChanged<F>>(&action)) {
        changed.emplace_back(now.time_since_epoch(), *change);
      }
      if (const auto* change = std::get_if<core::HostChanged<F>>(&action)) {
        hosts_changed.push_back(*change);
      }
      if (const auto* member = std::get_if<core::MemberLost<F>>(&action)) lost.push_back(*member);
    }
    std::erase_if(actions, [](const auto& action) {
      return std::holds_alternative<core::HostChanged<F>>(action) ||
             std::holds_alternative<core::MemberLost<F>>(action);
    });
    return actions;
  }

  Actions link_is(Duration at, core::Link<F> link) {
    return apply(at, core::LinkChanged<F>{std::move(link)});
  }
  Actions link_up(Duration at = 0s) { return link_is(at, link()); }
  Actions link_down(Duration at) { return link_is(at, {}); }
  Actions receive(Duration at, Address from, Query<F> query = general_query<F>()) {
    return receive_at(at, from, F::kAllNodes, std::move(query));
  }
  Actions receive_at(Duration at, Address from, Address destination,
                     Query<F> query = general_query<F>()) {
    return apply(at, core::QueryReceived<F>{from, destination, std::move(query)});
  }
  Actions configure(Duration at, core::Settings<F> settings) {
    settings_ = settings;
    return apply(at, core::SettingsChanged<F>{settings});
  }

  /// The moments of all queries so far.
  std::vector<Duration> sent_at() const {
    std::vector<Duration> moments;
    for (const auto& [at, send] : sent) moments.push_back(at);
    return moments;
  }
  /// The General Query it should send now.
  core::SendQuery<F> own_query(Address source = kSelf) const {
    Query<F> query{.version = settings_.version, .max_response = settings_.response_interval.get()};
    if (query.version == F::kNewest) {
      query.query_interval = settings_.query_interval.get();
      query.robustness = static_cast<std::uint8_t>(settings_.robustness.get());
    }
    return {source, F::kAllNodes, query};
  }
  /// What it does when it becomes querier.
  Actions takes_over(core::Cause cause, Address source = kSelf) const {
    return {core::RoleChanged<F>{core::Role::kQuerier, cause, source},
            core::BurstBegan{settings_.startup_count.get()}, own_query(source)};
  }
  /// What it does when it loses to another.
  static Actions yields_to(Address other, core::Cause cause = core::Cause::kLowerQuerier) {
    return {core::RoleChanged<F>{core::Role::kNonQuerier, cause, other}};
  }

  /// When the other querier is considered gone; kNever when none is known.
  /// Only a non-querier's deadline is that moment.
  Duration gone_at() const { return querier_.deadline().time_since_epoch(); }

  core::Role role() const { return querier_.role(); }
  const core::Querier<F>& querier() const { return querier_; }

  TimePoint now() const { return now_; }
  const core::Settings<F>& settings() const { return settings_; }

  std::vector<std::pair<Duration, core::SendQuery<F>>> sent;
  std::vector<std::pair<Duration, core::SendRouterMessage<F>>> advertised;
  std::vector<std::pair<Duration, core::MembershipChanged<F>>> changed;
  std::vector<core::HostChanged<F>> hosts_changed;
  std::vector<core::MemberLost<F>> lost;

 private:
  core::Settings<F> settings_;
  core::Querier<F> querier_;
  TimePoint now_{};
};

/// A Rig whose link has been up since 0 s.
template <Family F>
class LinkedRig : public Rig<F> {
 public:
  explicit LinkedRig(core::Settings<F> settings = rfc_settings<F>(), std::uint64_t seed = 1)
      : Rig<F>{std::move(settings), seed} {
    this->link_up();
  }
};

using Families = testing::Types<Igmp, Mld>;
using Moments = std::vector<Duration>;

}  // namespace mcq::test
