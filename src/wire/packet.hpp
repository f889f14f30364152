#pragma once

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/frame.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// A message with what its IP header says.
template <Family F>
struct Packet {
  typename F::Address source{}, destination{};
  bool router_alert = false;  ///< always true of MLD, which is nothing without it (RFC 9777 §5)
  Message<F> message;
};

/// Reads a whole IP packet that may be followed by padding. The records of a report stay in
/// `bytes`.
template <Family F>
Result<Packet<F>, ParseError> parse_packet(Bytes bytes);

/// The group that a packet seems to be about, for whoever wants it at hand when its turn comes:
/// nothing is checked. Unspecified when the packet is too short to name one.
template <Family F>
typename F::Address likely_group(Bytes bytes);

/// A query as a whole IP packet. `reach` is for IGMP: an IPv6 packet with a hop limit other than 1
/// is no MLD, not even to the kernel that sends it, so every query of MLD crosses the link.
template <Family F>
Buffer serialize_packet(const Query<F>& query, const typename F::Address& source,
                        const typename F::Address& destination, Reach reach);

template <>
Result<Packet<Igmp>, ParseError> parse_packet<Igmp>(Bytes bytes);
template <>
Result<Packet<Mld>, ParseError> parse_packet<Mld>(Bytes bytes);
template <>
Ipv4Address likely_group<Igmp>(Bytes bytes);
template <>
Ipv6Address likely_group<Mld>(Bytes bytes);
template <>
Buffer serialize_packet<Igmp>(const Query<Igmp>& query, const Ipv4Address& source,
                              const Ipv4Address& destination, Reach reach);
template <>
Buffer serialize_packet<Mld>(const Query<Mld>& query, const Ipv6Address& source,
                             const Ipv6Address& destination, Reach reach);

}  // namespace mcq::wire
