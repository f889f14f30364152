#pragma once

#include <string>

#include "base/ip_address.hpp"

namespace mcq::text {

/// What a multicast group is used for: "mDNS", "sACN universe 1 or Dante/NDI". Empty when no use is
/// well known.
std::string well_known_group(const IpAddress& group);

/// The same for an address as text. Empty when it is none.
std::string well_known_group(const std::string& group);

}  // namespace mcq::text
