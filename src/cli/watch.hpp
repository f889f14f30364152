#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"
#include "cli/terminal.hpp"

namespace mcq::cli {

/// `igmp-querier watch`: shows status, groups and hosts on the whole terminal until the user quits.
struct Watch {
  Client client;
  std::string interval = "1";  ///< seconds, not parsed
  bool once = false;
  bool numeric = false;  ///< without names of hosts
  OutputOptions options;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

 private:
  ExitCode print_once(Streams io) const;
  ExitCode run_live(Streams io, double seconds) const;
};

}  // namespace mcq::cli
