#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/event_loop.hpp"
#include "base/random.hpp"
#include "config/run_options.hpp"
#include "instance/bpdu_receiver.hpp"
#include "instance/instance_table.hpp"
#include "instance/schedule.hpp"
#include "monitor/event_publisher.hpp"
#include "os/clock.hpp"
#include "os/host_socket.hpp"
#include "os/interface_watcher.hpp"
#include "process/fd_watcher.hpp"
#include "process/notifier.hpp"

namespace mcq::daemon {

/// Creates, updates and removes instances as configuration and interfaces change, and calls each
/// when its deadline passes.
class InstanceManager {
 public:
  /// The descriptors that must be opened before the process gives up its privileges.
  struct Descriptors {
    os::HostSockets hosts;
    os::InterfaceWatcher watcher;
    os::Timer timer;
    static Result<Descriptors> open();
  };

  /// `io`, `options`, `publisher` and `notifier` must outlive the manager. Reads `options` again on
  /// each change.
  InstanceManager(boost::asio::io_context& io, const config::RunOptions& options,
                  const config::Config& config, Descriptors&& descriptors,
                  monitor::EventPublisher& publisher, process::Notifier& notifier);
  InstanceManager(const InstanceManager&) = delete;
  InstanceManager& operator=(const InstanceManager&) = delete;

  /// Whether the interfaces named by the options or by `config` can be served. One that is missing
  /// is an error unless options.wait is set.
  Result<Ok> check_interfaces(const config::Config& config) const;
  /// Creates the instances and begins to watch interfaces and deadlines. Call once.
  void start();
  /// Applies a configuration that check_interfaces() and config::check() accepted.
  void reload(config::Config config);
  /// Ends all instances, and logs the counts of those and of the ones ended before. Call last.
  void stop();

  instance::InstanceTable& instances() { return instances_; }
  /// The name of an interface of this host; empty if there is none with that index.
  std::string interface_name(int index) const {
    const auto* interface = watcher_.find(index);
    return interface == nullptr ? std::string{} : interface->name;
  }

 private:
  Result<Ok> check_interface(const std::string& name, const config::Config& config) const;

  void on_netlink();
  void on_bpdu(const os::Packet& frame, TimePoint now);
  void listen_for_bpdus();
  void on_timer();
  void resync(TimePoint now);
  void rearm();
  void deadline_moved(TimePoint before, TimePoint after);
  void settle_later();
  void rearm_later();

  bool uses_default_route() const {
    return options_.interfaces.empty() && config_.interfaces.empty();
  }
  void follow_default_route();
  bool is_wanted(const std::string& name) const;
  std::optional<os::Interface> find_link(const std::string& name) const;
  void sync_instances(TimePoint now);
  void sync_instance(const std::string& name, TimePoint now);
  void sync_vlans(const os::InterfaceWatcher::Names& changed, TimePoint now);
  void show_interface(const std::string& name, instance::LinkInstances& instances, TimePoint now);
  void serve(const std::string& name, TimePoint now);
  template <Family F>
  void bring_in_line(const std::string& name, std::unique_ptr<instance::Instance<F>>& instance,
                     const std::optional<core::Settings<F>>& settings, os::HostSocket<F>* host,
                     instance::ReceiverPool<F>& receivers, TimePoint now);
  template <Family F>
  void count(const instance::Instance<F>& instance);

  boost::asio::io_context& io_;
  const config::RunOptions& options_;
  config::Config config_;
  os::HostSockets hosts_;
  os::InterfaceWatcher watcher_;
  os::Timer timer_;
  monitor::EventPublisher& publisher_;
  process::Notifier& notifier_;
  Random random_;                  ///< for values that others see in packets
  Random secrets_;                 ///< for values that others must not predict
  std::string default_interface_;  ///< the interface to serve when uses_default_route(); or empty
  bool waits_for_route_ = false;
  TimePoint resync_at_ = kNever;  ///< when to read all interfaces again after a failure
  std::uint64_t queries_sent_ = 0, elections_lost_ = 0;  ///< by ended instances
  instance::ReceiverPool<Igmp> receivers_{io_};
  instance::ReceiverPool<Mld> receivers6_{io_};
  bool settles_later_ = false, is_status_old_ = false;
  std::set<os::LinkId> vlan_devices_;  ///< of the kernel; not kept up to date without trunks
  instance::Schedule schedule_{
      [this](TimePoint before, TimePoint after) { deadline_moved(before, after); }};
  instance::InstanceTable instances_;
  instance::BpduReceiver bpdus_{io_, [this](const auto& frame, auto now) { on_bpdu(frame, now); }};
  bool is_deaf_to_bpdus_ = false;  ///< their socket could not be opened
  std::optional<process::FdWatcher> netlink_ready_, timer_ready_;  ///< none before start()
};

}  // namespace mcq::daemon
