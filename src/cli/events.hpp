#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// Formats an event in local time: "2026-01-15 20:14:03.118 warning eth0: ...".
std::string render_event(const nlohmann::json& event);

/// `igmp-querier events`: prints the daemon's events as they occur.
struct Events {
  Client client;
  std::string since;               ///< ID of an event; empty: only future events
  std::vector<std::string> kinds;  ///< empty: all

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// Whether the options select `event`. A "lost" event always matches.
  bool wants(const nlohmann::json& event) const;
};

}  // namespace mcq::cli
