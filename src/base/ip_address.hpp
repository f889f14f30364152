#pragma once

#include <arpa/inet.h>

#include <optional>
#include <string>
#include <variant>

#include "base/address.hpp"

namespace mcq {

/// An IPv4 or IPv6 address. IPv4 sorts before IPv6.
using IpAddress = std::variant<Ipv4Address, Ipv6Address>;

/// Parses an address; none unless the whole text is one.
inline std::optional<IpAddress> parse_address(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  Ipv4Address v4;
  if (::inet_pton(AF_INET, text.c_str(), v4.bytes.data()) == 1) return v4;
  Ipv6Address v6;
  if (::inet_pton(AF_INET6, text.c_str(), v6.bytes.data()) == 1) return v6;
  return std::nullopt;
}

inline std::string to_string(const IpAddress& address) {
  return std::visit([](const auto& a) { return mcq::to_string(a); }, address);
}

}  // namespace mcq
