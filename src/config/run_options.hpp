#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config_file.hpp"
#include "config/protocol_options.hpp"

namespace mcq::config {

/// The options of the command `run`.
struct RunOptions {
  std::vector<std::string> interfaces;     ///< empty: those of the file, else the default route's
  ProtocolOptions choices;                 ///< win over those of the file
  std::optional<std::string> config_file;  ///< none: the default one, if it exists
  bool wait = false;                       ///< for an interface that is missing
  std::optional<std::string> api_socket;   ///< none: the default one, if its directory exists
};

/// Returns the settings that command line and file together choose for an interface, or says which
/// options contradict each other.
Result<ProtocolSettings> settings_for(const std::string& interface, const RunOptions& options,
                                      const Config& config);
/// Checks that the options of command line and file agree for every interface to be served.
Result<Ok> check(const RunOptions& options, const Config& config);

}  // namespace mcq::config
