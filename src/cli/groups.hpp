#pragma once

#include <CLI/App.hpp>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>

#include "cli/client.hpp"
#include "cli/host_name_map.hpp"
#include "cli/streams.hpp"
#include "cli/styled_text.hpp"
#include "cli/terminal.hpp"

namespace mcq::cli {

/// What is known of groups from elsewhere than the response of /v1/groups.
struct GroupDetails {
  HostNameMap names{};
  /// Seconds that a group lasts after a report, by interface and family.
  std::map<std::pair<std::string, std::string>, double> lifetimes{};
};

/// `igmp-querier groups`: lists groups and their members.
struct Groups {
  Client client;
  OutputOptions options;
  std::string group;  ///< address of the only group to list; empty: all
  std::string host;   ///< lists only groups of this host; empty: all
  std::string name;   ///< lists only groups whose name contains this; empty: all
  std::string sort;   ///< the word of a column; empty: that of the groups
  bool reverse = false;
  bool all_members = false;  ///< list sources and hosts
  bool ports = false;        ///< show behind which port of a bridge each is
  bool numeric = false;      ///< without names of hosts

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// Returns the selected part of a response of /v1/groups, sorted.
  nlohmann::json select(nlohmann::json answer, const GroupDetails& known = {}) const;
  /// Formats the result of select() as a table.
  std::string render(const nlohmann::json& answer, const Output& output = {},
                     const GroupDetails& known = {}) const;

 private:
  Result<Ok> look_up_ports(nlohmann::json& answer) const;
  GroupDetails find_out(const nlohmann::json& answer, const Output& output) const;
  std::string nothing() const;
};

}  // namespace mcq::cli
