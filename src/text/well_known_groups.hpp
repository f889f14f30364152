#pragma once

#include <string>

#include "base/ip_address.hpp"

namespace mcq::text {

/// Returns the known use of a multicast group: "mDNS", "sACN universe 1 or Dante/NDI". Empty when
/// there is none.
std::string well_known_group(const IpAddress& group);

/// Parses an address and returns its known use. Empty for invalid text.
std::string well_known_group(const std::string& group);

}  // namespace mcq::text
