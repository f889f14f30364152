#include "wire/datagram.hpp"

namespace mcq::wire {
namespace {

constexpr std::uint8_t kUdp = 17;
constexpr std::size_t kPortsSize = 4;  // source and destination: the beginning of a UDP header
constexpr std::size_t kDestinationPortOffset = 2;

// Headers as in frame.cpp and frame6.cpp.
constexpr std::size_t kIpv4Size = 20, kIpv4Unit = 4, kIpv4Length = 2, kIpv4Fragment = 6;
constexpr std::size_t kIpv4Ttl = 8, kIpv4Protocol = 9, kIpv4Source = 12, kIpv4Destination = 16;
constexpr std::uint16_t kFragmentOffset = 0x1fff;
constexpr std::size_t kIpv6Size = 40, kIpv6Length = 4, kIpv6NextHeader = 6, kIpv6HopLimit = 7;
constexpr std::size_t kIpv6Source = 8, kIpv6Destination = 24;

std::uint16_t destination_port(Bytes udp) {
  return load<std::uint16_t, kDestinationPortOffset>(udp.first<kPortsSize>());
}

}  // namespace

template <>
std::optional<Datagram<Igmp>> parse_datagram<Igmp>(Bytes bytes) {
  if (bytes.size() < kIpv4Size + kPortsSize || bytes[kIpv4Protocol] != kUdp) return std::nullopt;
  const auto header = bytes.first<kIpv4Size>();
  const auto group = load_address<4, kIpv4Destination>(header);
  if (!is_multicast(group)) return std::nullopt;
  const auto size = std::size_t{header[0] & 0x0fU} * kIpv4Unit;
  const bool is_later_fragment =
      (load<std::uint16_t, kIpv4Fragment>(header) & kFragmentOffset) != 0;
  if (header[0] >> 4U != 4 || size < kIpv4Size || is_later_fragment) return std::nullopt;
  if (bytes.size() < size + kPortsSize) return std::nullopt;
  return Datagram<Igmp>{load_address<4, kIpv4Source>(header), group,
                        destination_port(bytes.subspan(size)), header[kIpv4Ttl],
                        load<std::uint16_t, kIpv4Length>(header)};
}

template <>
std::optional<Datagram<Mld>> parse_datagram<Mld>(Bytes bytes) {
  if (bytes.size() < kIpv6Size + kPortsSize || bytes[kIpv6NextHeader] != kUdp) return std::nullopt;
  const auto header = bytes.first<kIpv6Size>();
  const auto group = load_address<16, kIpv6Destination>(header);
  if (header[0] >> 4U != 6 || !is_multicast(group)) return std::nullopt;
  return Datagram<Mld>{load_address<16, kIpv6Source>(header), group,
                       destination_port(bytes.subspan(kIpv6Size)), header[kIpv6HopLimit],
                       kIpv6Size + load<std::uint16_t, kIpv6Length>(header)};
}

}  // namespace mcq::wire
