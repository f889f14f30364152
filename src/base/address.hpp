#pragma once

#include <arpa/inet.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace mcq {

/// An address in network byte order, so that `<` is the comparison of the querier election.
template <std::size_t Size>
struct Address {
  std::array<std::uint8_t, Size> bytes{};
  auto operator<=>(const Address&) const = default;
  /// Inline, unlike the default one, which calls memcmp(3); used for every packet.
  constexpr bool operator==(const Address& other) const {
    return __builtin_memcmp(bytes.data(), other.bytes.data(), Size) == 0;
  }
  constexpr bool is_unspecified() const { return *this == Address{}; }
};

using Ipv4Address = Address<4>;
using Ipv6Address = Address<16>;
using MacAddress = Address<6>;

constexpr bool is_multicast(const Ipv4Address& a) { return (a.bytes[0] & 0xf0) == 0xe0; }
constexpr bool is_multicast(const Ipv6Address& a) { return a.bytes[0] == 0xff; }

/// Whether a host can have the address: not in 0.0.0.0/8, unspecified, multicast or broadcast.
constexpr bool is_unicast(const Ipv4Address& a) { return a.bytes[0] != 0 && a.bytes[0] < 224; }
constexpr bool is_unicast(const Ipv6Address& a) { return !a.is_unspecified() && !is_multicast(a); }

/// Whether the address is in fe80::/10 (RFC 4291 §2.4).
constexpr bool is_link_local(const Ipv6Address& a) {
  return a.bytes[0] == 0xfe && (a.bytes[1] & 0xc0) == 0x80;
}

/// A network: the first `length` bits of an address.
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
      if (((address.bytes[i] ^ other.bytes[i]) & mask) != 0) return false;
      bits -= used;
    }
    return true;
  }
};

/// Returns "192.168.1.10".
inline std::string to_string(const Ipv4Address& a) {
  std::string text;
  for (const auto byte : a.bytes) {
    if (!text.empty()) text += '.';
    text += std::to_string(byte);
  }
  return text;
}

/// Returns "fe80::1" (RFC 5952).
inline std::string to_string(const Ipv6Address& a) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, a.bytes.data(), text.data(), text.size());
  return text.data();
}

/// Returns "02:00:5e:10:00:01".
inline std::string to_string(const MacAddress& a) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : a.bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0f];
  }
  return text;
}

/// Returns "192.0.2.0/24"; "192.0.2.1" for a prefix of full length.
template <std::size_t Size>
std::string to_string(const Prefix<Size>& prefix) {
  const bool is_address = prefix.length == 8 * Size;
  return to_string(prefix.address) + (is_address ? "" : "/" + std::to_string(int{prefix.length}));
}

}  // namespace mcq
