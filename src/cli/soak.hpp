#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/paths.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// `igmp-querier soak`: a test stream for longer than the switch remembers.
struct Soak {
  std::string mode;                  ///< "send" or "receive"; empty with --between
  std::vector<std::string> between;  ///< the interfaces of the sender and of the receiver
  std::string interface;
  std::string group = "239.255.77.77";
  std::uint16_t port = 5004;
  std::optional<std::uint32_t> rate;
  std::optional<std::string> duration;
  std::optional<std::string> every;
  std::optional<std::string> report;
  bool json = false;
  bool no_progress = false;
  bool without_querier = false;  ///< the daemon of this host pauses meanwhile
  bool yes = false;
  std::string socket = kDefaultApiSocket;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;
};

}  // namespace mcq::cli
