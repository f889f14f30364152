#pragma once

#include <cstdint>
#include <string>

#include "text/json.hpp"

namespace mcq::diagnose {

/// A packet that a firewall judges. Its names are those of nftables.
struct FirewallPacket {
  bool is_incoming = true;
  bool is_ipv6 = false;
  std::string protocol;     ///< "igmp", "ipv6-icmp", "udp"
  std::string icmpv6_type;  ///< "mld-listener-query"; empty for other protocols
  std::string interface;
  std::string destination;  ///< a multicast address
  std::uint16_t port = 0;   ///< destination of UDP

  /// A General Query that arrives, or a report that leaves.
  static FirewallPacket query(bool is_ipv6, const std::string& interface);
  static FirewallPacket report(bool is_ipv6, const std::string& interface);
};

/// What the rules do with a packet.
struct FirewallVerdict {
  enum class Outcome { kAccept, kDrop, kUnknown };
  Outcome outcome = Outcome::kAccept;
  std::string family{}, table{}, chain{};  ///< of the rule or policy that drops
  std::string rule{};                      ///< "its policy", or the rule's number
};

/// Follows a packet through a ruleset of nftables in JSON (libnftables-json(5)). A rule with a
/// match that is not understood may match or not: where that matters, the outcome is kUnknown.
FirewallVerdict judge(const text::Json& ruleset, const FirewallPacket& packet);

}  // namespace mcq::diagnose
