#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/address.hpp"
#include "base/random.hpp"

namespace mcq::core {

/// A keyed hash of an address. Hosts choose the addresses; without the seed they cannot choose ones
/// that collide.
class AddressHash {
 public:
  explicit AddressHash(Random random) : offset_(random.next()), factor_(random.next() | 1U) {}

  std::uint64_t operator()(const Ipv4Address& address) const {
    return mix(mix(std::bit_cast<std::uint32_t>(address.bytes)));
  }
  std::uint64_t operator()(const Ipv6Address& address) const {
    const auto [first, last] = std::bit_cast<std::array<std::uint64_t, 2>>(address.bytes);
    return mix(mix(mix(first) ^ last));
  }

 private:
  /// Mixes the bits of a word: after the product its high bits depend on all bits, and the shift
  /// brings them down. Applied twice, every bit of the hash depends on every bit of the address.
  std::uint64_t mix(std::uint64_t word) const {
    const auto product = (word ^ offset_) * factor_;
    return product ^ product >> 32U;
  }

  std::uint64_t offset_, factor_;
};

// Lists of entries with a member `address`, sorted by it.

/// Returns the position of the entry of an address, or the one to insert it at.
template <class Listed, class Address>
auto place_of(Listed& listed, const Address& address) {
  return std::lower_bound(listed.begin(), listed.end(), address,
                          [](const auto& entry, const auto& a) { return entry.address < a; });
}

/// Reserves space for one more entry; grows by a quarter, as there are many such lists and memory
/// counts.
template <class Listed>
void make_room(Listed& listed) {
  if (listed.size() == listed.capacity()) listed.reserve(listed.size() + 1 + listed.size() / 4);
}

/// Releases memory that a list no longer needs: the limits count entries, and must bound memory.
template <class Listed>
void shrink(Listed& listed) {
  constexpr std::size_t kSpare = 8;
  if (listed.capacity() > 2 * listed.size() + kSpare) listed.shrink_to_fit();
}

}  // namespace mcq::core
