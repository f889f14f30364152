#pragma once

#include <boost/asio/io_context.hpp>
#include <optional>

#include "config/run_options.hpp"
#include "daemon/instance_manager.hpp"
#include "http/event_stream.hpp"
#include "http/server.hpp"
#include "monitor/event_publisher.hpp"
#include "os/clock.hpp"
#include "os/fd.hpp"
#include "os/sandbox.hpp"
#include "process/log_retry.hpp"
#include "process/notifier.hpp"
#include "process/signals.hpp"
#include "process/timer.hpp"

namespace mcq::daemon {

/// The querier process: one thread with one event loop, which wakes only for packets, interface
/// changes, signals, API clients and deadlines.
class Daemon {
 public:
  /// Runs until a signal ends it. Needs CAP_NET_RAW. The error of a failed start says how to solve
  /// it.
  static Result<Ok> run(const config::RunOptions& options, const config::Config& config);

 private:
  Daemon(const config::RunOptions& options, const config::Config& config,
         InstanceManager::Descriptors descriptors);

  void catch_signals();
  Result<Ok> open_api(const std::optional<os::Account>& owner);
  void loop();
  void on_signal(int signal);
  void on_watchdog();
  void reload();
  void stop();

  config::RunOptions options_;
  boost::asio::io_context io_{1};
  process::LogRetry log_retry_{io_};
  process::Notifier service_manager_{io_};
  std::optional<process::Signals> signals_;  ///< none before catch_signals()
  process::Timer watchdog_{io_};
  bool started_on_terminal_;
  TimePoint started_ = os::now();
  http::EventStream events_;
  monitor::EventPublisher publisher_{events_};
  InstanceManager manager_;
  std::optional<http::Server> api_;
  os::Fd socket_remover_;  ///< while it is open, the socket stays
};

}  // namespace mcq::daemon
