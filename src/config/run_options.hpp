#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config_file.hpp"
#include "config/protocol_options.hpp"

namespace mcq::config {

/// The options of the command `run`.
struct RunOptions {
  std::vector<std::string>
      interfaces;           ///< empty: those of the file, else that of the default route
  std::string origin{};     ///< of their names, before a message about one; empty for a flag
  ProtocolOptions choices;  ///< precede those of the file
  std::optional<std::string> config_file;  ///< none: the default one, if it exists
  bool wait = false;                       ///< for an interface that is missing
  std::optional<std::string> api_socket;   ///< none: the default one, if its directory exists
};

/// Returns the settings that command line and file choose for the interface `name`, or a message if
/// options contradict each other or nothing is enabled.
Result<ProtocolSettings> settings_for(const std::string& name, const RunOptions& options,
                                      const Config& config);
/// Checks that the options of command line and file agree for every interface to be served.
Result<Ok> check(const RunOptions& options, const Config& config);

}  // namespace mcq::config
