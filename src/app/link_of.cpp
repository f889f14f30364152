#include "app/link_of.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace mcq::app {
namespace {

constexpr std::uint8_t kScopeLink = 253;
constexpr std::uint8_t kScopeHost = 254;
constexpr Prefix<4> kLinkLocal{{{169, 254, 0, 0}}, 16};  // RFC 3927
constexpr std::uint8_t kHostRoute = 32;

std::uint8_t scope_of(const os::InterfaceAddress& a) {
  return kLinkLocal.contains(a.local) ? std::max(a.scope, kScopeLink) : a.scope;
}

}  // namespace

Ipv4Address election_address(const std::vector<os::InterfaceAddress>& addresses) {
  std::optional<std::pair<std::uint8_t, Ipv4Address>> best;  // narrower scopes are higher numbers
  for (const auto& a : addresses) {
    const std::pair candidate{scope_of(a), a.local};
    if (candidate.first < kScopeHost && (!best || candidate < *best)) best = candidate;
  }
  return best ? best->second : Ipv4Address{};
}

core::Link<Igmp> link_of(const os::Interface& interface) {
  core::Link<Igmp> link{.up = interface.up && !interface.is_port,
                        .self = election_address(interface.addresses)};
  for (const auto& a : interface.addresses) {
    if (a.subnet.length < kHostRoute) link.subnets.push_back(a.subnet);  // a /32 names no subnet
  }
  return link;
}

}  // namespace mcq::app
