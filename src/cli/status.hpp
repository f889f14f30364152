#pragma once

#include <CLI/App.hpp>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/streams.hpp"
#include "cli/styled_text.hpp"
#include "cli/terminal.hpp"
#include "text/mac_vendors.hpp"

namespace mcq::cli {

/// Formats a response of /v1/status as text: one line per verdict, then the details.
std::string render_status(const nlohmann::json& status, const text::MacVendors& vendors,
                          const Output& output = {});

/// `igmp-querier status`: prints the querier of each link, the reason, and whether it is healthy.
struct Status {
  Client client;
  OutputOptions options;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
