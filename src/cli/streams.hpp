#pragma once

#include <ostream>
#include <string>

#include "app/log.hpp"

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
    err << (app::under_systemd() ? "<3>" : "") << "igmp-querier: " << message << '\n';
    return code;
  }
};

}  // namespace mcq::cli
