#include "app/log.hpp"

#include <poll.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "app/happening.hpp"

namespace mcq::app {
namespace {

/// Loses lines rather than time: a pipe that nobody empties, or a terminal on hold, must not keep
/// queries from being sent.
class NonBlockingSink final : public spdlog::sinks::stderr_color_sink_st {
  using Base = spdlog::sinks::stderr_color_sink_st;

 public:
  void log(const spdlog::details::log_msg& message) override {
    pollfd standard_error{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    if (::poll(&standard_error, 1, 0) == 1) Base::log(message);
  }
};

spdlog::level::level_enum level_of(Priority priority) {
  switch (priority) {
    case Priority::kError:
      return spdlog::level::err;
    case Priority::kWarning:
      return spdlog::level::warn;
    case Priority::kInfo:
      return spdlog::level::info;
    case Priority::kDebug:
      break;
  }
  return spdlog::level::debug;
}

}  // namespace

bool under_systemd() {
  const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe)
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

void start_log(bool verbose) {
  std::shared_ptr<spdlog::logger> logger;
  if (under_systemd()) {
    logger = std::make_shared<spdlog::logger>(
        "", std::make_shared<spdlog::sinks::systemd_sink_st>("igmp-querier"));
  } else {
    logger = std::make_shared<spdlog::logger>("", std::make_shared<NonBlockingSink>());
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  }
  logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log(const Happening& happening) {
  const auto level = level_of(happening.priority);
  if (!spdlog::should_log(level)) return;
  static const bool has_journal = under_systemd();  // it costs a system call
  if (!has_journal) return spdlog::log(level, "{}", happening.message);
  auto fields = journal_fields(happening);
  std::vector<iovec> parts;
  parts.reserve(fields.size());
  for (auto& field : fields) parts.push_back({field.data(), field.size()});
  ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

bool logs_details() { return spdlog::should_log(spdlog::level::debug); }

}  // namespace mcq::app
