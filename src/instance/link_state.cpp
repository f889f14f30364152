#include "instance/link_state.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>

namespace mcq::instance {
namespace {

constexpr std::uint8_t kScopeLink = 253;
constexpr std::uint8_t kScopeHost = 254;
constexpr Prefix<4> kLinkLocal{{{169, 254, 0, 0}}, 16};  // RFC 3927
constexpr Prefix<16> kLinkLocal6{{{0xfe, 0x80}}, 10};
constexpr std::uint8_t kHostRoute = 32;

std::uint8_t scope_of(const os::InterfaceAddress<4>& a) {
  return kLinkLocal.contains(a.local) ? std::max(a.scope, kScopeLink) : a.scope;
}

/// Whether an address is that of a host alone, on no subnet and with no peer: keepalived adds such
/// ones to the machine that is master, and they come and go with that.
template <std::size_t kSize>
bool is_host_alone(const os::InterfaceAddress<kSize>& a) {
  return a.subnet == Prefix<kSize>{a.local, 8 * kSize};
}

}  // namespace

Ipv4Address election_address(const std::vector<os::InterfaceAddress<4>>& addresses) {
  // In the order of preference; narrower scopes are higher numbers.
  std::optional<std::tuple<bool, std::uint8_t, Ipv4Address>> best;
  for (const auto& a : addresses) {
    const std::tuple candidate{is_host_alone(a), scope_of(a), a.local};
    const bool is_usable = a.scope < kScopeHost;
    if (is_usable && (!best || candidate < *best)) best = candidate;
  }
  return best ? std::get<Ipv4Address>(*best) : Ipv4Address{};
}

Ipv6Address election_address(const std::vector<os::InterfaceAddress<16>>& addresses) {
  std::optional<std::pair<bool, Ipv6Address>> best;
  for (const auto& a : addresses) {
    const std::pair candidate{is_host_alone(a), a.local};
    const bool is_usable = is_link_local(a.local) && !a.tentative;
    if (is_usable && (!best || candidate < *best)) best = candidate;
  }
  return best ? best->second : Ipv6Address{};
}

template <>
core::Link<Igmp> link_state<Igmp>(const os::Interface& interface) {
  core::Link<Igmp> link{.up = interface.up && !interface.is_port,
                        .self = election_address(interface.addresses),
                        .mtu = interface.mtu};
  for (const auto& a : interface.addresses) {
    if (a.subnet.length < kHostRoute) link.subnets.push_back(a.subnet);  // a /32 names no subnet
  }
  return link;
}

template <>
core::Link<Mld> link_state<Mld>(const os::Interface& interface) {
  return {.up = interface.up && !interface.is_port,
          .self = election_address(interface.addresses6),
          .subnets = {kLinkLocal6},
          .mtu = interface.mtu};
}

}  // namespace mcq::instance
