#pragma once

#include <vector>

#include "base/family.hpp"
#include "core/event.hpp"
#include "os/interface_watcher.hpp"

namespace mcq::app {

/// The address that stands for an interface in the election: the lowest of those with the widest
/// scope, 169.254/16 only when there is nothing better. Unspecified when there is none.
Ipv4Address election_address(const std::vector<os::InterfaceAddress>& addresses);

/// What the core has to know of an interface.
core::Link<Igmp> link_of(const os::Interface& interface);

}  // namespace mcq::app
