#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"
#include "text/mac_vendors.hpp"

namespace mcq::cli {

/// The answer of /v1/status for people: a verdict a line, then what there is to know.
std::string render_status(const nlohmann::json& status, const text::MacVendors& vendors);

/// `igmp-querier status`: who is the querier and why, and whether all is well.
struct Status {
  Client client;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
