#pragma once

#include <vector>

#include "base/family.hpp"
#include "core/event.hpp"
#include "os/interface_watcher.hpp"

namespace mcq::instance {

/// The address that stands for an interface in the election: the lowest of those with the widest
/// scope, 169.254/16 only when there is nothing better, and a /32 without a peer only when there is
/// nothing else. Unspecified when there is none.
Ipv4Address election_address(const std::vector<os::InterfaceAddress<4>>& addresses);
/// The lowest link-local address that is ours without doubt, a /128 only when there is nothing
/// else: MLD knows no other sources (RFC 9777 §5.1.14). Unspecified when there is none.
Ipv6Address election_address(const std::vector<os::InterfaceAddress<16>>& addresses);

/// What the core has to know of an interface.
template <Family F>
core::Link<F> link_state(const os::Interface& interface);
template <>
core::Link<Igmp> link_state<Igmp>(const os::Interface& interface);
template <>
core::Link<Mld> link_state<Mld>(const os::Interface& interface);

}  // namespace mcq::instance
