#pragma once

#include <cstddef>
#include <vector>

#include "base/family.hpp"
#include "core/event.hpp"
#include "os/interface_watcher.hpp"

namespace mcq::instance {

/// Returns the address of an interface in the election: the lowest of those with the widest scope.
/// Uses 169.254/16 only if there is nothing better, and a /32 without a peer only if there is
/// nothing else. Unspecified if there is none.
Ipv4Address election_address(const std::vector<os::InterfaceAddress<4>>& addresses);
/// Returns the lowest link-local address that passed duplicate address detection, a /128 only if
/// there is nothing else; MLD has no other sources (RFC 9777 §5.1.14). Unspecified if there is
/// none.
Ipv6Address election_address(const std::vector<os::InterfaceAddress<16>>& addresses);

/// Returns `address` if a querier can use it and the interface has it; else the unspecified one.
template <std::size_t Size>
Address<Size> usable_address(std::vector<os::InterfaceAddress<Size>> addresses,
                             const Address<Size>& address) {
  std::erase_if(addresses, [&](const auto& a) { return a.local != address; });
  return election_address(addresses);
}

/// Returns the state of an interface that the core needs.
template <Family F>
core::Link<F> link_state(const os::Interface& interface);
template <>
core::Link<Igmp> link_state<Igmp>(const os::Interface& interface);
template <>
core::Link<Mld> link_state<Mld>(const os::Interface& interface);

}  // namespace mcq::instance
