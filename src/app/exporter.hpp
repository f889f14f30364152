#pragma once

#include <string>
#include <vector>

#include "app/api.hpp"
#include "app/listen_address.hpp"
#include "base/result.hpp"

namespace mcq::app {

/// What `igmp-querier exporter` is told.
struct ExporterOptions {
  ListenAddress listen;
  std::vector<std::string> hosts;  ///< names that the Host header may have
  std::string api_socket = kDefaultApiSocket;
};

/// Serves metrics and the web page until it is told to stop (docs/exporter.md). It needs no
/// privilege but to use the daemon's API, and the daemon may come and go. Fails when it cannot
/// listen.
Result<Ok> run_exporter(const ExporterOptions& options);

}  // namespace mcq::app
