#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "base/paths.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier exporter`: serves metrics and the web page, without privileges.
struct Exporter {
  std::string listen = "127.0.0.1:9788";
  bool allow_remote = false, no_names = false;
  std::vector<std::string> hosts;
  std::string api_socket = kDefaultApiSocket;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
