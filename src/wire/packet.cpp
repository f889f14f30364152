#include "wire/packet.hpp"

#include "wire/igmp.hpp"
#include "wire/mld.hpp"

namespace mcq::wire {
namespace {

/// Behind a header with Router Alert, as hosts send it: at `kOld` in reports of the older versions,
/// and in the newest one's, whose type is `kNewest`, in the first record.
template <std::size_t kHeader, std::uint8_t kNewest, std::size_t kOld, std::size_t AddressSize>
Address<AddressSize> group_behind(Bytes bytes) {
  constexpr std::size_t kRecord = 8 + 4;
  if (bytes.size() < kHeader + kOld + AddressSize) return {};
  const auto at = kHeader + (bytes[kHeader] == kNewest ? kRecord : kOld);
  if (bytes.size() < at + AddressSize) return {};
  return addresses<AddressSize>(bytes.subspan(at)).front();
}

}  // namespace

template <>
Ipv4Address likely_group<Igmp>(Bytes bytes) {
  return group_behind<24, kVersion3Report, 4, 4>(bytes);
}

template <>
Ipv6Address likely_group<Mld>(Bytes bytes) {
  return group_behind<48, static_cast<std::uint8_t>(MldType::kVersion2Report), 8, 16>(bytes);
}

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
