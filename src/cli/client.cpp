#include "cli/client.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/ip_address.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

/// Percent-encodes a value for a URL (RFC 3986 §2.1).
std::string percent_encoded(const std::string& value) {
  static constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : value) {
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    encoded += {'%', kDigits[byte >> 4], kDigits[byte & 0x0f]};
  }
  return encoded;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string target(const std::string& path, const Parameters& parameters) {
  std::string whole = path;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    whole += whole.size() == path.size() ? '?' : '&';
    whole += name + "=" + percent_encoded(value);
  }
  return whole;
}

void Client::declare_daemon(CLI::App& command) {
  // An empty name is most likely an unset variable of a script, and must not select all.
  const auto not_empty = [](const std::string& name) -> std::string {
    if (name.empty()) throw CLI::ArgumentMismatch{"-i needs the name of an interface"};
    return "";
  };
  command.add_option("-i,--interface", interface, "only this interface")
      ->type_name("NAME")
      ->check(not_empty);
  command
      .add_option("--api-socket", socket,
                  std::string{"socket of the daemon (default: "} + kDefaultApiSocket + ")")
      ->type_name("PATH");
}

void Client::declare(CLI::App& command) {
  declare_daemon(command);
  command.add_flag("--json", json, "print the daemon's answer, in JSON");
}

void Client::declare_family(CLI::App& command) {
  auto* named = command.add_option("--family", family, "only this family")
                    ->type_name("FAMILY")
                    ->check(CLI::IsMember({"ipv4", "ipv6"}));
  auto* ipv4 = command.add_flag_callback(
      "-4", [this] { family = "ipv4"; }, "only IPv4");
  auto* ipv6 = command.add_flag_callback(
      "-6", [this] { family = "ipv6"; }, "only IPv6");
  ipv4->excludes(named)->excludes(ipv6);
  ipv6->excludes(named);
}

Result<json> Client::get(const std::string& path, Parameters parameters) const {
  parameters.emplace_back("interface", interface);
  parameters.emplace_back("family", family);
  return client::ApiClient{socket}.get(target(path, parameters));
}

std::string unexpected_answer(const std::exception& error) {
  return "the answer of the daemon is not as expected: is it of the same version? (" +
         printable(error.what()) + ")";
}

ExitCode print(Streams io, const std::function<std::string()>& render) {
  try {
    io.out << render();
    return ExitCode::kOk;
  } catch (const json::exception& error) {
    return io.failure(unexpected_answer(error), ExitCode::kNoAnswer);
  }
}

std::string pretty(const json& value) {
  return value.dump(2, ' ', true, json::error_handler_t::replace) + "\n";
}

std::string text(const json& value) {
  return value.is_null() ? "-" : printable(value.get_ref<const std::string&>());
}

std::string clock_time(const json& seconds) {
  if (seconds.is_null()) return "-";
  // Larger values are no real duration, and their conversion would be undefined.
  const double most = 1e12;
  const auto whole = static_cast<long long>(std::clamp(seconds.get<double>(), 0.0, most));
  const auto minutes = whole / 60;
  const auto hours = minutes / 60;
  std::array<char, 48> buffer{};
  if (hours >= 24) {
    std::snprintf(buffer.data(), buffer.size(), "%lldd%02lldh", hours / 24, hours % 24);
  } else if (hours > 0) {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld:%02lld", hours, minutes % 60,
                  whole % 60);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld", minutes, whole % 60);
  }
  return buffer.data();
}

std::string in_seconds(const json& seconds) {
  if (seconds.is_null()) return "-";
  const double tenths = std::round(seconds.get<double>() * 10);
  const bool whole = std::fmod(tenths, 10) == 0;
  std::array<char, 400> buffer{};
  std::snprintf(buffer.data(), buffer.size(), whole ? "%.0f s" : "%.1f s", tenths / 10);
  return buffer.data();
}

std::string with_vendor(const json& mac_address, const text::MacVendors& vendors) {
  auto mac = text(mac_address);
  const auto vendor = vendors.find(mac);
  if (vendor == vendors.end()) return mac;
  const auto& name = vendor->second;
  return mac + (name.starts_with('(') ? " " + name : " (" + name + ")");
}

Result<std::string> canonical_address(const std::string& given) {
  if (given.empty()) return given;
  const auto address = parse_address(given);
  if (address) return to_string(*address);
  return fail("'" + printable(given) + "' is not an address: write it like 239.1.2.3 or ff05::1");
}

Result<Ok> make_canonical(std::initializer_list<std::string*> addresses) {
  for (auto* address : addresses) {
    auto canonical = canonical_address(*address);
    if (!canonical) return fail(std::move(canonical).error());
    *address = *std::move(canonical);
  }
  return Ok{};
}

bool contains_ignoring_case(const std::string& text, const std::string& part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end() ||
         part.empty();
}

}  // namespace mcq::cli
