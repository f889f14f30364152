#pragma once

#include <string>

#include "app/any_address.hpp"

namespace mcq::app {

/// What a multicast group is used for: "mDNS", "sACN universe 1 or Dante/NDI". Empty when no use is
/// well known.
std::string group_name(const AnyAddress& group);

/// The same for an address as text. Empty when it is none.
std::string group_name(const std::string& group);

}  // namespace mcq::app
