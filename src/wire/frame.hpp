#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// The TTL of an IPv4 packet to send. 1 crosses the link. 0 stays on this host, for its own kernel,
/// which does not receive packets sent through a packet socket.
enum class Reach : std::uint8_t { kHost = 0, kLink = 1 };

/// A received IPv4 packet that carries IGMP. `payload` refers to the parsed bytes, which must
/// outlive it.
struct Ipv4Packet {
  Ipv4Address source, destination;
  bool router_alert = false;
  Bytes payload;
};

/// Parses an IPv4 packet at the beginning of `bytes`; padding may follow it. Accepts only complete
/// packets with a correct header checksum, TTL 1, protocol 2 and a source address a host can have.
/// Takes lengths from the IP header, never from the frame (RFC 9776 §4).
Result<Ipv4Packet, ParseError> parse_ipv4(Bytes bytes);

/// Whether a packet has the IP option Router Alert, as RFC 9776 §4 requires of IGMP.
enum class RouterAlert : bool { kAbsent, kPresent };

/// Builds the IPv4 packet that carries an IGMP message: TOS 0xc0, Router Alert (RFC 9776 §4,
/// RFC 2113 §2.1), Don't Fragment with identification 0 (RFC 6864 §4.1).
Buffer ipv4_packet(Ipv4Address source, Ipv4Address destination, Reach reach, Bytes payload,
                   RouterAlert alert = RouterAlert::kPresent);

/// A received IPv6 packet that carries ICMPv6 and has Router Alert. `payload` begins after the
/// hop-by-hop options and refers to the parsed bytes, which must outlive it.
struct Ipv6Packet {
  Ipv6Address source, destination;
  Bytes payload;
};

/// Parses an IPv6 packet at the beginning of `bytes`; padding may follow it. Accepts only packets
/// that can carry MLD (RFC 9777 §5, §7.6): complete, hop limit 1, hop-by-hop options with Router
/// Alert for MLD (RFC 2711 §2.1), ICMPv6 next, a source that is not multicast. Fails with
/// kUnhandledType on ICMPv6 without Router Alert that is not MLD, such as Neighbor Discovery.
Result<Ipv6Packet, ParseError> parse_ipv6(Bytes bytes);

/// Builds the IPv6 packet that carries an MLD message: hop limit 1, hop-by-hop options with Router
/// Alert (RFC 9777 §5). Traffic class and flow label, which RFC 9777 leaves open, are 0.
Buffer ipv6_packet(const Ipv6Address& source, const Ipv6Address& destination, Bytes payload);

/// Returns the Ethernet address of a multicast group (RFC 1112 §6.4): 01:00:5e and the low 23 bits
/// of the group.
constexpr MacAddress ethernet_address(const Ipv4Address& group) {
  const auto& g = group.bytes;
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(g[1] & 0x7f), g[2], g[3]}};
}
/// Returns 33:33 and the low 32 bits of the group (RFC 2464 §7).
constexpr MacAddress ethernet_address(const Ipv6Address& group) {
  const auto& g = group.bytes;
  return {{0x33, 0x33, g[12], g[13], g[14], g[15]}};
}

}  // namespace mcq::wire
