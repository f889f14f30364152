#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/host_name_map.hpp"
#include "cli/streams.hpp"
#include "cli/styled_text.hpp"
#include "cli/terminal.hpp"
#include "text/mac_vendors.hpp"

namespace mcq::cli {

/// What is known of hosts from elsewhere than the response of /v1/hosts.
struct HostDetails {
  text::MacVendors vendors{};
  HostNameMap names{};
};

/// `igmp-querier hosts`: lists the hosts that are members of groups.
struct Hosts {
  Client client;
  OutputOptions options;
  std::string host;    ///< address of the only host to list; empty: all
  std::string group;   ///< lists only members of this group; empty: all
  std::string vendor;  ///< lists only hosts whose manufacturer contains this; empty: all
  std::string sort;    ///< the word of a column; empty: that of the hosts
  bool reverse = false;
  bool all_groups = false;  ///< list the groups of each host
  bool numeric = false;     ///< without names of hosts

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

  /// Returns the selected part of a response of /v1/hosts, sorted. `groups`: the response of
  /// /v1/groups.
  nlohmann::json select(nlohmann::json answer, const nlohmann::json& groups,
                        const HostDetails& known) const;
  /// Formats the result of select() as a table.
  std::string render(const nlohmann::json& answer, const nlohmann::json& groups,
                     const HostDetails& known, const Output& output = {}) const;

 private:
  std::string nothing() const;
};

}  // namespace mcq::cli
