#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "config/run_options.hpp"
#include "http/event_stream.hpp"
#include "http/server.hpp"
#include "instance/instance_table.hpp"
#include "monitor/event_publisher.hpp"
#include "os/clock.hpp"
#include "os/host_socket.hpp"
#include "os/interface_watcher.hpp"
#include "os/sandbox.hpp"
#include "process/fd_watcher.hpp"
#include "process/log_retry.hpp"
#include "process/notifier.hpp"

namespace mcq::daemon {

/// The process: one thread and one event loop that sleeps until a packet, a change of an interface,
/// a signal or the next deadline, and otherwise never wakes.
class Daemon {
 public:
  /// Needs CAP_NET_RAW. Fails with what to do about it.
  static Result<Ok> run(const config::RunOptions& options, const config::Config& config);

 private:
  Daemon(const config::RunOptions& options, const config::Config& config,
         os::InterfaceWatcher watcher, os::HostSockets hosts, os::Timer timer);

  Result<Ok> check_interfaces(const config::Config& config) const;
  Result<Ok> check_interface(const std::string& name) const;
  void follow_default_route();
  void catch_signals();
  void loop();

  void on_signal();
  void on_netlink();
  void on_timer();
  void on_watchdog();
  void reload();
  void stop();
  template <Family F>
  void count(const instance::Instance<F>& instance);
  Result<Ok> open_api(const std::optional<os::Account>& owner);

  void resync(TimePoint now);
  bool uses_default_route() const {
    return options_.interfaces.empty() && config_.interfaces.empty();
  }
  bool is_wanted(const std::string& name) const;
  void sync_instances(TimePoint now);
  void sync_instance(const std::string& name, TimePoint now);
  void show_interface(const std::string& name, instance::LinkInstances& instances, TimePoint now);
  void serve(const std::string& name, TimePoint now);
  template <Family F>
  void bring_in_line(const std::string& name, std::optional<instance::Instance<F>>& instance,
                     const std::optional<core::Settings<F>>& settings, os::HostSocket<F>* host,
                     instance::ReceiverPool<F>& receivers, TimePoint now);
  void deadline_moved(TimePoint before, TimePoint after);
  void rearm();
  void settle_later();

  config::RunOptions options_;
  config::Config config_;
  os::InterfaceWatcher watcher_;
  os::HostSockets hosts_;
  os::Timer timer_;
  Random random_, secrets_;  ///< what is seen on the wire, and what is not
  boost::asio::io_context io_{1};
  process::LogRetry log_retry_{io_};
  process::Notifier service_manager_{io_};
  boost::asio::signal_set signals_{io_};
  boost::asio::steady_timer watchdog_{io_};
  std::string default_interface_;  ///< that of the default route, where nothing else was named
  bool waits_for_route_ = false;
  TimePoint resync_at_ = kNever;  ///< when to read the interfaces again after that failed
  bool started_on_terminal_;
  TimePoint started_ = os::now();
  http::EventStream events_;
  monitor::EventPublisher publisher_{events_};
  instance::ReceiverPool<Igmp> receivers_{io_};
  instance::ReceiverPool<Mld> receivers6_{io_};
  std::uint64_t queries_sent_ = 0, elections_lost_ = 0;  ///< by instances that have ended
  instance::InstanceTable instances_;
  bool settles_later_ = false;
  std::optional<http::Server> api_;
};

}  // namespace mcq::daemon
