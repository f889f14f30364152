#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"
#include "text/mac_vendors.hpp"

namespace mcq::cli {

/// `igmp-querier hosts`: the hosts that listen to anything.
struct Hosts {
  Client client;
  std::string host;    ///< only this one; empty: all
  std::string group;   ///< only those that listen to it
  std::string vendor;  ///< only those whose maker contains it
  std::string sort = "address";
  bool reverse = false;
  bool all_groups = false;  ///< list the groups of each host

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// What was asked for of the answer of /v1/hosts, in order. `groups` is that of /v1/groups.
  nlohmann::json select(nlohmann::json answer, const nlohmann::json& groups,
                        const text::MacVendors& vendors) const;
  /// The same for people.
  std::string render(const nlohmann::json& answer, const nlohmann::json& groups,
                     const text::MacVendors& vendors) const;
};

}  // namespace mcq::cli
