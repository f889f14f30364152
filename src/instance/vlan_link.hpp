#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "config/config_file.hpp"
#include "os/interface_watcher.hpp"

namespace mcq::instance {

/// Describes a VLAN of a trunk as an interface: it has the MAC and link-local addresses of the
/// trunk, as an interface of the kernel for that VLAN would, and the address of the configuration.
os::Interface vlan_interface(const os::Interface& trunk, const config::Config::Vlan& vlan,
                             bool has_vlan_device);

/// The VLANs that have an interface of their own.
std::set<os::LinkId> vlan_devices(const std::map<int, os::Interface>& interfaces);

}  // namespace mcq::instance
