#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"

namespace mcq::http {

/// The address and port of a TCP server.
struct ListenAddress {
  IpAddress address;
  std::uint16_t port = 0;
  bool operator==(const ListenAddress&) const = default;
};

/// Parses "127.0.0.1:9788" or "[::1]:9788". The error quotes the text and gives an example.
Result<ListenAddress> parse_listen_address(const std::string& text);

/// Formats as in a URL: IPv6 in brackets.
std::string to_string(const ListenAddress& where);

/// Whether the address is in 127.0.0.0/8, or ::1.
bool is_loopback(const IpAddress& address);

/// Whether a Host header (RFC 9110 §7.2) has an IP address or one of `names`. Rejecting other names
/// prevents DNS rebinding: a foreign page whose name resolves to our address sends its own name.
bool is_host_allowed(const std::string& host, const std::vector<std::string>& names);

}  // namespace mcq::http
