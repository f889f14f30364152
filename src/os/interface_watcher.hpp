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

struct mnl_socket;

namespace mcq::os {

template <std::size_t Size>
struct InterfaceAddress {
  Address<Size> local;  ///< ours
  Prefix<Size> subnet;  ///< those that can be reached over it; on a point-to-point link the peer's
  std::uint8_t scope = 0;  ///< as the kernel has it: 0 universe, 200 site, 253 link, 254 host
  bool tentative = false;  ///< not ours yet: IPv6 is still asking whether another host has it
  bool operator==(const InterfaceAddress&) const = default;
};

/// A network interface as rtnetlink describes it.
struct Interface {
  int index = 0;
  std::string name;       ///< as it can be printed: the kernel allows any octet but a few
  bool up = false;        ///< set up, with carrier, fit to carry packets (IFF_UP and IFF_RUNNING)
  bool ethernet = false;  ///< Ethernet framing and multicast: what IGMP snooping is about
  MacAddress mac{};
  std::uint32_t mtu = 1500;
  bool is_port = false;  ///< of a bridge or bond, which receives in its place
  std::vector<InterfaceAddress<4>> addresses{};
  std::vector<InterfaceAddress<16>> addresses6{};

  /// Whether it is an address of the interface; tentative ones are.
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

/// Knows the interfaces of this network namespace and hears from the kernel when they change.
class InterfaceWatcher {
 public:
  static Result<InterfaceWatcher> open();

  /// FdWatcher when the kernel has something to tell.
  int fd() const;
  /// The names of interfaces, before or since, that a notification was about.
  using Names = std::vector<std::string>;
  /// Takes in one notification; nothing when none is waiting. When that fails, some are lost, and
  /// read_all() is due.
  Result<std::optional<Names>> read_one();
  /// Reads everything anew.
  Result<Ok> read_all();
  /// Also wakes for changes of IPv4 routes, until told otherwise.
  void watch_routes(bool watch);

  const std::map<int, Interface>& interfaces() const { return interfaces_; }
  const Interface* find(std::string_view name) const;
  const Interface* find(int index) const;
  /// The Ethernet interface whose IPv4 default route has the lowest metric.
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
