#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier check-config`: prints the settings in force, or says what is wrong with them.
struct CheckConfig {
  std::optional<std::string> file;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
