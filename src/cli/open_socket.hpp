#pragma once

#include <CLI/App.hpp>

#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier open-socket`: what the service unit does before it starts the daemon.
struct OpenSocket {
  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
