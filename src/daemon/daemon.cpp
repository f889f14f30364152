#include "daemon/daemon.hpp"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <filesystem>
#include <random>
#include <utility>

#include "api/handlers.hpp"
#include "base/paths.hpp"
#include "instance/link_state.hpp"
#include "monitor/log.hpp"
#include "os/systemd.hpp"
#include "process/startup.hpp"

namespace mcq::daemon {
namespace {

constexpr Duration kResyncInterval = 1s;

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

/// "eth0 (192.168.1.10), wlan0 (no address)"
std::string list(const os::InterfaceWatcher& watcher) {
  std::string all;
  for (const auto& [index, interface] : watcher.interfaces()) {
    if (!interface.ethernet) continue;
    const auto address = instance::election_address(interface.addresses);
    all += (all.empty() ? "" : ", ") + interface.name + " (" +
           (address.is_unspecified() ? "no address" : to_string(address)) + ")";
  }
  return all.empty() ? "there is no Ethernet interface" : "there are " + all;
}

}  // namespace

Result<Ok> Daemon::run(const config::RunOptions& options, const config::Config& config) {
  auto hosts = process::host_sockets();
  if (!hosts) return fail(std::move(hosts).error());
  auto watcher = os::InterfaceWatcher::open();
  if (!watcher) return fail(std::move(watcher).error());
  auto timer = os::Timer::create();
  if (!timer) return fail(std::move(timer).error());
  const auto account = os::lesser_account();
  try {
    Daemon daemon{options, config, std::move(*watcher), std::move(*hosts), std::move(*timer)};
    if (auto checked = daemon.check_interfaces(config); !checked) return checked;
    daemon.catch_signals();
    if (auto opened = daemon.open_api(account); !opened) return opened;
    auto confined =
        process::confine(account, os::Privilege::kRawSockets, {AF_PACKET, AF_NETLINK, AF_UNIX});
    if (!confined) return confined;
    daemon.options_.wait = true;  // what goes missing from now on may return
    daemon.loop();
  } catch (const boost::system::system_error& error) {
    return fail(std::string{"the event loop failed: "} + error.what());
  }
  return Ok{};
}

Daemon::Daemon(const config::RunOptions& options, const config::Config& config,
               os::InterfaceWatcher watcher, os::HostSockets hosts, os::Timer timer)
    : options_(options),
      config_(config),
      watcher_(std::move(watcher)),
      hosts_(std::move(hosts)),
      timer_(std::move(timer)),
      random_(random_seed()),
      secrets_(random_seed()),
      started_on_terminal_(::isatty(STDERR_FILENO) == 1) {
  options_.wait = options_.wait || monitor::under_systemd();
}

Result<Ok> Daemon::check_interfaces(const config::Config& config) const {
  for (const auto& name : options_.interfaces) {
    if (auto ok = check_interface(name); !ok) return ok;
  }
  if (!options_.interfaces.empty()) return Ok{};
  for (const auto& rule : config.interfaces) {
    if (rule.is_glob() || watcher_.find(rule.pattern) == nullptr) continue;
    if (auto ok = check_interface(rule.pattern); !ok) return ok;
  }
  if (config.interfaces.empty() && !options_.wait && watcher_.default_route() == nullptr) {
    return fail("no default route leads over an Ethernet interface: name one with -i; " +
                list(watcher_));
  }
  return Ok{};
}

/// An interface that cannot be used is an error; one that is missing, unless we are to wait for it.
Result<Ok> Daemon::check_interface(const std::string& name) const {
  const auto* interface = watcher_.find(name);
  if (interface == nullptr && !options_.wait) {
    return fail("no interface '" + name + "': " + list(watcher_) + "; --wait waits for it");
  }
  if (interface != nullptr && !interface->ethernet) {
    return fail("interface '" + name +
                "' is a loopback, a tunnel or another that has no Ethernet: " + list(watcher_));
  }
  return Ok{};
}

/// Queries matter more than those who ask about them: only a socket that was asked for by name must
/// open.
Result<Ok> Daemon::open_api(const std::optional<os::Account>& owner) {
  const std::string path = options_.api_socket.value_or(kDefaultApiSocket);
  const bool is_asked_for = options_.api_socket.has_value();
  std::error_code none;
  const auto directory = std::filesystem::path{path}.parent_path();
  if (!is_asked_for && !std::filesystem::is_directory(directory, none)) return Ok{};
  const auto handler = [this](const http::Request& request) {
    return api::answer(request, instances_, started_);
  };
  auto server = http::Server::start(io_, os::ServerSocket::listen(path, owner), handler, events_);
  if (!server && is_asked_for) return fail(std::move(server).error());
  if (server) {
    api_.emplace(*std::move(server));
  } else {
    spdlog::warn("status and events cannot be asked for: {}", server.error().message);
  }
  return Ok{};
}

/// Takes the interface of the default route and stays with it: the LAN to serve does not change
/// when the route does. Only when that interface is gone it looks for another.
void Daemon::follow_default_route() {
  const auto* interface = watcher_.find(default_interface_);
  if (interface == nullptr) interface = watcher_.default_route();
  if (interface == nullptr && !waits_for_route_) {
    waits_for_route_ = true;
    watcher_.watch_routes(true);
    interface = watcher_.default_route();  // one may have come in between
    if (interface == nullptr) {
      spdlog::info("waiting for a default route; -i NAME names an interface");
    }
  }
  if (interface == nullptr) return;
  default_interface_ = interface->name;
  if (std::exchange(waits_for_route_, false)) watcher_.watch_routes(false);
}

/// Early: from the moment that others see us, they may end us.
void Daemon::catch_signals() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  on_signal();
}

void Daemon::loop() {
  const process::FdWatcher netlink{io_, watcher_.fd(), [this] { on_netlink(); }};
  const process::FdWatcher timer{io_, timer_.fd(), [this] { on_timer(); }};
  sync_instances(os::now());
  service_manager_.ready();
  on_watchdog();
  io_.run();
  stop();
}

void Daemon::on_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    const bool terminal_closed = started_on_terminal_ && ::isatty(STDERR_FILENO) == 0;
    if (signal != SIGHUP || terminal_closed) return io_.stop();
    reload();
    on_signal();
  });
}

void Daemon::on_watchdog() {
  const auto interval = os::watchdog_interval();
  if (!interval) return;
  service_manager_.alive();
  watchdog_.expires_after(*interval);
  watchdog_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_watchdog();
  });
}

/// Each change is applied by itself: a link that went down and came up again was down.
void Daemon::on_netlink() {
  for (;;) {
    const auto names = watcher_.read_one();
    if (!names) return resync(os::now());
    if (!*names) return;
    if (uses_default_route()) sync_instances(os::now());
    for (const auto& name : **names) sync_instance(name, os::now());
    settle_later();
  }
}

/// Once the kernel's notifications have been lost, only a new look at everything will do.
void Daemon::resync(TimePoint now) {
  const auto done = watcher_.read_all();
  if (!done && resync_at_ == kNever) {
    spdlog::error("{}; trying again every second", done.error().message);
  }
  resync_at_ = done ? kNever : now + kResyncInterval;
  instance::detach_replaced_interfaces(instances_, watcher_, now);
  sync_instances(now);
  for_each_instance(instances_, [](auto& instance) { instance.renew_receiver(); });
}

void Daemon::on_timer() {
  timer_.acknowledge();
  const auto now = os::now();
  if (now >= resync_at_) resync(now);
  for_each_instance(instances_, [&](auto& instance) {
    if (now >= instance.deadline()) instance.tick(now);
  });
  rearm();
}

void Daemon::reload() {
  service_manager_.reloading();
  auto config = config::load_config_or_default(options_.config_file);
  auto checked = config ? config::check(options_, *config) : Result<Ok>{fail(config.error())};
  if (checked) checked = check_interfaces(*config);
  if (checked) {
    config_ = std::move(*config);
    const auto now = os::now();
    if (uses_default_route()) follow_default_route();  // decides what is wanted
    for (const auto& [name, instances] : instances_) serve(name, now);
    sync_instances(now);
    publisher_.publish(
        {.kind = monitor::EventKind::kReloaded, .message = "configuration reloaded"});
  } else {
    publisher_.publish(
        {.kind = monitor::EventKind::kFailed,
         .priority = monitor::Priority::kError,
         .message = "configuration not reloaded, nothing has changed: " + checked.error().message});
  }
  service_manager_.ready();
}

template <Family F>
void Daemon::count(const instance::Instance<F>& instance) {
  const auto& statistics = instance.monitor().statistics();
  queries_sent_ += statistics.general_queries_sent + statistics.specific_queries_sent;
  elections_lost_ += statistics.elections_lost;
  const auto fault_counts = instance.fault_counts();
  if (!fault_counts.empty()) spdlog::info("{}: {}", instance.name(), fault_counts);
}

void Daemon::stop() {
  service_manager_.stopping();
  for_each_instance(instances_, [&](const auto& instance) { count(instance); });
  spdlog::info("Final stats: {} queries sent, {} elections lost", queries_sent_, elections_lost_);
}

bool Daemon::is_wanted(const std::string& name) const {
  if (!options_.interfaces.empty()) {
    return std::count(options_.interfaces.begin(), options_.interfaces.end(), name) > 0;
  }
  if (uses_default_route()) return name == default_interface_;
  const auto* interface = watcher_.find(name);
  return std::any_of(config_.interfaces.begin(), config_.interfaces.end(), [&](const auto& rule) {
    // A glob means what is there; a name is waited for.
    return rule.is_glob() ? interface != nullptr && interface->ethernet && rule.matches(name)
                          : rule.pattern == name;
  });
}

/// Brings the instances in line with what is wanted and with the interfaces there are. The settings
/// of one that stays can only change by a reload.
void Daemon::sync_instances(TimePoint now) {
  if (uses_default_route()) follow_default_route();
  for (const auto& [name, instances] : instances_) {
    if (!is_wanted(name)) serve(name, now);
  }
  const auto add = [&](const std::string& name) {
    if (!instances_.contains(name)) serve(name, now);
  };
  for (const auto& name : options_.interfaces) add(name);
  for (const auto& rule : config_.interfaces) {
    if (!rule.is_glob()) add(rule.pattern);
  }
  for (const auto& [index, interface] : watcher_.interfaces()) add(interface.name);
  std::erase_if(instances_,
                [](const auto& entry) { return !entry.second.igmp && !entry.second.mld; });
  for (auto& [name, instances] : instances_) show_interface(name, instances, now);
  settle_later();
}

void Daemon::show_interface(const std::string& name, instance::LinkInstances& instances,
                            TimePoint now) {
  const auto* interface = watcher_.find(name);
  if (instances.igmp) instances.igmp->interface_changed(interface, now);
  if (instances.mld) instances.mld->interface_changed(interface, now);
}

/// The same for one interface, of perhaps a thousand.
void Daemon::sync_instance(const std::string& name, TimePoint now) {
  if (is_wanted(name) != instances_.contains(name)) serve(name, now);
  const auto found = instances_.find(name);
  if (found == instances_.end()) return;
  show_interface(name, found->second, now);
  if (!found->second.igmp && !found->second.mld) instances_.erase(found);
}

/// Starts, changes or ends what runs on an interface.
void Daemon::serve(const std::string& name, TimePoint now) {
  const bool wanted = is_wanted(name);
  if (!wanted && !instances_.contains(name)) return;
  auto protocols = Result<config::ProtocolSettings>{config::ProtocolSettings{}};
  if (wanted) protocols = config::settings_for(name, options_, config_);
  if (!protocols) return;  // check() has refused such choices
  auto& instances = instances_[name];
  auto* mld_host = hosts_.mld ? &*hosts_.mld : nullptr;
  bring_in_line(name, instances.igmp, protocols->igmp, &hosts_.igmp, receivers_, now);
  bring_in_line(name, instances.mld, protocols->mld, mld_host, receivers6_, now);
}

template <Family F>
void Daemon::bring_in_line(const std::string& name, std::optional<instance::Instance<F>>& instance,
                           const std::optional<core::Settings<F>>& settings,
                           os::HostSocket<F>* host, instance::ReceiverPool<F>& receivers,
                           TimePoint now) {
  if (settings && instance) {
    instance->reload(*settings, now);
  } else if (settings) {
    using Environment = typename instance::Instance<F>::Environment;
    instance.emplace(
        name, *settings, Random{random_.next()}, Random{secrets_.next()},
        Environment{io_, host, publisher_, receivers,
                    [this](TimePoint before, TimePoint after) { deadline_moved(before, after); },
                    [this] { settle_later(); }},
        now);
  } else if (instance) {
    instance->monitor().no_longer_served();
    count(*instance);
    instance.reset();
  }
}

/// Most deadlines move behind that of another instance, and nothing is to be done.
void Daemon::deadline_moved(TimePoint before, TimePoint after) {
  if (after < timer_.deadline()) return timer_.arm(after);
  if (before == timer_.deadline()) settle_later();
}

/// Looks at all instances once, whatever has happened to however many of them until then.
void Daemon::settle_later() {
  if (std::exchange(settles_later_, true)) return;
  boost::asio::post(io_, [this] {
    settles_later_ = false;
    rearm();
    service_manager_.status(instance::summary(instances_));
  });
}

void Daemon::rearm() {
  TimePoint next = resync_at_;
  for_each_instance(instances_,
                    [&](const auto& instance) { next = std::min(next, instance.deadline()); });
  timer_.arm(next);
}

}  // namespace mcq::daemon
