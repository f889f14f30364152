#pragma once

#include <ostream>
#include <string>

#include "app/log.hpp"

namespace mcq::cli {

enum class ExitCode : int {
  kOk = 0,
  kCannotRun = 1,
  kWrongUsage = 2,
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
