#pragma once

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/frame.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// A message and the fields of its IP header that matter to a querier.
template <Family F>
struct Packet {
  typename F::Address source{}, destination{};
  bool router_alert = false;  ///< always true in MLD, which requires it (RFC 9777 §5)
  Message<F> message;
};

/// Parses an IP packet at the beginning of `bytes`; padding may follow it. A report with records
/// refers to `bytes`, which must outlive it.
template <Family F>
Result<Packet<F>, ParseError> parse_packet(Bytes bytes);

/// Returns the group a packet is most likely about, to prefetch its state before the packet is
/// parsed. Checks nothing; unspecified when the packet is too short.
template <Family F>
typename F::Address group_to_prefetch(Bytes bytes);

/// Serializes a query with its IP header. `reach` and `alert` apply to IGMP alone: kernels drop MLD
/// whose hop limit is not 1, so every MLD query crosses the link, and MLD without Router Alert.
template <Family F>
Buffer serialize_packet(const Query<F>& query, const typename F::Address& source,
                        const typename F::Address& destination, Reach reach,
                        RouterAlert alert = RouterAlert::kPresent);

/// Serializes a message of Multicast Router Discovery with its IP header: TTL or hop limit 1, with
/// Router Alert (RFC 4286 §2).
template <Family F>
Buffer serialize_packet(const RouterMessage& message, const typename F::Address& source,
                        const typename F::Address& destination);

template <>
Result<Packet<Igmp>, ParseError> parse_packet<Igmp>(Bytes bytes);
template <>
Result<Packet<Mld>, ParseError> parse_packet<Mld>(Bytes bytes);
template <>
Ipv4Address group_to_prefetch<Igmp>(Bytes bytes);
template <>
Ipv6Address group_to_prefetch<Mld>(Bytes bytes);
template <>
Buffer serialize_packet<Igmp>(const Query<Igmp>& query, const Ipv4Address& source,
                              const Ipv4Address& destination, Reach reach, RouterAlert alert);
template <>
Buffer serialize_packet<Mld>(const Query<Mld>& query, const Ipv6Address& source,
                             const Ipv6Address& destination, Reach reach, RouterAlert alert);
template <>
Buffer serialize_packet<Igmp>(const RouterMessage& message, const Ipv4Address& source,
                              const Ipv4Address& destination);
template <>
Buffer serialize_packet<Mld>(const RouterMessage& message, const Ipv6Address& source,
                             const Ipv6Address& destination);

}  // namespace mcq::wire
