#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/family.hpp"
#include "base/interval.hpp"
#include "base/time.hpp"

namespace mcq::core {

using QueryInterval = Interval<struct QueryIntervalName, 1'000, 31'744'000>;
using ResponseInterval = Interval<struct ResponseIntervalName, 100, 3'174'400>;
using StartupInterval = Interval<struct StartupIntervalName, 100, 31'744'000>;
using OtherQuerierInterval = Interval<struct OtherQuerierIntervalName, 1'000, 604'800'000>;
using Robustness = Number<struct RobustnessName, 1, 7>;  // RFC 8652 robustness-variable
using StartupCount = Number<struct StartupCountName, 1, 100>;
using Jitter = Number<struct JitterName, 0, 90>;
using LastMemberInterval = Interval<struct LastMemberIntervalName, 100, 3'174'400>;
using AdvertisementInterval = Number<struct AdvertisementIntervalName, 4, 180>;  // RFC 4286 §3.1.1
using MaxGroups = Number<struct MaxGroupsName, 1, 16'777'216>;
using MaxSources = Number<struct MaxSourcesName, 1, 65'535>;
using MaxHosts = Number<struct MaxHostsName, 1, 65'535>;

/// The three values from which RFC 9776 §8 and RFC 9777 §9 derive every other timer.
struct Timing {
  int robustness = 2;
  Duration query_interval = 125s;
  Duration response_interval = 10s;
  bool operator==(const Timing&) const = default;
};

/// How long a group lives without a report (RFC 9776 §8.4, RFC 9777 §9.4).
/// Two response intervals: RFC 3376 and RFC 3810 had one, as older routers still do.
constexpr Duration membership_interval(const Timing& t) {
  return t.robustness * t.query_interval + 2 * t.response_interval;
}

/// How long another querier may be silent before we take over (RFC 9776 §8.5, RFC 9777 §9.5).
constexpr Duration other_querier_present_interval(const Timing& t) {
  return t.robustness * t.query_interval + t.response_interval / 2;
}

/// How long a group stays in the compatibility mode of an older host (RFC 9776 §8.13).
constexpr Duration older_host_present_interval(const Timing& t) {
  return t.robustness * t.query_interval + t.response_interval;
}

/// How long hosts may answer a query with that response time (RFC 9776 §4.1.1). IGMPv1 has none: 10
/// s (RFC 2236 §4). Older hosts read a code from 128 on, which is not linear, as up to 25.5 s.
constexpr Duration longest_answer(Duration response_time) {
  constexpr Duration kTransit = 1s, kVersion1 = 10s, kLinear = 12'700ms, kMisread = 25'500ms;
  if (response_time == Duration{}) return kVersion1 + kTransit;
  return (response_time > kLinear ? std::max(response_time, kMisread) : response_time) + kTransit;
}

/// How long members have to answer the queries that follow a leave (RFC 9776 §8.10, RFC 9777
/// §9.10).
constexpr Duration last_member_query_time(Duration interval, int count) { return count * interval; }

/// The reaction to a rogue querier: one that would win the election and is not trusted.
enum class OnRogue : std::uint8_t {
  kWarn,    ///< yield, as the RFC requires, and log
  kIgnore,  ///< do not yield
};

/// Ranges of groups.
template <Family F>
struct GroupRanges {
  /// None: those of RFC 4607, of which IPv6 has one in each scope.
  std::optional<std::vector<typename F::Prefix>> prefixes{};
  bool operator==(const GroupRanges&) const = default;
  bool contains(const typename F::Address& group) const {
    return prefixes ? std::any_of(prefixes->begin(), prefixes->end(),
                                  [&](const auto& prefix) { return prefix.contains(group); })
                    : F::is_source_specific(group);
  }
};

/// The configuration of the querier of one link. The defaults are those of this program; Timing has
/// those of the RFC.
template <Family F>
struct Settings {
  QueryInterval query_interval = 60s;
  ResponseInterval response_interval = 10s;
  Robustness robustness = 2;
  StartupCount startup_count = 3;
  StartupInterval startup_interval = 5s;
  /// Percent. Each interval is drawn from [1 - jitter, 1] x query_interval; 0: always the same.
  Jitter jitter = 25;
  /// Overrides the values that the other querier advertises.
  std::optional<OtherQuerierInterval> other_querier_interval{};
  typename F::Version version = F::kDefault;
  std::optional<typename F::Address> source_address{};  ///< the only one to query from
  bool proxy = false;                 ///< query from the unspecified address (RFC 4541 §2.1.1)
  bool require_same_subnet = true;    ///< drop queries whose source is on no subnet of ours
  bool accept_unicast_query = false;  ///< RFC 9776 §4.1.12, for testing
  bool require_router_alert = false;  ///< drop messages without it
  bool send_router_alert = true;      ///< IGMP only: MLD demands it (RFC 9777 §5)

  /// Queriers that may win the election; none given: any with a lower address.
  std::optional<std::vector<typename F::Prefix>> trusted_queriers{};
  std::vector<typename F::Prefix> ignored_queriers{};  ///< drop their queries
  OnRogue on_rogue_querier = OnRogue::kWarn;

  // The signs of a change of the topology that are followed by General Queries (RFC 4541 §2.1.1).
  bool query_on_solicitation = true, query_on_bpdu = true, query_on_rejoin = true;

  /// Interval between specific queries, and the response time in them (RFC 9776 §8.8). A value that
  /// a response code can carry.
  LastMemberInterval last_member_interval = 1s;
  bool explicit_tracking = true;      ///< remember the hosts of each group
  bool verify_source_subnet = false;  ///< drop reports whose source is on no subnet of ours
  bool accept_older_reports = true;   ///< false: drop all but IGMPv3 and MLDv2 (RFC 9776 §7.3.2)
  bool ssm_aware = false;       ///< drop source-specific groups without sources (RFC 9776 §6.3)
  GroupRanges<F> ssm_ranges{};  ///< of source-specific groups
  MaxGroups max_groups = 131'072;
  MaxSources max_sources = 1'024;  ///< per group
  MaxHosts max_hosts = 1'024;      ///< per group
  /// Groups that this host joins itself, for devices that cannot ask. The core has no use for them.
  std::vector<typename F::Address> held_groups{};

  bool router_discovery = false;  ///< advertise ourselves as a multicast router (RFC 4286)
  AdvertisementInterval router_advertisement_interval = 20;  ///< seconds
  bool operator==(const Settings&) const = default;

  constexpr Duration advertisement_interval() const {
    return std::chrono::seconds{router_advertisement_interval.get()};
  }
  constexpr Timing timing() const {
    return {robustness.get(), query_interval.get(), response_interval.get()};
  }
  /// The response time of a query that is late or follows a takeover: members answer before
  /// switches forget them and before the next query of the burst. RFC 9776 §8.3 is about periodic
  /// queries.
  constexpr Duration urgent_response() const {
    return std::clamp<Duration>(startup_interval.get() / 2, 100ms, response_interval.get());
  }
  /// The timing assumed of a querier that advertises none: ours, or the defaults of the RFC
  /// (2 x 125 s, 10 s) if these allow a longer silence.
  constexpr Timing silent_timing() const {
    const auto ours = timing();
    const bool is_longer =
        other_querier_present_interval(ours) >= other_querier_present_interval(Timing{});
    return is_longer ? ours : Timing{};
  }
  /// The Other Querier Present Interval for a querier that advertises no timing.
  constexpr Duration default_other_querier_timeout() const {
    return other_querier_interval ? other_querier_interval->get()
                                  : other_querier_present_interval(silent_timing());
  }
  /// The longest silence granted to a querier that is not trusted: a forged query can advertise 62
  /// hours (IGMP) or more, and switches forget members after 260 s.
  constexpr Duration max_other_querier_timeout() const {
    return std::max(default_other_querier_timeout(),
                    other_querier_present_interval(silent_timing()));
  }
  /// Without trusted-queriers, a querier that advertises a longer silence is a rogue.
  constexpr Duration max_trusted_other_querier_timeout() const {
    return std::max<Duration>(1h, max_other_querier_timeout());
  }
};

}  // namespace mcq::core
