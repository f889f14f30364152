#include "wire/packet.hpp"

#include "wire/igmp.hpp"
#include "wire/mld.hpp"

namespace mcq::wire {
namespace {

// The IP headers of a report: an IPv4 header or an IPv6 header, each with Router Alert.
constexpr std::size_t kIpv4HeaderSize = 20 + 4;
constexpr std::size_t kIpv6HeaderSize = 40 + 8;
// The group in a report of an older version, and in the first record of a newest one.
constexpr std::size_t kIgmpGroupOffset = 4;
constexpr std::size_t kMldGroupOffset = 8;
constexpr std::size_t kRecordGroupOffset = 8 + 4;

/// Returns the group of a report whose message begins at `Message`, without any check but that of
/// the size. `Newest` is the type of reports with records; others have the group at `Group`.
template <std::size_t Message, std::uint8_t Newest, std::size_t Group, std::size_t AddressSize>
Address<AddressSize> group_at(Bytes bytes) {
  if (bytes.size() < Message + Group + AddressSize) return {};
  const auto at = Message + (bytes[Message] == Newest ? kRecordGroupOffset : Group);
  if (bytes.size() < at + AddressSize) return {};
  return addresses<AddressSize>(bytes.subspan(at)).front();
}

/// Whether a leave for 0.0.0.0 is sent neither to all routers nor to all nodes (SNP-08).
bool is_stray_solicitation(const Message<Igmp>& message, const Ipv4Address& destination) {
  const auto* leave = std::get_if<Leave<Igmp>>(&message);
  return leave != nullptr && leave->is_solicitation() && destination != Igmp::kAllRouters &&
         destination != Igmp::kAllNodes;
}

}  // namespace

template <>
Ipv4Address group_to_prefetch<Igmp>(Bytes bytes) {
  return group_at<kIpv4HeaderSize, kVersion3Report, kIgmpGroupOffset, 4>(bytes);
}

template <>
Ipv6Address group_to_prefetch<Mld>(Bytes bytes) {
  constexpr auto kNewest = static_cast<std::uint8_t>(MldType::kVersion2Report);
  return group_at<kIpv6HeaderSize, kNewest, kMldGroupOffset, 16>(bytes);
}

template <>
Result<Packet<Igmp>, ParseError> parse_packet<Igmp>(Bytes bytes) {
  const auto ip = parse_ipv4(bytes);
  if (!ip) return fail(ip.error());
  auto message = parse_igmp(ip->payload);
  if (!message) return fail(message.error());
  if (is_stray_solicitation(*message, ip->destination)) return fail(ParseError::kBadGroup);
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
                              const Ipv4Address& destination, Reach reach, RouterAlert alert) {
  return ipv4_packet(source, destination, reach, serialize(query), alert);
}

template <>
Buffer serialize_packet<Mld>(const Query<Mld>& query, const Ipv6Address& source,
                             const Ipv6Address& destination, Reach, RouterAlert) {
  return ipv6_packet(source, destination, serialize(query, source, destination));
}

template <>
Buffer serialize_packet<Igmp>(const RouterMessage& message, const Ipv4Address& source,
                              const Ipv4Address& destination) {
  return ipv4_packet(source, destination, Reach::kLink, serialize(message));
}

template <>
Buffer serialize_packet<Mld>(const RouterMessage& message, const Ipv6Address& source,
                             const Ipv6Address& destination) {
  return ipv6_packet(source, destination, serialize(message, source, destination));
}

}  // namespace mcq::wire
