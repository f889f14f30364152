#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier groups`: who listens to what.
struct Groups {
  Client client;
  std::string group;  ///< only this one; empty: all
  std::string host;   ///< only those that it listens to
  std::string name;   ///< only those whose name contains it
  std::string sort = "address";
  bool reverse = false;
  bool all_members = false;  ///< list sources and hosts

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// What was asked for of the answer of /v1/groups, in order.
  nlohmann::json select(nlohmann::json answer) const;
  /// The same for people.
  std::string render(const nlohmann::json& answer) const;
};

}  // namespace mcq::cli
