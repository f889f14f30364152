#pragma once

#include <algorithm>
#include <cstddef>

namespace mcq::core {

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
