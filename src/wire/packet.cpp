#include "wire/packet.hpp"

#include "wire/igmp.hpp"
#include "wire/mld.hpp"

namespace mcq::wire {

template <>
Result<Packet<Igmp>, ParseError> parse_packet<Igmp>(Bytes bytes) {
  const auto ip = parse_ipv4(bytes);
  if (!ip) return fail(ip.error());
  auto message = parse_igmp(ip->payload);
  if (!message) return fail(message.error());
  return Packet<Igmp>{ip->source, ip->destination, ip->router_alert, *std::move(message)};
}

template <>
Result<Packet<Mld>, ParseError> parse_packet<Mld>(Bytes bytes) {
  const auto ip = parse_ipv6(bytes);
  if (!ip) return fail(ip.error());
  auto message = parse_mld(ip->payload, ip->source, ip->destination);
  if (!message) return fail(message.error());
  return Packet<Mld>{ip->source, ip->destination, true, *std::move(message)};
}

template <>
Buffer serialize_packet<Igmp>(const Query<Igmp>& query, const Ipv4Address& source,
                              const Ipv4Address& destination, Reach reach) {
  return ipv4_packet(source, destination, reach, serialize(query));
}

template <>
Buffer serialize_packet<Mld>(const Query<Mld>& query, const Ipv6Address& source,
                             const Ipv6Address& destination, Reach) {
  return ipv6_packet(source, destination, serialize(query, source, destination));
}

}  // namespace mcq::wire
