#pragma once

#include <map>
#include <string>
#include <vector>

namespace mcq::text {

/// Names of manufacturers by MAC address, as text: "00:11:22:33:44:55".
using MacVendors = std::map<std::string, std::string>;

/// Where Debian's package ieee-data keeps the registries of the IEEE.
inline constexpr const char* kIeeeData = "/usr/share/ieee-data";

/// Who made the network cards with these MAC addresses. Addresses that nobody was assigned are
/// "(private)"; those of unknown manufacturers are missing, and so are all without the package.
MacVendors load_mac_vendors(const std::vector<std::string>& mac_addresses,
                            const std::string& folder = kIeeeData);

}  // namespace mcq::text
