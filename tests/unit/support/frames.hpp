#pragma once

#include <ostream>
#include <utility>

#include "base/family.hpp"
#include "support/hex.hpp"
#include "support/printers.hpp"
#include "wire/frame.hpp"

namespace mcq::test {

inline wire::Buffer joined(wire::Buffer first, const wire::Buffer& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// A General Query of the newest version, in an IP packet from kSource to all nodes.
template <Family F>
struct GoldenPacket;

template <>
struct GoldenPacket<Igmp> {
  static constexpr Ipv4Address kSource{{192, 0, 2, 1}};
  static constexpr std::size_t kHeaderSize = 24;  ///< with Router Alert
  static inline const wire::Buffer kPayload = hex("11 64 ec 1e 00 00 00 00 02 7d 00 00");
  static inline const wire::Buffer kPacket = joined(
      hex("46 c0 00 24 00 00 40 00 01 02 42 11 c0 00 02 01 e0 00 00 01 94 04 00 00"), kPayload);
};

template <>
struct GoldenPacket<Mld> {
  static constexpr Ipv6Address kSource{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  static constexpr std::size_t kHeaderSize = 40;  ///< without extension headers
  static inline const std::string kAlert = "05 02 00 00 01 00";
  static inline const wire::Buffer kHeader =
      hex("60 00 00 00 00 24 00 01 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01"
          "ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01");
  static inline const wire::Buffer kPayload =
      hex("82 00 56 96 27 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 7d 00 00");
  static inline const wire::Buffer kPacket =
      joined(joined(kHeader, hex("3a 00" + kAlert)), kPayload);
};

/// A parsed IP packet as a value. The parser of IPv6 accepts only packets with Router Alert.
template <Family F>
struct Seen {
  typename F::Address source, destination;
  wire::Buffer payload;
  bool router_alert = true;
  bool operator==(const Seen&) const = default;
};
template <Family F>
void PrintTo(const Seen<F>& packet, std::ostream* out) {
  *out << to_string(packet.source) << " to " << to_string(packet.destination)
       << (packet.router_alert ? " with" : " without") << " Router Alert, " << packet.payload.size()
       << " bytes";
}

/// Parses a copy of `bytes` without spare capacity, so that ASan reports every read beyond them.
template <Family F>
Result<Seen<F>, wire::ParseError> seen(const wire::Buffer& bytes) {
  const wire::Buffer copy(bytes.begin(), bytes.end());
  const auto packet = [&] {
    if constexpr (std::same_as<F, Igmp>) {
      return wire::parse_ipv4(copy);
    } else {
      return wire::parse_ipv6(copy);
    }
  }();
  if (!packet) return fail(packet.error());
  Seen<F> value{packet->source, packet->destination,
                wire::Buffer(packet->payload.begin(), packet->payload.end())};
  if constexpr (std::same_as<F, Igmp>) value.router_alert = packet->router_alert;
  return value;
}

}  // namespace mcq::test
