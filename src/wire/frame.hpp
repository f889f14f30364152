#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// How far an IPv4 packet goes: TTL 1 crosses the link; TTL 0 stays on the host that sends it, and
/// is how its own kernel hears what a packet socket hides from it.
enum class Reach : std::uint8_t { kHost = 0, kLink = 1 };

/// A received IPv4 packet that carries IGMP; `payload` lies in the bytes that were parsed.
struct Ipv4Packet {
  Ipv4Address source, destination;
  bool router_alert = false;
  Bytes payload;
};

/// Reads an IPv4 packet that begins at `bytes` and may be followed by padding. Accepts only what
/// may be IGMP for us: whole, right header checksum, TTL 1, protocol 2, a source that can be a
/// host. Lengths come from the IP header, never from the frame (RFC 9776 §4).
Result<Ipv4Packet, ParseError> parse_ipv4(Bytes bytes);

/// An IPv4 packet around an IGMP message: TOS 0xc0, Router Alert (RFC 9776 §4, RFC 2113 §2.1),
/// Don't Fragment with identification 0 (RFC 6864 §4.1).
Buffer ipv4_packet(Ipv4Address source, Ipv4Address destination, Reach reach, Bytes payload);

/// A received IPv6 packet that carries ICMPv6 and has Router Alert; `payload` begins behind the
/// hop-by-hop options and lies in the bytes that were parsed.
struct Ipv6Packet {
  Ipv6Address source, destination;
  Bytes payload;
};

/// Reads an IPv6 packet that begins at `bytes` and may be followed by padding. Accepts only what
/// may be MLD for us (RFC 9777 §5, §7.6): whole, hop limit 1, hop-by-hop options with Router Alert
/// for MLD (RFC 2711 §2.1), ICMPv6 right behind them, a source that is not multicast. ICMPv6
/// without Router Alert that is not MLD either is kUnhandledType: links are full of it.
Result<Ipv6Packet, ParseError> parse_ipv6(Bytes bytes);

/// An IPv6 packet around an MLD message: hop limit 1, and hop-by-hop options with Router Alert
/// (RFC 9777 §5). Its traffic class and flow label are 0, of which RFC 9777 says nothing.
Buffer ipv6_packet(const Ipv6Address& source, const Ipv6Address& destination, Bytes payload);

/// The Ethernet address of a multicast group (RFC 1112 §6.4): 01:00:5e and its low 23 bits.
constexpr MacAddress ethernet_address(const Ipv4Address& group) {
  const auto& g = group.octets;
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(g[1] & 0x7f), g[2], g[3]}};
}
/// 33:33 and its low 32 bits (RFC 2464 §7).
constexpr MacAddress ethernet_address(const Ipv6Address& group) {
  const auto& g = group.octets;
  return {{0x33, 0x33, g[12], g[13], g[14], g[15]}};
}

}  // namespace mcq::wire
