#pragma once

#include <CLI/App.hpp>
#include <algorithm>
#include <exception>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/streams.hpp"
#include "client/api_client.hpp"
#include "text/mac_vendors.hpp"
#include "text/printable.hpp"

namespace mcq::cli {

/// Query parameters by name. target() omits those with an empty value.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Builds a request target: "/v1/groups?interface=eth0&group=ff02%3A%3Afb".
std::string target(const std::string& path, const Parameters& parameters);

/// The options common to all commands that use the daemon's API.
struct Client {
  std::string socket = kDefaultApiSocket;
  std::string interface;  ///< empty: all
  std::string family;     ///< "ipv4" or "ipv6"; empty: both
  bool json = false;

  /// Declares -i and --api-socket.
  void declare_daemon(CLI::App& command);
  /// Declares -i, --api-socket and --json.
  void declare(CLI::App& command);
  void declare_family(CLI::App& command);
  /// Gets `path` with `parameters`, restricted to the chosen interface and family.
  Result<nlohmann::json> get(const std::string& path, Parameters parameters = {}) const;
};

/// The error message for a response whose members are missing or have another type.
std::string unexpected_answer(const std::exception& error);

/// Prints the text that `render` returns. If it throws json::exception, because a response of
/// another version of the daemon has unexpected members, prints unexpected_answer() and returns
/// kNoAnswer.
ExitCode print(Streams io, const std::function<std::string()>& render);

/// Serializes JSON with indentation, in ASCII only.
std::string pretty(const nlohmann::json& value);

/// A string of a response, safe for a terminal; "-" for null.
std::string text(const nlohmann::json& value);

/// Formats a duration: "4:02", "1:04:12", "3d04h"; "-" for null.
std::string clock_time(const nlohmann::json& seconds);

/// Formats seconds: "60 s", "2.5 s"; "-" for null.
std::string in_seconds(const nlohmann::json& seconds);

using text::counted;

/// Appends the manufacturer, if known: "02:00:00:00:00:01 (Maker of Cards)".
std::string with_vendor(const nlohmann::json& mac_address, const text::MacVendors& vendors);

/// Converts an address from user input to the form that the daemon uses. Empty stays empty.
Result<std::string> canonical_address(const std::string& given);

/// Replaces each address by its canonical form; fails at the first invalid one.
Result<Ok> make_canonical(std::initializer_list<std::string*> addresses);

/// Whether `text` contains `part`, ignoring the case of ASCII letters.
bool contains_ignoring_case(const std::string& text, const std::string& part);

}  // namespace mcq::cli
