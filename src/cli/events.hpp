#pragma once

#include <CLI/App.hpp>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/streams.hpp"
#include "cli/styled_text.hpp"
#include "cli/terminal.hpp"

namespace mcq::cli {

/// Formats an event in local time: "2026-01-15 20:14:03.118 warning eth0: ...".
std::string render_event(const nlohmann::json& event, const Output& output = {});

/// `igmp-querier events`: prints the daemon's events, those that it keeps or those that follow.
struct Events {
  Client client;
  OutputOptions options;
  std::string since;                 ///< ID of an event, or "10m"; empty: see run()
  std::vector<std::string> kinds;    ///< empty: all
  std::optional<std::size_t> lines;  ///< at most so many of those that are kept
  bool ends = false;                 ///< with the events that are kept

  void declare(CLI::App& command);
  /// Without `since`, `lines` and `ends`: prints only future events.
  ExitCode run(Streams io) const;

  /// Whether the options select `event`. A "lost" event always matches.
  bool wants(const nlohmann::json& event) const;

 private:
  struct Start;
  Result<Start> start() const;
  std::string shown(const nlohmann::json& event, const Output& output) const;
  ExitCode read_kept(Streams io, Start& start, const Output& output) const;
  ExitCode follow(Streams io, const std::string& since, const Output& output) const;
};

}  // namespace mcq::cli
