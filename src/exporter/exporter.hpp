#pragma once

#include <string>
#include <vector>

#include "base/paths.hpp"
#include "base/result.hpp"
#include "http/listen_address.hpp"

namespace mcq::exporter {

/// What `igmp-querier exporter` is told.
struct ExporterOptions {
  http::ListenAddress listen;
  std::vector<std::string> hosts;  ///< names that the Host header may have
  std::string api_socket = kDefaultApiSocket;
};

/// Serves metrics and the web page until it is told to stop (docs/exporter.md). It needs no
/// privilege but to use the daemon's API, and the daemon may come and go. Fails when it cannot
/// listen.
Result<Ok> run_exporter(const ExporterOptions& options);

}  // namespace mcq::exporter
