#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/family.hpp"
#include "wire/bytes.hpp"

namespace mcq::wire {

/// A UDP datagram to a group.
template <Family F>
struct Datagram {
  typename F::Address source{}, group{};
  std::uint16_t port = 0;  ///< destination
  std::uint8_t ttl = 0;    ///< or hop limit
  std::size_t size = 0;    ///< bytes of the IP packet
  bool operator==(const Datagram&) const = default;
};

/// Reads the headers of a UDP datagram to a group at the beginning of `bytes`, which may be cut
/// behind them; checks no checksum. None for any other packet, a fragment but the first, and IPv6
/// with extension headers.
template <Family F>
std::optional<Datagram<F>> parse_datagram(Bytes bytes);

template <>
std::optional<Datagram<Igmp>> parse_datagram<Igmp>(Bytes bytes);
template <>
std::optional<Datagram<Mld>> parse_datagram<Mld>(Bytes bytes);

}  // namespace mcq::wire
