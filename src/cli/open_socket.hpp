#pragma once

#include <CLI/App.hpp>

#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier open-socket`: opens the sockets that the service unit then passes to the daemon.
struct OpenSocket {
  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
