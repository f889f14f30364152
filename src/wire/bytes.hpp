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

/// Loads a big-endian unsigned integer. The compiler checks the offset.
template <class T, std::size_t Offset, std::size_t Size>
constexpr T load(std::span<const std::uint8_t, Size> bytes) {
  static_assert(std::is_unsigned_v<T> && Size != std::dynamic_extent);
  static_assert(Offset + sizeof(T) <= Size, "read past the checked length");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8U | bytes[Offset + i];
  return static_cast<T>(value);
}

/// Loads an address. The compiler checks the offset.
template <std::size_t AddressSize, std::size_t Offset, std::size_t Size>
constexpr Address<AddressSize> load_address(std::span<const std::uint8_t, Size> bytes) {
  static_assert(Size != std::dynamic_extent);
  static_assert(Offset + AddressSize <= Size, "read past the checked length");
  Address<AddressSize> address;
  std::copy_n(bytes.begin() + Offset, AddressSize, address.bytes.begin());
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
  out.insert(out.end(), address.bytes.begin(), address.bytes.end());
}

/// Returns a view of `bytes` as addresses, without copying; omits an incomplete one at the end.
template <std::size_t Size>
std::span<const Address<Size>> addresses(Bytes bytes) {
  static_assert(sizeof(Address<Size>) == Size && alignof(Address<Size>) == 1);
  static_assert(std::is_trivially_copyable_v<Address<Size>> && std::is_aggregate_v<Address<Size>>);
  // An Address is an array of bytes: it has no padding and no alignment, and every access to it is
  // one to unsigned char, which may alias any type.
  return {reinterpret_cast<const Address<Size>*>(bytes.data()), bytes.size() / Size};
}

/// Loads an unsigned integer in the byte order of this machine from the first bytes.
template <class Word>
constexpr Word native(Bytes bytes) {
  std::array<std::uint8_t, sizeof(Word)> word{};
  std::copy_n(bytes.begin(), word.size(), word.begin());
  return std::bit_cast<Word>(word);
}

/// Returns the ones' complement sum of 16-bit words, an odd byte at the end padded with 0: the
/// Internet checksum before its complement (RFC 1071 §1). Sums of parts can be added when all parts
/// but the last have an even size.
constexpr std::uint16_t internet_sum(Bytes bytes) {
  // The sum does not depend on the byte order, except in that of its own two bytes, nor on the
  // width of words (RFC 1071 §2): add native words, 64-bit ones in halves so that no carry is lost.
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

/// Returns the Internet checksum (RFC 1071): 0 for bytes that contain their correct checksum.
/// `before` is the sum of other bytes it covers, such as a pseudo header.
constexpr std::uint16_t checksum(Bytes bytes, std::uint32_t before = 0) {
  auto sum = before + internet_sum(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

/// Writes the checksum of `bytes` at `offset`, where both bytes must be 0.
constexpr void set_checksum(std::span<std::uint8_t> bytes, std::size_t offset,
                            std::uint32_t before = 0) {
  const auto sum = checksum(bytes, before);
  bytes[offset] = static_cast<std::uint8_t>(sum >> 8U);
  bytes[offset + 1] = static_cast<std::uint8_t>(sum & 0xff);
}

}  // namespace mcq::wire
