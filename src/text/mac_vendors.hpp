#pragma once

#include <map>
#include <string>
#include <vector>

namespace mcq::text {

/// Names of manufacturers by MAC address in text form: "00:11:22:33:44:55".
using MacVendors = std::map<std::string, std::string>;

/// The IEEE registries as installed by Debian's package ieee-data.
inline constexpr const char* kIeeeData = "/usr/share/ieee-data";

/// Returns the manufacturers of `mac_addresses`, from the registries in `folder`. Locally
/// administered addresses have "(private)". Addresses that are invalid or in no registry are
/// missing, and so are all others when there is no registry.
MacVendors load_mac_vendors(const std::vector<std::string>& mac_addresses,
                            const std::string& folder = kIeeeData);

}  // namespace mcq::text
