#pragma once

#include <unistd.h>

#include <ostream>
#include <string>

#include "monitor/log.hpp"
#include "os/nonblocking_writer.hpp"

namespace mcq::cli {

enum class ExitCode : int {
  kOk = 0,
  kCannotRun = 1,
  kUnhealthy = 1,  ///< `status`: the daemon is not healthy
  kWrongUsage = 2,
  kNoAnswer = 2,       ///< the daemon did not answer, or with an error
  kInterrupted = 130,  ///< by SIGINT, after what was known had been printed
  kTerminated = 143,   ///< by SIGTERM, likewise
};

/// The output streams of a subcommand.
struct Streams {
  std::ostream& out;
  std::ostream& err;

  /// Prints why the command failed, as one line, and returns `code`.
  ExitCode failure(const std::string& message, ExitCode code = ExitCode::kCannotRun) const {
    const auto line = "igmp-querier: " + message + "\n";
    if (monitor::under_systemd()) {  // with priority error, and without blocking on the journal
      static_cast<void>(os::StreamWriter{STDERR_FILENO}.write("<3>" + line));
    } else {
      err << line;
    }
    return code;
  }
};

}  // namespace mcq::cli
