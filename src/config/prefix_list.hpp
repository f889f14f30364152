#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/family.hpp"
#include "base/result.hpp"

namespace mcq::config {

using IpPrefix = std::variant<Prefix<4>, Prefix<16>>;
/// Queriers as a user lists them: addresses, which are prefixes of full length, and prefixes.
using PrefixList = std::vector<IpPrefix>;

inline constexpr std::size_t kMaxPrefixes = 64;  ///< in a list

/// Reads "192.0.2.1" or "192.0.2.0/24". The error says what is allowed: an address that a querier
/// of that family can have, and no bits behind the prefix.
template <Family F>
Result<typename F::Prefix> parse_querier(const std::string& given);

/// The first two that have an address in common.
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
