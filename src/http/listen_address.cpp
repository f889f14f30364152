#include "http/listen_address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "text/printable.hpp"

namespace mcq::http {
namespace {

/// "name:80" or "[::1]:80", split. No port when there is no colon.
struct HostAndPort {
  std::string host;
  bool is_in_brackets = false;
  std::optional<std::string> port;
};

std::optional<HostAndPort> split(const std::string& text) {
  HostAndPort parts;
  auto rest = std::string_view{text};
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == rest.npos) return std::nullopt;
    parts.is_in_brackets = true;
    parts.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    parts.host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(parts.host.size());
  }
  if (rest.empty()) return parts;
  if (!rest.starts_with(':')) return std::nullopt;
  parts.port = rest.substr(1);
  return parts;
}

std::optional<std::uint16_t> parse_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  return error == std::errc{} && end == last && port > 0 ? std::optional{port} : std::nullopt;
}

/// IPv6 addresses must be in brackets, others must not.
std::optional<IpAddress> address_of(const HostAndPort& parts) {
  const auto address = parse_address(parts.host);
  if (!address || std::holds_alternative<Ipv6Address>(*address) != parts.is_in_brackets) {
    return std::nullopt;
  }
  return address;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// A name for comparison: in lower case, without the DNS root of an absolute name.
std::string normal(const std::string& name) {
  auto text = lower(name);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
  const auto refused = [&](const std::string& why) {
    return fail("'" + printable(text) + "' " + why +
                "; an address and a port are needed: 127.0.0.1:9788 or [::1]:9788");
  };
  const auto parts = split(text);
  const auto address = parts ? address_of(*parts) : std::nullopt;
  if (!address) return refused("has no address to listen at");
  if (!parts->port) return refused("has no port");
  const auto port = parse_port(*parts->port);
  if (!port) return refused("has no port from 1 to 65535");
  return ListenAddress{*address, *port};
}

std::string to_string(const ListenAddress& where) {
  const bool is_ipv6 = std::holds_alternative<Ipv6Address>(where.address);
  const auto address = to_string(where.address);
  return (is_ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(where.port);
}

bool is_loopback(const IpAddress& address) {
  if (const auto* v4 = std::get_if<Ipv4Address>(&address)) return v4->bytes[0] == 127;
  Ipv6Address one;
  one.bytes.back() = 1;
  return std::get<Ipv6Address>(address) == one;
}

bool is_host_allowed(const std::string& host, const std::vector<std::string>& names) {
  const auto parts = split(host);
  if (!parts || (parts->port && !parts->port->empty() && !parse_port(*parts->port))) return false;
  if (address_of(*parts)) return true;
  const auto name = normal(parts->host);
  return !parts->is_in_brackets && !name.empty() &&
         std::any_of(names.begin(), names.end(),
                     [&](const std::string& allowed) { return normal(allowed) == name; });
}

}  // namespace mcq::http
