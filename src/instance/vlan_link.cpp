#include "instance/vlan_link.hpp"

namespace mcq::instance {

os::Interface vlan_interface(const os::Interface& trunk, const config::Config::Vlan& vlan,
                             bool has_vlan_device) {
  auto interface = trunk;
  interface.name = config::vlan_name(trunk.name, vlan.number);
  interface.vlan_device.reset();
  interface.vlan = vlan.number;
  interface.has_vlan_device = has_vlan_device;
  interface.addresses.clear();
  if (vlan.rule != nullptr && vlan.rule->address) {
    interface.addresses.push_back({vlan.rule->address->address, *vlan.rule->address});
  }
  return interface;
}

std::set<os::LinkId> vlan_devices(const std::map<int, os::Interface>& interfaces) {
  std::set<os::LinkId> found;
  for (const auto& [index, interface] : interfaces) {
    if (interface.vlan_device) found.insert(*interface.vlan_device);
  }
  return found;
}

}  // namespace mcq::instance
