#pragma once

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// SIGINT and SIGTERM as a descriptor, for commands without an event loop. They stay blocked until
/// the process ends.
class StopSignals {
 public:
  static Result<StopSignals> open();

  /// Readable once a signal came.
  int fd() const { return fd_.get(); }
  /// Returns the signal that came; 0 when none did.
  int take();

 private:
  explicit StopSignals(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace mcq::os
