#pragma once

#include <compare>
#include <cstdint>

namespace mcq::os {

/// A link: the untagged frames of an interface, or a VLAN of a trunk (IEEE 802.1Q).
struct LinkId {
  int interface_index = 0;
  std::uint16_t vlan = 0;  ///< 0: untagged
  auto operator<=>(const LinkId&) const = default;
};

}  // namespace mcq::os
