#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/address.hpp"
#include "base/random.hpp"

namespace mcq::core {

/// Where tables keep an address. Others choose the addresses: without the seeds they cannot choose
/// where those go.
class AddressHash {
 public:
  explicit AddressHash(Random random) : offset_(random.next()), factor_(random.next() | 1U) {}

  std::uint64_t operator()(const Ipv4Address& address) const {
    return mix(mix(std::bit_cast<std::uint32_t>(address.octets)));
  }
  std::uint64_t operator()(const Ipv6Address& address) const {
    const auto [first, last] = std::bit_cast<std::array<std::uint64_t, 2>>(address.octets);
    return mix(mix(mix(first) ^ last));
  }

 private:
  /// High bits come to depend on all, and are brought down; a second time makes the low ones as
  /// good, wherever in the word addresses differ.
  std::uint64_t mix(std::uint64_t word) const {
    const auto product = (word ^ offset_) * factor_;
    return product ^ product >> 32U;
  }

  std::uint64_t offset_, factor_;
};

// Lists of entries that each have an address, in the order of those.

/// Where the entry of an address is, or would be.
template <class Listed, class Address>
auto place_of(Listed& listed, const Address& address) {
  return std::lower_bound(listed.begin(), listed.end(), address,
                          [](const auto& entry, const auto& a) { return entry.address < a; });
}

/// Makes room for one more entry, and for no more than a quarter besides: there are many such
/// lists.
template <class Listed>
void make_room(Listed& listed) {
  if (listed.size() == listed.capacity()) listed.reserve(listed.size() + 1 + listed.size() / 4);
}

/// Gives back what a list no longer needs: the limits count what lists hold, and must bound what
/// they take.
template <class Listed>
void shrink(Listed& listed) {
  constexpr std::size_t kSpare = 8;
  if (listed.capacity() > 2 * listed.size() + kSpare) listed.shrink_to_fit();
}

}  // namespace mcq::core
