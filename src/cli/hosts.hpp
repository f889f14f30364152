#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"
#include "text/mac_vendors.hpp"

namespace mcq::cli {

/// `igmp-querier hosts`: lists the hosts that are members of groups.
struct Hosts {
  Client client;
  std::string host;    ///< address of the only host to list; empty: all
  std::string group;   ///< lists only members of this group; empty: all
  std::string vendor;  ///< lists only hosts whose manufacturer contains this; empty: all
  std::string sort = "address";
  bool reverse = false;
  bool all_groups = false;  ///< list the groups of each host

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// Returns the selected part of a response of /v1/hosts, sorted. `groups`: the response of
  /// /v1/groups.
  nlohmann::json select(nlohmann::json answer, const nlohmann::json& groups,
                        const text::MacVendors& vendors) const;
  /// Formats the result of select() as a table.
  std::string render(const nlohmann::json& answer, const nlohmann::json& groups,
                     const text::MacVendors& vendors) const;
};

}  // namespace mcq::cli
