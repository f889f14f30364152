#include "config/vlans.hpp"

#include <algorithm>
#include <charconv>
#include <variant>

#include "base/ip_address.hpp"
#include "base/printable.hpp"

namespace mcq::config {
namespace {

constexpr std::int64_t kLongestPrefix = 31;
constexpr std::uint8_t kPointToPoint = 31;  // has neither network nor broadcast address

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || text.front() == '0') return std::nullopt;
  return number;
}

std::optional<VlanRange> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_vlan(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_vlan(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return VlanRange{*first, *last};
}

std::string_view trimmed(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Whether a host can have the address in its subnet.
bool is_host(const Prefix<4>& own) {
  if (own.length >= kPointToPoint) return true;
  std::uint32_t value = 0;
  for (const auto byte : own.address.bytes) value = value << 8U | byte;
  const auto hosts = ~std::uint32_t{0} >> own.length;
  return (value & hosts) != 0 && (value & hosts) != hosts;
}

}  // namespace

std::optional<std::uint16_t> parse_vlan(std::string_view text) {
  const auto number = parse_number<std::uint16_t>(text);
  return number && *number <= kLastVlan ? number : std::nullopt;
}

Result<VlanRanges> parse_vlans(const std::string& given) {
  VlanRanges ranges;
  for (std::string_view rest = given;;) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto range = parse_range(trimmed(rest.substr(0, comma)));
    if (!range) {
      return fail("vlans '" + printable(given) +
                  "' is not allowed: it must be a list of VLANs from 1 to 4094, as \"1-4094\" or "
                  "\"10,20,30-40\"");
    }
    ranges.push_back(*range);
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i - 1].contains(ranges[i].first)) {
      return fail("vlans '" + printable(given) + "' has VLAN " + std::to_string(ranges[i].first) +
                  " twice");
    }
  }
  return ranges;
}

std::string to_string(const VlanRanges& ranges) {
  std::string text;
  for (const auto& [first, last] : ranges) {
    text += (text.empty() ? "" : ",") + std::to_string(first);
    if (last != first) text += "-" + std::to_string(last);
  }
  return text;
}

Result<Prefix<4>> parse_vlan_address(const std::string& given, std::optional<std::int64_t> length) {
  const auto slash = given.find('/');
  const auto any = parse_address(given.substr(0, slash));
  const auto* address = any ? std::get_if<Ipv4Address>(&*any) : nullptr;
  const auto refused = [&](const std::string& why) {
    return fail("address '" + printable(given) + "' is not allowed: " + why);
  };
  if (slash != std::string::npos && length) {
    return refused("it has a prefix length already: leave prefix out");
  }
  if (slash != std::string::npos) {
    length = parse_number<std::int64_t>(std::string_view{given}.substr(slash + 1));
  }
  if (address == nullptr || !length || *length < 1 || *length > kLongestPrefix) {
    return refused(
        "it must be an IPv4 address with the length of its prefix, 1 to 31, as "
        "\"192.168.20.2/24\"");
  }
  const Prefix<4> own{*address, static_cast<std::uint8_t>(*length)};
  if (!is_unicast(*address) || !is_host(own)) return refused("no host has such an address");
  return own;
}

const VlanRule* Vlans::table_of(unsigned number) const {
  const auto found =
      std::lower_bound(rules.begin(), rules.end(), number,
                       [](const auto& rule, unsigned wanted) { return rule.number < wanted; });
  return found == rules.end() || found->number != number ? nullptr : &*found;
}

bool Vlans::contains(unsigned number) const {
  return table_of(number) != nullptr ||
         std::any_of(ranges.begin(), ranges.end(),
                     [&](const auto& range) { return range.contains(number); });
}

std::size_t Vlans::size() const {
  auto count = rules.size();
  for (const auto& [first, last] : ranges) count += std::size_t{last} - first + 1;
  return count;
}

}  // namespace mcq::config
