#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier groups`: lists groups and their members.
struct Groups {
  Client client;
  std::string group;  ///< address of the only group to list; empty: all
  std::string host;   ///< lists only groups of this host; empty: all
  std::string name;   ///< lists only groups whose name contains this; empty: all
  std::string sort = "address";
  bool reverse = false;
  bool all_members = false;  ///< list sources and hosts
  bool ports = false;        ///< show behind which port of a bridge each is

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// Returns the selected part of a response of /v1/groups, sorted.
  nlohmann::json select(nlohmann::json answer) const;
  /// Formats the result of select() as a table.
  std::string render(const nlohmann::json& answer) const;

 private:
  Result<Ok> look_up_ports(nlohmann::json& answer) const;
};

}  // namespace mcq::cli
