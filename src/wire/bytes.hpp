#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "base/address.hpp"

namespace mcq::wire {

using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

/// Reads a big-endian unsigned integer at an offset the compiler checks.
template <class T, std::size_t Offset, std::size_t Size>
constexpr T load(std::span<const std::uint8_t, Size> bytes) {
  static_assert(std::is_unsigned_v<T> && Size != std::dynamic_extent);
  static_assert(Offset + sizeof(T) <= Size, "read past the checked length");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8U | bytes[Offset + i];
  return static_cast<T>(value);
}

template <std::size_t AddressSize, std::size_t Offset, std::size_t Size>
constexpr Address<AddressSize> load_address(std::span<const std::uint8_t, Size> bytes) {
  static_assert(Size != std::dynamic_extent);
  static_assert(Offset + AddressSize <= Size, "read past the checked length");
  Address<AddressSize> address;
  std::copy_n(bytes.begin() + Offset, AddressSize, address.octets.begin());
  return address;
}

/// Appends a big-endian unsigned integer.
template <class T>
constexpr void append(Buffer& out, T value) {
  static_assert(std::is_unsigned_v<T>);
  for (std::size_t i = sizeof(T); i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
}

template <std::size_t Size>
constexpr void append(Buffer& out, const Address<Size>& address) {
  out.insert(out.end(), address.octets.begin(), address.octets.end());
}

/// The octets as the addresses they are, where they lie; an incomplete one at the end is left out.
template <std::size_t Size>
std::span<const Address<Size>> addresses(Bytes bytes) {
  static_assert(sizeof(Address<Size>) == Size && alignof(Address<Size>) == 1);
  static_assert(std::is_trivially_copyable_v<Address<Size>> && std::is_aggregate_v<Address<Size>>);
  // An Address is nothing but its octets: it has no padding, may begin anywhere, and any read of it
  // is a read of unsigned char, which may alias whatever the packet was received into.
  return {reinterpret_cast<const Address<Size>*>(bytes.data()), bytes.size() / Size};
}

/// The number that the first octets are to this machine.
template <class Word>
constexpr Word native(Bytes bytes) {
  std::array<std::uint8_t, sizeof(Word)> octets{};
  std::copy_n(bytes.begin(), octets.size(), octets.begin());
  return std::bit_cast<Word>(octets);
}

/// The ones' complement sum of octets as 16-bit numbers, a last odd one the high half of its own:
/// what comes before the complement in the Internet checksum (RFC 1071 §1). Sums of parts can be
/// added, if all parts but the last have an even number of octets.
constexpr std::uint16_t internet_sum(Bytes bytes) {
  // Any byte order and any width of word gives the same sum, up to the order of its octets (RFC
  // 1071 §2): so take the machine's own words, the longest in halves, whose carries 64 bits hold.
  std::uint64_t sum = 0;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    const auto word = native<std::uint64_t>(bytes);
    sum += (word >> 32U) + (word & 0xffff'ffffU);
  }
  if (bytes.size() >= 4) {
    sum += native<std::uint32_t>(bytes);
    bytes = bytes.subspan(4);
  }
  if (bytes.size() >= 2) {
    sum += native<std::uint16_t>(bytes);
    bytes = bytes.subspan(2);
  }
  if (!bytes.empty()) sum += native<std::uint16_t>(std::array<std::uint8_t, 2>{bytes[0], 0});
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
  if constexpr (std::endian::native == std::endian::little) sum = sum >> 8U | (sum & 0xffU) << 8U;
  return static_cast<std::uint16_t>(sum);
}

/// The Internet checksum (RFC 1071): 0 over bytes that already hold a right one. `before` is the
/// sum of what it covers besides, such as a pseudo header.
constexpr std::uint16_t checksum(Bytes bytes, std::uint32_t before = 0) {
  auto sum = before + internet_sum(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

/// Writes the checksum of `bytes` at `offset`, where zeroes stand.
constexpr void set_checksum(std::span<std::uint8_t> bytes, std::size_t offset,
                            std::uint32_t before = 0) {
  const auto sum = checksum(bytes, before);
  bytes[offset] = static_cast<std::uint8_t>(sum >> 8U);
  bytes[offset + 1] = static_cast<std::uint8_t>(sum & 0xff);
}

}  // namespace mcq::wire
