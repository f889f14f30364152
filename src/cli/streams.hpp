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
  kUnhealthy = 1,  ///< of `status`: something is wrong, and the answer says what
  kWrongUsage = 2,
  kNoAnswer = 2,  ///< of what asks the daemon: it does not answer, or answers with an error
};

/// Where a subcommand writes.
struct Streams {
  std::ostream& out;
  std::ostream& err;

  /// Says in one line why the command failed.
  ExitCode failure(const std::string& message, ExitCode code = ExitCode::kCannotRun) const {
    const auto line = "igmp-querier: " + message + "\n";
    if (monitor::under_systemd()) {  // as an error, and without waiting for a journal that hangs
      static_cast<void>(os::StreamWriter{STDERR_FILENO}.write("<3>" + line));
    } else {
      err << line;
    }
    return code;
  }
};

}  // namespace mcq::cli
