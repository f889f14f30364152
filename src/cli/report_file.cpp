#include "cli/report_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/printable.hpp"
#include "os/system_error.hpp"

namespace mcq::cli {

Result<ReportFile> ReportFile::open(const std::string& path) {
  os::Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)};
  if (fd.get() < 0) return os::system_failure("cannot write " + printable(path));
  return ReportFile{std::move(fd), path};
}

Result<Ok> ReportFile::write(const std::string& content) {
  static_cast<void>(::ftruncate(fd_.get(), 0) == 0);  // fails for a pipe or terminal
  for (std::string_view left = content; !left.empty();) {
    const auto written = ::write(fd_.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os::system_failure("cannot write " + printable(path_));
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  return Ok{};
}

}  // namespace mcq::cli
