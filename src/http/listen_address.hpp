#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"

namespace mcq::http {

/// Where a TCP server listens.
struct ListenAddress {
  IpAddress address;
  std::uint16_t port = 0;
  bool operator==(const ListenAddress&) const = default;
};

/// "127.0.0.1:9788" or "[::1]:9788". Fails with what was given and what is allowed.
Result<ListenAddress> parse_listen_address(const std::string& text);

/// As it is written in a URL.
std::string to_string(const ListenAddress& where);

/// Whether only programs on this machine can reach it.
bool is_loopback(const IpAddress& address);

/// Whether a Host header (RFC 9110 §7.2) says an address or one of the names. A page of somebody
/// else, whose name was made to mean our address (DNS rebinding), gives itself away by its name.
bool is_host_allowed(const std::string& host, const std::vector<std::string>& names);

}  // namespace mcq::http
