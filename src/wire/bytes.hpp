#pragma once

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
  for (std::size_t i = 0; i < AddressSize; ++i) address.octets[i] = bytes[Offset + i];
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

/// The Internet checksum (RFC 1071): 0 over bytes that already hold a right one.
constexpr std::uint16_t checksum(Bytes bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint64_t{bytes[i]} << 8U : bytes[i];
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

/// Writes the checksum of `bytes` at `offset`, where zeroes stand.
constexpr void set_checksum(std::span<std::uint8_t> bytes, std::size_t offset) {
  const auto sum = checksum(bytes);
  bytes[offset] = static_cast<std::uint8_t>(sum >> 8U);
  bytes[offset + 1] = static_cast<std::uint8_t>(sum & 0xff);
}

}  // namespace mcq::wire
