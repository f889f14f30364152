#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.hpp"
#include "base/result.hpp"
#include "config/protocol_options.hpp"

namespace mcq::config {

/// The table [interface.NAME]; NAME may be a glob such as "lan*".
struct InterfaceRule {
  std::string pattern;
  ProtocolOptions choices;
  std::string place{};  ///< "FILE:LINE", for messages; equal rules may stand in different places
  bool operator==(const InterfaceRule& other) const {
    return pattern == other.pattern && choices == other.choices;
  }

  bool is_glob() const { return pattern.find_first_of("*?[") != std::string::npos; }
  bool matches(const std::string& interface) const;
  /// "FILE:LINE: [interface.NAME]"
  std::string title() const;
};

/// A configuration file.
struct Config {
  ProtocolOptions defaults;
  std::vector<InterfaceRule> interfaces;  ///< in the order of the file
  bool operator==(const Config&) const = default;

  /// Returns the table with exactly this name or glob; null if there is none.
  const InterfaceRule* table_of(const std::string& pattern) const;
  /// Returns the options for an interface: of its own table, then of the first glob that matches,
  /// then of the defaults.
  ProtocolOptions options_for(const std::string& interface) const;
};

/// Validates an interface name or glob.
Result<Ok> check_interface_name(const std::string& name);

/// Reads a configuration. The error names file, line, given and allowed value. Does not check that
/// a protocol runs on each interface, since that depends on the command line too: check() in
/// run_options.hpp does.
Result<Config> parse_config(std::string_view text, const std::string& file);
Result<Config> load_config(const std::string& file);

/// Loads `file`; if none is given, the default file if it exists, else an empty configuration.
Result<Config> load_config_or_default(const std::optional<std::string>& file);

}  // namespace mcq::config
