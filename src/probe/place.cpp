#include "probe/place.hpp"

#include <algorithm>

#include "os/interface_watcher.hpp"
#include "os/route.hpp"
#include "os/system_error.hpp"

namespace mcq::probe {
namespace {

/// Our address on the subnet of the host, else the first.
Result<os::InterfaceAddress<4>> choose_address(const os::Interface& from, const Ipv4Address& host) {
  if (!from.ethernet) return fail(from.name + " is no Ethernet interface: use -i");
  if (!from.up) return fail(from.name + " is down, or has no carrier");
  if (from.addresses.empty()) {
    return fail(from.name + " has no IPv4 address: give it one, to ask from");
  }
  const auto on_subnet = [&](const auto& own) { return own.subnet.contains(host); };
  const auto found = std::find_if(from.addresses.begin(), from.addresses.end(), on_subnet);
  return found == from.addresses.end() ? from.addresses.front() : *found;
}

}  // namespace

Result<Place> find_place(const Ipv4Address& host, const std::string& interface) {
  const auto watcher = os::InterfaceWatcher::open();
  if (!watcher) return fail(watcher.error());
  const os::Interface* from = watcher->find(interface);
  if (!interface.empty() && from == nullptr) {
    return fail("there is no interface '" + interface + "'");
  }
  for (const auto& [index, any] : watcher->interfaces()) {
    if (any.has(host)) {
      return fail(to_string(host) + " is an address of this host: probe it from another one");
    }
  }
  if (interface.empty()) {
    const auto index = os::interface_towards(host);
    if (!index) {
      return fail("no route to " + to_string(host) + ": " + os::describe(index.error()) +
                  ": is it on this LAN? use -i");
    }
    from = watcher->find(*index);
    if (from == nullptr) return fail("no interface leads to " + to_string(host) + ": use -i");
  }
  const auto address = choose_address(*from, host);
  if (!address) return fail(address.error());
  if (interface.empty() && !address->subnet.contains(host)) {
    return fail(to_string(host) +
                " is behind a router, and queries do not pass routers: run this "
                "on its LAN, or use -i");
  }
  return Place{from->index, from->name, address->local, address->subnet};
}

}  // namespace mcq::probe
