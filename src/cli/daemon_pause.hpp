#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/fd.hpp"

namespace mcq::cli {

/// Keeps the daemon of this host from sending queries on one interface, until destroyed or until
/// this process ends, however it does.
class DaemonPause {
 public:
  /// `time`: at most, in whole seconds up to an hour. Requires root.
  static Result<DaemonPause> begin(const std::string& socket, const std::string& interface,
                                   Duration time);

 private:
  explicit DaemonPause(os::Fd fd) : fd_(std::move(fd)) {}
  os::Fd fd_;
};

}  // namespace mcq::cli
