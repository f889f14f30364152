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

/// Reads "192.0.2.1": an address that a querier of the family can have; else none.
template <Family F>
std::optional<typename F::Address> parse_querier_address(const std::string& given);

/// Reads "232.1.0.0/16": a group or groups of the family. The error names what is allowed.
template <Family F>
Result<typename F::Prefix> parse_groups(const std::string& given);

/// The source-specific groups of RFC 4607 §1: one prefix, or in IPv6 one for each scope.
template <Family F>
std::vector<typename F::Prefix> source_specific_prefixes();
template <>
std::vector<Prefix<4>> source_specific_prefixes<Igmp>();
template <>
std::vector<Prefix<16>> source_specific_prefixes<Mld>();

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
