#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier explain`: tells what a capture shows, and what is wrong in it.
struct Explain {
  std::string file;
  bool json = false;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
