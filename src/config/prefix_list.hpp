#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/family.hpp"
#include "base/result.hpp"

namespace mcq::config {

inline constexpr std::size_t kMaxPrefixes = 64;  ///< in a list

/// Reads "192.0.2.1" or "192.0.2.0/24": an address that a querier of the family can have, without
/// bits behind the prefix. The error names what is allowed.
template <Family F>
Result<typename F::Prefix> parse_querier(const std::string& given);

/// Returns the first pair of prefixes that overlap.
template <std::size_t Size>
std::optional<std::pair<Prefix<Size>, Prefix<Size>>> find_overlap(
    const std::vector<Prefix<Size>>& some, const std::vector<Prefix<Size>>& others) {
  for (const auto& a : some) {
    for (const auto& b : others) {
      if (a.contains(b.address) || b.contains(a.address)) return std::pair{a, b};
    }
  }
  return std::nullopt;
}

}  // namespace mcq::config
