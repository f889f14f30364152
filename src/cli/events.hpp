#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// "2026-01-15 20:14:03.118 warning eth0: ...", the time that of this machine's zone.
std::string render_event(const nlohmann::json& event);

/// `igmp-querier events`: what happens, as it happens.
struct Events {
  Client client;
  std::string since;               ///< number of an event; empty: only what comes
  std::vector<std::string> kinds;  ///< empty: all

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// Whether it was asked for. That events were lost always is.
  bool wants(const nlohmann::json& event) const;
};

}  // namespace mcq::cli
