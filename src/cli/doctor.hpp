#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "base/paths.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// `doctor`: judges this host and its LANs.
struct Doctor {
  std::string group;
  std::vector<std::string> interfaces;
  std::string socket = kDefaultApiSocket;
  std::string bundle;
  double listen = 0;         ///< seconds; 0: until all is known
  double switch_memory = 0;  ///< seconds; 0: as the cheapest switches
  bool active = false;
  bool json = false;
  bool full = false;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
