#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "os/bridge.hpp"

namespace mcq::os {

/// The kind of a network interface and what it belongs to (rtnetlink(7), IFLA_LINKINFO).
struct LinkDetails {
  std::string kind;  ///< "bridge", "bond", "vlan", "veth", ...; empty for a real one
  int master = 0;    ///< index of the bridge or bond whose port it is; 0 if none
  int parent = 0;    ///< index of the interface that a VLAN interface is on; 0 if none
  std::uint16_t vlan = 0;
  std::optional<Bridge> bridge;  ///< none for another interface
};

/// Returns the details of all interfaces, by index.
Result<std::map<int, LinkDetails>> read_link_details();

}  // namespace mcq::os
