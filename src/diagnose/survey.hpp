#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "diagnose/evidence.hpp"
#include "diagnose/finding.hpp"
#include "os/bridge.hpp"
#include "os/interface_watcher.hpp"
#include "text/json.hpp"

namespace mcq::diagnose {

/// An interface of this host.
struct InterfaceEvidence {
  os::Interface link;
  bool is_wireless = false;
  std::string master;                ///< the bridge or bond whose port it is; empty if none
  std::string master_kind;           ///< "bridge", "bond"; empty if another
  std::optional<os::Bridge> bridge;  ///< none for another interface
  std::size_t ports = 0;             ///< of a bridge or bond
  int rp_filter = 0;                 ///< 0 off, 1 strict, 2 loose (RFC 3704)
  int force_igmp_version = 0;        ///< 0: not forced
  int force_mld_version = 0;
  bool ipv6_off = false;
  std::string kind;        ///< "bridge", "vlan", "veth", ...; empty for a network card
  std::string parent;      ///< the interface that a VLAN interface is on; empty if none
  std::uint16_t vlan = 0;  ///< of a VLAN interface
  /// Groups that programs of this host have joined here, without those of the link-local scope.
  std::vector<IpAddress> joined;

  bool has_joined(const std::string& group) const;
  /// The first joined group of IPv4 or IPv6 that is_stream_group(); none if there is none.
  std::optional<std::string> first_joined(bool is_ipv6) const;
  bool is_own(const std::string& address) const;
  /// Whether an address is in one of its subnets; true for text that is no IPv4 address.
  bool is_near(const std::string& address) const;
};

/// What was received on an interface of this host.
struct LanEvidence {
  std::string interface;
  LinkEvidence igmp, mld;
  std::vector<LinkEvidence> tagged;  ///< of VLANs that have no interface here
  /// Who answered the General Query of this program; none if it asked none.
  std::optional<std::vector<std::string>> answers;
};

/// Our daemon on this host, and what it says of itself.
struct DaemonEvidence {
  bool is_installed = false;  ///< there is a unit of systemd
  bool is_running = false;    ///< a program accepts connections at its socket
  bool is_forbidden = false;  ///< but not from this user
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

/// Whether streams use a group, and switches filter it: not one of the link-local scope, nor of the
/// discovery of services (SSDP, mDNS), which many hosts have joined for ever.
bool is_stream_group(const std::string& group);

/// What is known of this host and its LANs.
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
  /// What was received there; null if it was not listened to.
  const LanEvidence* find_lan(const std::string& interface) const;
  /// Forgets what was received with the tag of a VLAN that has an interface here, where it is
  /// received again, or that the daemon serves: its own queries are not seen here.
  void forget_own_vlans();
  /// Whether an interface of this host has the address.
  bool is_own(const std::string& address) const;
  /// Whether the interface can lead to a LAN: up, Ethernet, no port, with an address, and not made
  /// by a program that runs containers or virtual machines.
  bool is_lan(const InterfaceEvidence& interface) const;
};

}  // namespace mcq::diagnose
