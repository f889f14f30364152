#pragma once

#include "base/ip_address.hpp"
#include "base/result.hpp"

namespace mcq::os {

/// Returns the index of the interface over which the kernel sends packets to an address, a
/// multicast group included. Fails with an error number: ENETUNREACH without a route.
Result<int, int> interface_towards(const IpAddress& address);

}  // namespace mcq::os
