#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/streams.hpp"
#include "config/protocol_options.hpp"

namespace mcq::cli {

/// `igmp-querier run`: runs the daemon in the foreground.
struct Run {
  std::vector<std::string> interfaces;
  /// The value of a flag, not parsed; a switch has none.
  struct Flag {
    std::optional<std::string> text;
    bool is_on = false;
  };
  std::vector<Flag> flags{config::options<Igmp>().size()};  ///< in the order of the options
  std::optional<std::string> config_file;
  std::optional<std::string> api_socket;
  std::optional<std::string> mld_version;  ///< empty for --mld without a value
  bool mld = false;
  bool wait = false;
  bool verbose = false;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

 private:
  Result<config::ProtocolOptions> choices() const;
};

}  // namespace mcq::cli
