#pragma once

#include <arpa/inet.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace mcq {

/// An address in network order, so `<` is the comparison the election needs.
template <std::size_t Size>
struct Address {
  std::array<std::uint8_t, Size> octets{};
  auto operator<=>(const Address&) const = default;
  /// The default one calls a function for it, with every packet.
  constexpr bool operator==(const Address& other) const {
    return __builtin_memcmp(octets.data(), other.octets.data(), Size) == 0;
  }
  constexpr bool is_unspecified() const { return *this == Address{}; }
};

using Ipv4Address = Address<4>;
using Ipv6Address = Address<16>;
using MacAddress = Address<6>;

constexpr bool is_multicast(const Ipv4Address& a) { return (a.octets[0] & 0xf0) == 0xe0; }
constexpr bool is_multicast(const Ipv6Address& a) { return a.octets[0] == 0xff; }

/// Whether a packet can come from it: not unspecified, multicast or broadcast.
constexpr bool is_unicast(const Ipv4Address& a) { return a.octets[0] != 0 && a.octets[0] < 224; }
constexpr bool is_unicast(const Ipv6Address& a) { return !a.is_unspecified() && !is_multicast(a); }

/// fe80::/10 (RFC 4291 §2.4).
constexpr bool is_link_local(const Ipv6Address& a) {
  return a.octets[0] == 0xfe && (a.octets[1] & 0xc0) == 0x80;
}

/// An address and how many of its leading bits name the network.
template <std::size_t Size>
struct Prefix {
  Address<Size> address{};
  std::uint8_t length = 0;  ///< bits, 0 to 8 * Size
  auto operator<=>(const Prefix&) const = default;

  constexpr bool contains(const Address<Size>& other) const {
    std::size_t bits = length;
    for (std::size_t i = 0; i < Size && bits > 0; ++i) {
      const std::size_t used = bits < 8 ? bits : 8;
      const auto mask = static_cast<std::uint8_t>(0xff00U >> used);
      if (((address.octets[i] ^ other.octets[i]) & mask) != 0) return false;
      bits -= used;
    }
    return true;
  }
};

/// "192.168.1.10"
inline std::string to_string(const Ipv4Address& a) {
  std::string text;
  for (const auto octet : a.octets) {
    if (!text.empty()) text += '.';
    text += std::to_string(octet);
  }
  return text;
}

/// "fe80::1" (RFC 5952)
inline std::string to_string(const Ipv6Address& a) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, a.octets.data(), text.data(), text.size());
  return text.data();
}

/// "02:00:5e:10:00:01"
inline std::string to_string(const MacAddress& a) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto octet : a.octets) {
    if (!text.empty()) text += ':';
    text += kDigits[octet >> 4];
    text += kDigits[octet & 0x0f];
  }
  return text;
}

/// "192.0.2.0/24"; "192.0.2.1" for a prefix of full length
template <std::size_t Size>
std::string to_string(const Prefix<Size>& prefix) {
  const bool is_address = prefix.length == 8 * Size;
  return to_string(prefix.address) + (is_address ? "" : "/" + std::to_string(int{prefix.length}));
}

}  // namespace mcq
