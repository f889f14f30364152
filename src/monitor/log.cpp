#include "monitor/log.hpp"

#include <poll.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/os.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/backlog.hpp"
#include "monitor/event_record.hpp"
#include "os/nonblocking_writer.hpp"

namespace mcq::monitor {
namespace {

constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

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

Priority priority_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return Priority::kDebug;
    case spdlog::level::info:
      return Priority::kInfo;
    case spdlog::level::warn:
      return Priority::kWarning;
    default:
      return Priority::kError;
  }
}

std::string_view color_of(spdlog::level::level_enum level) {
  switch (priority_of(level)) {
    case Priority::kError:
      return "\033[31m\033[1m";
    case Priority::kWarning:
      return "\033[33m\033[1m";
    case Priority::kInfo:
      return "\033[32m";
    case Priority::kDebug:
      break;
  }
  return "\033[36m";
}

std::string loss(std::uint64_t lines) {
  return std::to_string(lines) + (lines == 1 ? " line" : " lines") +
         " of the log were lost: no reader accepted them in time";
}

std::function<void()> on_kept;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// What both sinks have in common.
class Sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  void push(std::string line) {
    if (!backlog_.push(std::move(line)) && on_kept) on_kept();
  }
  Backlog& backlog() { return backlog_; }
  virtual void tell(const EventRecord& record) = 0;

 protected:
  Sink(Backlog::Write write, Backlog::Tell tell) : backlog_(std::move(write), std::move(tell)) {}
  void flush_() override {}

 private:
  Backlog backlog_;
};

/// Entries of the journal, in its own protocol.
class JournalSink final : public Sink {
 public:
  explicit JournalSink(os::DatagramWriter writer)
      : Sink([this](std::string_view entry) { return writer_.write(entry); },
             [](std::uint64_t lost) { return entry(loss(lost), Priority::kWarning); }),
        writer_(std::move(writer)) {}
  void tell(const EventRecord& record) override { push(journal_entry(journal_fields(record))); }

 private:
  static std::string entry(const std::string& message, Priority priority) {
    return journal_entry({"MESSAGE=" + message,
                          "PRIORITY=" + std::to_string(static_cast<int>(priority)),
                          "SYSLOG_IDENTIFIER=igmp-querier"});
  }
  void sink_it_(const spdlog::details::log_msg& message) override {
    push(entry({message.payload.data(), message.payload.size()}, priority_of(message.level)));
  }

  os::DatagramWriter writer_;
};

/// Lines on standard error.
class StandardErrorSink final : public Sink {
 public:
  StandardErrorSink()
      : Sink([this](std::string_view text) { return writer_.write(text); },
             [this](std::uint64_t lost) {
               return line({"", spdlog::level::warn, loss(lost)});
             }) {}
  void tell(const EventRecord& record) override {
    spdlog::log(level_of(record.priority), "{}", record.message);
  }

 private:
  std::string line(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t text;
    message.color_range_start = message.color_range_end = 0;
    formatter_->format(message, text);
    std::string line{text.data(), text.size()};
    if (is_colored_ && message.color_range_end > message.color_range_start) {
      line.insert(message.color_range_end, "\033[m");
      line.insert(message.color_range_start, color_of(message.level));
    }
    return line;
  }
  void sink_it_(const spdlog::details::log_msg& message) override { push(line(message)); }

  os::StreamWriter writer_{STDERR_FILENO};
  bool is_colored_ =
      spdlog::details::os::in_terminal(stderr) && spdlog::details::os::is_color_terminal();
};

std::shared_ptr<Sink> sink;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

std::shared_ptr<Sink> make_sink() {
  if (under_systemd()) {
    if (auto writer = os::DatagramWriter::open(kJournalSocket)) {
      return std::make_shared<JournalSink>(*std::move(writer));
    }
  }
  return std::make_shared<StandardErrorSink>();
}

}  // namespace

bool under_systemd() {
  const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe)
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

void start_log(bool verbose) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): a log that nobody reads any more must not end us
  std::signal(SIGPIPE, SIG_IGN);
  sink = make_sink();
  auto logger = std::make_shared<spdlog::logger>("", sink);
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log(const EventRecord& record) {
  if (sink && spdlog::should_log(level_of(record.priority))) sink->tell(record);
}

bool logs_details() { return spdlog::should_log(spdlog::level::debug); }

std::uint64_t log_lines_lost() { return sink ? sink->backlog().lost() : 0; }

bool flush_log() { return !sink || sink->backlog().flush(); }

void call_when_log_is_kept(std::function<void()> call) { on_kept = std::move(call); }

void finish_log() {
  constexpr int kAttempts = 20, kMilliseconds = 10;
  for (int i = 0; i < kAttempts && !flush_log(); ++i) ::poll(nullptr, 0, kMilliseconds);
}

}  // namespace mcq::monitor
