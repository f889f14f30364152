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

/// The configuration file as values.
struct Config {
  ProtocolOptions defaults;
  std::vector<InterfaceRule> interfaces;  ///< in the order of the file
  bool operator==(const Config&) const = default;

  /// The table of that very name or glob; null when there is none.
  const InterfaceRule* table_of(const std::string& pattern) const;
  /// What the file chooses for an interface: its own table, then the first glob that matches, then
  /// the defaults.
  ProtocolOptions options_for(const std::string& interface) const;
};

/// Whether Linux could have an interface, or this program a glob, of that name.
Result<Ok> check_interface_name(const std::string& name);

/// Reads a configuration. A mistake is an error with file, line, what was given and what is
/// allowed. Whether anything runs on an interface depends on the command line as well: check()
/// in run_options.hpp decides that.
Result<Config> parse_config(std::string_view text, const std::string& file);
Result<Config> load_config(const std::string& file);

/// The same without a file to name: the given one; else the default one if it exists; else nothing.
Result<Config> load_config_or_default(const std::optional<std::string>& file);

}  // namespace mcq::config
