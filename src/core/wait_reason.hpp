#pragma once

#include <cstdint>

namespace mcq::core {

/// What a querier in the role kWaiting lacks.
enum class WaitReason : std::uint8_t {
  kNone,
  kInterface,         ///< no interface has the name
  kEthernet,          ///< the interface of that name is no Ethernet
  kUpperDevice,       ///< the interface is a port of a bridge or a bond
  kVlanDevice,        ///< the VLAN of a trunk has an interface of its own
  kLink,              ///< no carrier, or the interface is down
  kReceiver,          ///< its sockets cannot be opened
  kIpv4Address,       ///< to query from
  kLinkLocalAddress,  ///< to query from (RFC 9777 §5.1.14)
  kSourceAddress,     ///< the configured one
  kPause,             ///< a client has paused the queries
};

/// What follows "waiting for "; empty for kNone.
constexpr const char* to_string(WaitReason reason) {
  switch (reason) {
    case WaitReason::kNone:
      break;
    case WaitReason::kInterface:
      return "the interface to appear";
    case WaitReason::kEthernet:
      return "an Ethernet interface of that name";
    case WaitReason::kUpperDevice:
      return "its bridge or bond to let it go (or name that instead)";
    case WaitReason::kVlanDevice:
      return "its VLAN interface to be deleted (or name that instead)";
    case WaitReason::kLink:
      return "link";
    case WaitReason::kReceiver:
      return "a socket";
    case WaitReason::kIpv4Address:
      return "an IPv4 address";
    case WaitReason::kLinkLocalAddress:
      return "an IPv6 link-local address";
    case WaitReason::kSourceAddress:
      return "its source-address: the interface does not have it";
    case WaitReason::kPause:
      return "soak to end its measurement";
  }
  return "";
}

}  // namespace mcq::core
