#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "os/link_id.hpp"

struct mnl_socket;

namespace mcq::os {

template <std::size_t Size>
struct InterfaceAddress {
  Address<Size> local;     ///< our address
  Prefix<Size> subnet;     ///< addresses on the link; on a point-to-point link the peer's
  std::uint8_t scope = 0;  ///< as in rtnetlink(7): 0 universe, 200 site, 253 link, 254 host
  bool tentative = false;  ///< not usable: duplicate address detection is pending or failed
  bool operator==(const InterfaceAddress&) const = default;
};

/// A network interface as rtnetlink describes it.
struct Interface {
  int index = 0;
  std::string name;       ///< made printable(): the kernel allows almost any byte
  bool up = false;        ///< administratively up and with carrier (IFF_UP and IFF_RUNNING)
  bool ethernet = false;  ///< Ethernet framing and multicast, as IGMP snooping requires
  MacAddress mac{};
  std::uint32_t mtu = 1500;
  bool is_port = false;                 ///< port of a bridge or bond, which receives its packets
  bool is_bridge = false;               ///< a Linux bridge
  int master = 0;                       ///< index of that bridge or bond; 0 without one
  std::optional<LinkId> vlan_device{};  ///< of a VLAN interface: the interface below it, the VLAN
  std::uint16_t vlan = 0;  ///< not 0: a VLAN of the interface `index`, which has all else of it
  bool has_vlan_device = false;  ///< `vlan` has an interface of its own as well
  std::vector<InterfaceAddress<4>> addresses{};
  std::vector<InterfaceAddress<16>> addresses6{};

  LinkId link() const { return {index, vlan}; }
  /// Whether the interface has an address, tentative ones included.
  template <std::size_t Size>
  bool has(const Address<Size>& address) const {
    const auto is_it = [&](const auto& a) { return a.local == address; };
    if constexpr (Size == 4) {
      return std::any_of(addresses.begin(), addresses.end(), is_it);
    } else {
      return std::any_of(addresses6.begin(), addresses6.end(), is_it);
    }
  }
  bool operator==(const Interface&) const = default;
};

/// The interfaces of this network namespace, kept up to date by notifications of the kernel.
class InterfaceWatcher {
 public:
  static Result<InterfaceWatcher> open();

  /// Readable while notifications are pending.
  int fd() const;
  /// Names of the interface of a notification, before and after it.
  using Names = std::vector<std::string>;
  /// Applies one notification; returns none when none is pending. On failure notifications were
  /// lost: call read_all().
  Result<std::optional<Names>> read_one();
  /// Replaces all interfaces by a dump of the kernel's.
  Result<Ok> read_all();
  /// Subscribes to changes of IPv4 routes, or unsubscribes.
  void watch_routes(bool watch);

  const std::map<int, Interface>& interfaces() const { return interfaces_; }
  const Interface* find(std::string_view name) const;
  const Interface* find(int index) const;
  /// Returns the Ethernet interface whose IPv4 default route has the lowest metric; null without.
  const Interface* default_route() const;

 private:
  struct CloseSocket {
    void operator()(mnl_socket* socket) const;
  };
  using Socket = std::unique_ptr<mnl_socket, CloseSocket>;

  explicit InterfaceWatcher(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
  std::map<int, Interface> interfaces_;
};

}  // namespace mcq::os
