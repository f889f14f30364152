#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"
#include "text/mac_vendors.hpp"

namespace mcq::cli {

/// Formats a response of /v1/status as text: one line per verdict, then the details.
std::string render_status(const nlohmann::json& status, const text::MacVendors& vendors);

/// `igmp-querier status`: prints the querier of each link, the reason, and whether it is healthy.
struct Status {
  Client client;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
