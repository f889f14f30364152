#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier watch`: status and groups on a whole terminal, until somebody has seen enough.
struct Watch {
  Client client;
  std::string interval = "1";  ///< seconds, as the user wrote them
  bool once = false;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

 private:
  ExitCode print_once(Streams io) const;
  ExitCode run_live(Streams io, double seconds) const;
};

}  // namespace mcq::cli
