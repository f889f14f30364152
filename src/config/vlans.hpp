#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "config/protocol_options.hpp"

namespace mcq::config {

inline constexpr unsigned kLastVlan = 4094;  ///< 0 and 4095 are reserved (IEEE 802.1Q)

/// Numbers of VLANs that follow each other.
struct VlanRange {
  std::uint16_t first = 0, last = 0;
  bool operator==(const VlanRange&) const = default;
  bool contains(unsigned number) const { return first <= number && number <= last; }
};
using VlanRanges = std::vector<VlanRange>;  ///< ascending, without overlap

/// Reads the number of a VLAN, without leading zeros; none if it is not one.
std::optional<std::uint16_t> parse_vlan(std::string_view text);
/// Reads "1-4094" or "10,20,30-40". The error names what is allowed.
Result<VlanRanges> parse_vlans(const std::string& given);
/// Returns what parse_vlans() reads.
std::string to_string(const VlanRanges& ranges);

/// Our address in a VLAN, as `address`, and the length of its subnet's prefix: of
/// "192.168.20.2/24", or of "192.168.20.2" and 24. The error names what is allowed.
Result<Prefix<4>> parse_vlan_address(const std::string& given, std::optional<std::int64_t> length);

/// The table [interface.NAME.vlan.NUMBER].
struct VlanRule {
  std::uint16_t number = 0;
  std::optional<Prefix<4>> address{};  ///< ours, with the length of its subnet's prefix
  ProtocolOptions choices{};
  std::string place{};  ///< "FILE:LINE", for messages
  bool operator==(const VlanRule& other) const {
    return number == other.number && address == other.address && choices == other.choices;
  }
};

/// The VLANs of an interface that the file names.
struct Vlans {
  VlanRanges ranges;            ///< of the key `vlans`
  std::vector<VlanRule> rules;  ///< by number, none of which is in `ranges`
  bool operator==(const Vlans&) const = default;

  bool empty() const { return ranges.empty() && rules.empty(); }
  /// Returns the table of a VLAN; null if it has none.
  const VlanRule* table_of(unsigned number) const;
  bool contains(unsigned number) const;
  std::size_t size() const;
  /// Calls `visit` with each number.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [first, last] : ranges) {
      for (unsigned number = first; number <= last; ++number) visit(number);
    }
    for (const auto& rule : rules) visit(unsigned{rule.number});
  }
};

}  // namespace mcq::config
