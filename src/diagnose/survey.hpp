#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "diagnose/evidence.hpp"
#include "diagnose/finding.hpp"
#include "os/interface_watcher.hpp"
#include "text/json.hpp"

namespace mcq::diagnose {

/// The snooping of a Linux bridge of this host.
struct BridgeEvidence {
  bool snoops = false;
  bool has_querier = false;      ///< multicast_querier
  bool uses_own_address = true;  ///< multicast_query_use_ifaddr; it queries from 0.0.0.0 without
  std::size_t ports = 0;
};

/// An interface of this host.
struct InterfaceEvidence {
  os::Interface link;
  bool is_wireless = false;
  std::string master;       ///< the bridge or bond whose port it is; empty if none
  std::string master_kind;  ///< "bridge", "bond"; empty if another
  std::optional<BridgeEvidence> bridge;
  int rp_filter = 0;           ///< 0 off, 1 strict, 2 loose (RFC 3704)
  int force_igmp_version = 0;  ///< 0: not forced
  int force_mld_version = 0;
  bool ipv6_off = false;
  std::string kind;  ///< "bridge", "vlan", "veth", ...; empty for a network card
  /// Groups that programs of this host have joined here, without those of the link-local scope.
  std::vector<IpAddress> joined;

  bool has_joined(const std::string& group) const;
};

/// What was received on an interface of this host.
struct LanEvidence {
  std::string interface;
  LinkEvidence igmp, mld;
  std::vector<LinkEvidence> tagged;  ///< frames of VLANs that have no interface here
  /// Who answered the General Query of this program; none if it asked none.
  std::optional<std::vector<std::string>> answers;
};

/// Our daemon on this host, and what it says of itself.
struct DaemonEvidence {
  bool is_installed = false;  ///< there is a unit or a configuration file
  bool is_running = false;    ///< its socket exists
  bool answers = false;
  std::string error;  ///< why it does not answer
  struct Link {
    std::string interface;
    std::string family;  ///< "ipv4", "ipv6"
    std::string role;
    Duration query_interval{};
  };
  std::vector<Link> links;
  std::vector<Finding> findings;

  bool serves(const std::string& interface, const std::string& family) const;
};

/// The kernel's limits (ip-sysctl, net.core).
struct LimitEvidence {
  std::size_t max_memberships = 20;       ///< igmp_max_memberships, for one socket
  std::size_t receive_buffer = 212992;    ///< rmem_default, bytes
  std::uint64_t receive_buffer_full = 0;  ///< UDP packets dropped for it during the observation
};

/// All that was found out about this host and its LANs.
struct Survey {
  Duration listened{};
  std::vector<InterfaceEvidence> interfaces;
  std::vector<LanEvidence> lans;  ///< of the interfaces that were listened to
  std::string default_route;      ///< interface; empty without
  std::string multicast_route;    ///< interface that 239.0.0.0/8 is routed to; empty without
  std::map<std::string, std::string> routes;  ///< interface by address of a sender that was seen
  std::optional<text::Json> ruleset;          ///< of nftables; none if it could not be read
  LimitEvidence limits;
  DaemonEvidence daemon;
  std::optional<IpAddress> group;  ///< the stream that is asked about

  const InterfaceEvidence* find(const std::string& interface) const;
  /// Whether the interface can lead to a LAN: up, Ethernet, no port, and with an address.
  bool is_lan(const InterfaceEvidence& interface) const;
};

}  // namespace mcq::diagnose
