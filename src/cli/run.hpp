#pragma once

#include <CLI/App.hpp>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "app/choices.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier run`: the daemon, in the foreground.
struct Run {
  std::vector<std::string> interfaces;
  std::array<std::optional<std::string>, app::kKeyCount> given;  ///< as the user wrote them, by key
  std::optional<std::string> config_file;
  bool proxy = false;
  bool wait = false;
  bool verbose = false;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
