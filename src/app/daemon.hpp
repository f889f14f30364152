#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/event_stream.hpp"
#include "app/herald.hpp"
#include "app/http_server.hpp"
#include "app/log_retry.hpp"
#include "app/readable.hpp"
#include "app/served.hpp"
#include "app/service_manager.hpp"
#include "base/random.hpp"
#include "os/clock.hpp"
#include "os/host_socket.hpp"
#include "os/interface_watcher.hpp"
#include "os/sandbox.hpp"

namespace mcq::app {

/// What the command line asks for.
struct RunOptions {
  std::vector<std::string> interfaces;     ///< empty: those of the file, else the default route's
  ProtocolChoices choices;                 ///< win over those of the file
  std::optional<std::string> config_file;  ///< none: the default one, if it exists
  bool wait = false;                       ///< for an interface that is missing
  std::optional<std::string> api_socket;   ///< none: the default one, if its directory exists
};

/// Whether the choices of command line and file agree for every interface that is to be served.
Result<Ok> check(const RunOptions& options, const Config& config);

/// The process: one thread and one event loop that sleeps until a packet, a change of an interface,
/// a signal or the next deadline, and otherwise never wakes.
class Daemon {
 public:
  /// Needs CAP_NET_RAW. Fails with what to do about it.
  static Result<Ok> run(const RunOptions& options, const Config& config);

 private:
  Daemon(const RunOptions& options, const Config& config, os::InterfaceWatcher watcher,
         os::HostSockets hosts, os::Timer timer);

  Result<Ok> check_interfaces(const Config& config) const;
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
  void count(const Instance<F>& instance);
  Result<Ok> open_api(const std::optional<os::Account>& owner);

  void resync(TimePoint now);
  bool uses_default_route() const {
    return options_.interfaces.empty() && config_.interfaces.empty();
  }
  bool is_wanted(const std::string& name) const;
  void sync_instances(TimePoint now);
  void sync_instance(const std::string& name, TimePoint now);
  void show_interface(const std::string& name, Served& served, TimePoint now);
  void serve(const std::string& name, TimePoint now);
  template <Family F>
  void bring_in_line(const std::string& name, std::optional<Instance<F>>& instance,
                     const std::optional<core::Settings<F>>& settings, os::HostSocket<F>* host,
                     Hearing<F>& hearing, TimePoint now);
  void deadline_moved(TimePoint before, TimePoint after);
  void rearm();
  void settle_later();

  RunOptions options_;
  Config config_;
  os::InterfaceWatcher watcher_;
  os::HostSockets hosts_;
  os::Timer timer_;
  Random random_, secrets_;  ///< what is seen on the wire, and what is not
  boost::asio::io_context io_{1};
  LogRetry log_retry_{io_};
  service_manager::Notifier service_manager_{io_};
  boost::asio::signal_set signals_{io_};
  boost::asio::steady_timer watchdog_{io_};
  std::string default_interface_;  ///< that of the default route, where nothing else was named
  bool waits_for_route_ = false;
  TimePoint resync_at_ = kNever;  ///< when to read the interfaces again after that failed
  bool started_on_terminal_;
  TimePoint started_ = os::now();
  TimePoint forget_pages_at_;  ///< all but those in use
  EventStream events_;
  Herald herald_{events_};
  Hearing<Igmp> hearing_{io_};
  Hearing<Mld> hearing6_{io_};
  std::uint64_t queries_sent_ = 0, elections_lost_ = 0;  ///< by instances that have ended
  AllServed served_;
  bool settles_later_ = false;
  std::optional<HttpServer> api_;
};

}  // namespace mcq::app
