#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.hpp"
#include "base/result.hpp"
#include "config/protocol_options.hpp"
#include "config/vlans.hpp"

namespace mcq::config {

/// The table [interface.NAME]; NAME may be a glob such as "lan*".
struct InterfaceRule {
  std::string pattern;
  ProtocolOptions choices{};
  Vlans vlans{};                ///< of a trunk; none for a glob
  bool serves_untagged = true;  ///< false: the table is for its VLANs alone
  std::string place{};  ///< "FILE:LINE", for messages; equal rules may stand in different places
  std::size_t line = 0;
  bool operator==(const InterfaceRule& other) const {
    return pattern == other.pattern && choices == other.choices && vlans == other.vlans &&
           serves_untagged == other.serves_untagged;
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

  /// A VLAN of a trunk.
  struct Vlan {
    const InterfaceRule* trunk;
    std::uint16_t number;
    const VlanRule* rule;  ///< null if it is one of the key `vlans`
  };
  /// Returns the VLAN that is called so ("eth0.20") if the file has it.
  std::optional<Vlan> vlan_of(const std::string& interface) const;
  /// Returns the table with exactly this name or glob; null if there is none.
  const InterfaceRule* table_of(const std::string& pattern) const;
  /// Returns the options for an interface: of its own table, then of the first glob that matches,
  /// then of the defaults. For a VLAN of a trunk: of its own table, then those of the trunk.
  ProtocolOptions options_for(const std::string& interface) const;
};

/// The name of a VLAN of a trunk: "eth0.20".
std::string vlan_name(const std::string& trunk, unsigned number);

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
