#pragma once

#include <CLI/App.hpp>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cli/streams.hpp"
#include "config/protocol_options.hpp"

namespace mcq::cli {

/// `igmp-querier run`: runs the daemon in the foreground.
struct Run {
  std::vector<std::string> interfaces;
  std::array<std::optional<std::string>, config::kKeyCount> given;  ///< by key, not parsed
  std::optional<std::string> config_file;
  std::optional<std::string> api_socket;
  std::optional<std::string> mld_version;  ///< empty for --mld without a value
  bool mld = false;
  bool proxy = false;
  bool wait = false;
  bool verbose = false;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

 private:
  Result<config::ProtocolOptions> choices() const;
};

}  // namespace mcq::cli
