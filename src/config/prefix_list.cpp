#include "config/prefix_list.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/ip_address.hpp"

namespace mcq::config {
namespace {

template <std::size_t Size>
Address<Size> without_host(const Prefix<Size>& prefix) {
  auto network = prefix.address;
  for (std::size_t bit = prefix.length; bit < 8 * Size; ++bit) {
    network.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  }
  return network;
}

/// Whether a query can come from an address of it.
bool could_ask(const Prefix<4>& prefix) {
  const bool is_wide = prefix.length < 3;  // too wide for multicast or 0.0.0.0/8 alone
  return is_wide || is_unicast(prefix.address);
}
bool could_ask(const Prefix<16>& prefix) {
  constexpr Prefix<16> kLinkLocal{{{0xfe, 0x80}}, 10};
  return prefix.contains(kLinkLocal.address) || kLinkLocal.contains(prefix.address);
}

std::optional<std::uint8_t> parse_length(std::string_view text, std::size_t most) {
  unsigned length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (!is_number || length > most) return std::nullopt;
  return static_cast<std::uint8_t>(length);
}

template <Family F>
std::optional<typename F::Prefix> parse_prefix(const std::string& given) {
  const auto slash = given.find('/');
  const auto any = parse_address(given.substr(0, slash));
  const auto* address = any ? std::get_if<typename F::Address>(&*any) : nullptr;
  if (address == nullptr) return std::nullopt;
  constexpr auto kBits = 8 * sizeof(typename F::Address);
  auto length = std::optional{static_cast<std::uint8_t>(kBits)};
  if (slash != std::string::npos) {
    length = parse_length(std::string_view{given}.substr(slash + 1), kBits);
  }
  if (!length) return std::nullopt;
  return typename F::Prefix{*address, *length};
}

Failure<Error> refused(const std::string& given, const std::string& why) {
  return fail("'" + given + "' is not allowed: " + why);
}

/// Reads a prefix of the family, without bits behind it. `form` says what it must be.
template <Family F>
Result<typename F::Prefix> parse_exact(const std::string& given, const char* form) {
  const auto prefix = parse_prefix<F>(given);
  if (!prefix) return refused(given, form);
  if (const auto network = without_host(*prefix); network != prefix->address) {
    return refused(given, "it has bits behind its prefix: write '" +
                              mcq::to_string(prefix->address) + "' for that address alone, or '" +
                              to_string(typename F::Prefix{network, prefix->length}) +
                              "' for all of them");
  }
  return *prefix;
}

}  // namespace

template <Family F>
Result<typename F::Prefix> parse_querier(const std::string& given) {
  constexpr bool kIsIgmp = std::same_as<F, Igmp>;
  auto prefix = parse_exact<F>(
      given, kIsIgmp ? "it must be an IPv4 address or a prefix, as 192.0.2.1 or 192.0.2.0/24"
                     : "it must be an IPv6 address or a prefix, as fe80::1 or fe80::/64");
  if (prefix && !could_ask(*prefix)) {
    return refused(given, kIsIgmp ? "no querier has such an address"
                                  : "MLD queriers query from link-local addresses, as fe80::1");
  }
  return prefix;
}
template Result<Igmp::Prefix> parse_querier<Igmp>(const std::string&);
template Result<Mld::Prefix> parse_querier<Mld>(const std::string&);

template <Family F>
std::optional<typename F::Address> parse_querier_address(const std::string& given) {
  const auto prefix = parse_querier<F>(given);
  if (!prefix || given.find('/') != std::string::npos) return std::nullopt;
  return prefix->address;
}
template std::optional<Ipv4Address> parse_querier_address<Igmp>(const std::string&);
template std::optional<Ipv6Address> parse_querier_address<Mld>(const std::string&);

template <Family F>
Result<typename F::Prefix> parse_groups(const std::string& given) {
  constexpr std::size_t kMulticastBits = std::same_as<F, Igmp> ? 4 : 8;
  const auto* form = std::same_as<F, Igmp>
                         ? "it must be an IPv4 group or groups, as 232.0.0.0/8 or 239.1.2.3"
                         : "it must be an IPv6 group or groups, as ff3e::/32 or ff3e::1234";
  auto prefix = parse_exact<F>(given, form);
  const bool holds_others =
      prefix && (!is_multicast(prefix->address) || prefix->length < kMulticastBits);
  if (holds_others) return refused(given, form);
  return prefix;
}
template Result<Igmp::Prefix> parse_groups<Igmp>(const std::string&);
template Result<Mld::Prefix> parse_groups<Mld>(const std::string&);

template <>
std::vector<Prefix<4>> source_specific_prefixes<Igmp>() {
  return {{{{232, 0, 0, 0}}, 8}};
}
template <>
std::vector<Prefix<16>> source_specific_prefixes<Mld>() {
  std::vector<Prefix<16>> all;
  for (std::uint8_t scope = 0; scope < 16; ++scope) {
    all.push_back({{{0xff, static_cast<std::uint8_t>(0x30U | scope)}}, 32});
  }
  return all;
}

}  // namespace mcq::config
