#pragma once

#include <string>
#include <vector>

#include "base/paths.hpp"
#include "base/result.hpp"
#include "http/listen_address.hpp"

namespace mcq::exporter {

/// The options of `igmp-querier exporter`.
struct ExporterOptions {
  http::ListenAddress listen;
  std::vector<std::string> hosts;  ///< further names allowed in the Host header
  std::string api_socket = kDefaultApiSocket;
  bool has_names = true;  ///< look up the names of hosts
};

/// Serves metrics and the web page until SIGINT or SIGTERM (docs/exporter.md). Needs no privilege
/// except access to the daemon's API. The daemon may start and stop meanwhile. Fails when it cannot
/// listen or drop its privileges.
Result<Ok> run_exporter(const ExporterOptions& options);

}  // namespace mcq::exporter
