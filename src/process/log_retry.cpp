#include "process/log_retry.hpp"

#include "monitor/log.hpp"

namespace mcq::process {
namespace {

constexpr std::chrono::milliseconds kRetryInterval{100};

}  // namespace

LogRetry::LogRetry(boost::asio::io_context& io) : retry_(io, kRetryInterval, monitor::flush_log) {
  monitor::call_when_log_is_kept([this] { retry_.later(); });
  if (!monitor::flush_log()) retry_.later();
}

LogRetry::~LogRetry() { monitor::call_when_log_is_kept({}); }

}  // namespace mcq::process
