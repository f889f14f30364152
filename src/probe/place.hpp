#pragma once

#include <string>

#include "base/address.hpp"
#include "base/result.hpp"

namespace mcq::probe {

/// From where a host is asked.
struct Place {
  int interface_index = 0;
  std::string interface;
  Ipv4Address own;   ///< our address
  Prefix<4> subnet;  ///< of our address
};

/// Finds the place on the interface of that name; if it is empty, on that of the route to the host,
/// which must lead there without a router. Fails where the host cannot be probed from here.
Result<Place> find_place(const Ipv4Address& host, const std::string& interface);

}  // namespace mcq::probe
