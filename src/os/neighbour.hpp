#pragma once

#include <string>

#include "base/address.hpp"

namespace mcq::os {

/// Has the kernel look for the Ethernet address of `host` by ARP: sends one empty datagram to its
/// discard port.
void seek_neighbour(const Ipv4Address& host);
/// Whether the kernel knows the Ethernet address of `host` on that interface: it has answered ARP
/// some time ago.
bool is_neighbour_known(const Ipv4Address& host, const std::string& interface);

}  // namespace mcq::os
