#pragma once

#include <span>
#include <vector>

#include "core/event.hpp"
#include "wire/time_code.hpp"

// What happens to the querier under test, read from the bytes of an input.

namespace mcq::fuzz {

/// The bytes of the input, then zeroes.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  int number() {
    const int high = byte();
    return high * 256 + byte();
  }
  /// A number from `low` to `high`.
  int within(int low, int high) { return low + byte() % (high - low + 1); }

 private:
  std::span<const std::uint8_t> bytes_;
};

template <Family F>
typename F::Address address(std::uint8_t first, std::uint8_t last) {
  typename F::Address a;
  a.bytes.front() = first;
  a.bytes.back() = last;
  return a;
}

/// Host 0 is the unspecified address, hosts from 200 are on another subnet.
template <Family F>
typename F::Address host(std::uint8_t n) {
  if (n == 0) return {};
  return address<F>(n < 200 ? 20 : 10, n);
}

/// Eight groups, eight source-specific ones, and one that is not tracked.
template <Family F>
typename F::Address group(std::uint8_t n) {
  if (n == 0xff) return F::kAllNodes;
  const bool is_source_specific = (n & 8U) != 0;
  if constexpr (std::same_as<F, Igmp>) {
    return address<F>(is_source_specific ? 232 : 239, n & 7U);
  } else {
    auto a = address<F>(0xff, n & 7U);
    a.bytes[1] = is_source_specific ? 0x35 : 0x05;
    return a;
  }
}

/// A source for every bit; the last is none that could send.
template <Family F>
std::vector<typename F::Address> sources(std::uint8_t bits) {
  std::vector<typename F::Address> sources;
  for (std::uint8_t n = 0; n < 8; ++n) {
    if ((bits >> n & 1U) != 0) sources.push_back(n < 7 ? address<F>(30, n) : F::kAllNodes);
  }
  return sources;
}

template <Family F>
core::Settings<F> read_settings(Reader& in) {
  core::Settings<F> s;
  s.version = static_cast<typename F::Version>(in.within(1, static_cast<int>(F::kNewest)));
  s.robustness = *core::Robustness::from(in.within(1, 7));
  s.query_interval = *core::QueryInterval::from(Duration{1s} * (1 + in.number() % 31'744));
  s.startup_count = *core::StartupCount::from(in.within(1, 100));
  s.startup_interval = *core::StartupInterval::from(Duration{100ms} * (1 + in.byte()));
  s.jitter = *core::Jitter::from(in.within(0, 90));
  const auto flags = in.byte();
  s.proxy = (flags & 1U) != 0;
  s.require_same_subnet = (flags & 2U) != 0;
  s.accept_unicast_query = (flags & 4U) != 0;
  if ((flags & 8U) != 0) s.other_querier_interval = core::OtherQuerierInterval::from(300s);
  s.ssm_aware = (flags & 16U) != 0;
  s.verify_source_subnet = (flags & 32U) != 0;
  s.accept_older_reports = (flags & 64U) == 0;
  s.explicit_tracking = (flags & 128U) == 0;
  s.last_member_interval = *core::LastMemberInterval::from(Duration{100ms} * (1 + in.byte()));
  const auto limits = in.byte();
  s.max_groups = *core::MaxGroups::from(1 + limits % 16);
  s.max_sources = *core::MaxSources::from(1 + limits / 16 % 4);
  s.max_hosts = *core::MaxHosts::from(1 + limits / 64);
  const auto trust = in.byte();
  constexpr std::uint8_t kLength = 8 * sizeof(typename F::Address);
  if ((trust & 1U) != 0) s.trusted_queriers = {{host<F>(1), kLength}, {host<F>(3), kLength}};
  if ((trust & 2U) != 0) s.ignored_queriers = {{host<F>(2), kLength}, {host<F>(4), kLength}};
  s.router_discovery = (trust & 8U) != 0;
  if ((trust & 4U) != 0) s.on_rogue_querier = core::OnRogue::kIgnore;
  return s;
}

template <Family F>
core::QueryReceived<F> read_query(Reader& in) {
  core::QueryReceived<F> received;
  received.source = host<F>(in.byte());
  const auto flags = in.byte();
  received.destination = F::kAllNodes;
  if ((flags & 1U) != 0) received.destination = host<F>(9);
  if ((flags & 2U) != 0) received.destination = address<F>(0xff, 9);
  if ((flags & 4U) != 0) received.query.group = address<F>(0xef, 9);
  received.query.suppress = (flags & 8U) != 0;
  const int version = flags >> 6U;
  received.query.version = version == 0 ? F::kNewest : static_cast<typename F::Version>(version);
  received.query.max_response = wire::TimeCode8::decode(in.byte()) * Duration{100ms};
  received.query.query_interval = wire::TimeCode8::decode(in.byte()) * Duration{1s};
  received.query.robustness = in.byte() & 7U;
  return received;
}

template <Family F>
core::QueryReceived<F> read_specific_query(Reader& in) {
  core::QueryReceived<F> received;
  received.source = host<F>(in.byte());
  received.destination = received.query.group = group<F>(in.byte());
  received.query.sources = sources<F>(in.byte());
  const auto flags = in.byte();
  received.query.robustness = flags & 7U;
  received.query.suppress = (flags & 8U) != 0;
  received.query.max_response = (flags >> 4U) * Duration{200ms};
  return received;
}

template <Family F>
core::Link<F> read_link(Reader& in) {
  const auto flags = in.byte();
  core::Link<F> link{.up = (flags & 1U) != 0, .self = host<F>(in.byte())};
  if ((flags & 2U) != 0) link.subnets.push_back({address<F>(20, 0), 8});
  if ((flags & 4U) != 0) link.mtu = F::kQueryOverhead + 2 * sizeof(typename F::Address);
  return link;
}

}  // namespace mcq::fuzz
