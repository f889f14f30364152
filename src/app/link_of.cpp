#include "app/link_of.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace mcq::app {
namespace {

constexpr std::uint8_t kScopeLink = 253;
constexpr std::uint8_t kScopeHost = 254;
constexpr Prefix<4> kLinkLocal{{{169, 254, 0, 0}}, 16};  // RFC 3927
constexpr Prefix<16> kLinkLocal6{{{0xfe, 0x80}}, 10};
constexpr std::uint8_t kHostRoute = 32;

std::uint8_t scope_of(const os::InterfaceAddress<4>& a) {
  return kLinkLocal.contains(a.local) ? std::max(a.scope, kScopeLink) : a.scope;
}

}  // namespace

Ipv4Address election_address(const std::vector<os::InterfaceAddress<4>>& addresses) {
  std::optional<std::pair<std::uint8_t, Ipv4Address>> best;  // narrower scopes are higher numbers
  for (const auto& a : addresses) {
    const std::pair candidate{scope_of(a), a.local};
    if (candidate.first < kScopeHost && (!best || candidate < *best)) best = candidate;
  }
  return best ? best->second : Ipv4Address{};
}

Ipv6Address election_address(const std::vector<os::InterfaceAddress<16>>& addresses) {
  std::optional<Ipv6Address> lowest;
  for (const auto& a : addresses) {
    const bool is_usable = is_link_local(a.local) && !a.tentative;
    if (is_usable && (!lowest || a.local < *lowest)) lowest = a.local;
  }
  return lowest.value_or(Ipv6Address{});
}

template <>
core::Link<Igmp> link_of<Igmp>(const os::Interface& interface) {
  core::Link<Igmp> link{.up = interface.up && !interface.is_port,
                        .self = election_address(interface.addresses),
                        .mtu = interface.mtu};
  for (const auto& a : interface.addresses) {
    if (a.subnet.length < kHostRoute) link.subnets.push_back(a.subnet);  // a /32 names no subnet
  }
  return link;
}

template <>
core::Link<Mld> link_of<Mld>(const os::Interface& interface) {
  return {.up = interface.up && !interface.is_port,
          .self = election_address(interface.addresses6),
          .subnets = {kLinkLocal6},
          .mtu = interface.mtu};
}

}  // namespace mcq::app
