#pragma once

#include <string>

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::cli {

/// A file that is written at the end, opened at the start: so it is known early whether it can be
/// written.
class ReportFile {
 public:
  /// Keeps what an existing file contains.
  static Result<ReportFile> open(const std::string& path);
  /// Replaces what the file contains.
  Result<Ok> write(const std::string& content);

 private:
  ReportFile(os::Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  os::Fd fd_;
  std::string path_;
};

}  // namespace mcq::cli
