#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/paths.hpp"
#include "cli/probe_report.hpp"
#include "cli/streams.hpp"
#include "probe/place.hpp"

namespace mcq::probe {
class Prober;
}

namespace mcq::cli {

/// `igmp-querier probe`: asks one host in each way that queriers ask, and tells what it answers.
struct Probe {
  std::string host, interface, group;
  std::string socket = kDefaultApiSocket;
  double listen = 5, max_response = 1;  ///< seconds
  unsigned repeat = 2;
  bool force = false, json = false;

  void declare(CLI::App& command);
  ExitCode run(Streams io) const;

 private:
  Result<Ok> refuse_beside_daemon(const std::string& name) const;
  Result<Ok> ask_all(probe::Prober& prober, ProbeReport& report, Streams io) const;
  ExitCode conclude(const ProbeReport& report, Streams io) const;
};

}  // namespace mcq::cli
