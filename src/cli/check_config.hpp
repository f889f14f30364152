#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier check-config`: prints the effective settings, or the errors of the file.
struct CheckConfig {
  std::optional<std::string> file;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
