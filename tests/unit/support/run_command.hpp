#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "cli/streams.hpp"

namespace mcq::cli {

struct Outcome {
  ExitCode code;
  std::string out, err;
};

/// Runs a subcommand with these arguments.
template <class Command>
Outcome run(Command command, std::vector<std::string> arguments) {
  CLI::App app;
  command.declare(app);
  std::reverse(arguments.begin(), arguments.end());
  app.parse(arguments);
  std::ostringstream out, err;
  const auto code = command.run({out, err});
  return {code, out.str(), err.str()};
}

}  // namespace mcq::cli
