#include "app/daemon.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <random>
#include <utility>

#include "app/link_of.hpp"
#include "app/log.hpp"
#include "app/service_manager.hpp"
#include "os/memory.hpp"

namespace mcq::app {
namespace {

constexpr Duration kResyncInterval = 1s;

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

/// What command line and file choose for an interface.
Result<core::Settings<Igmp>> settings_for(const std::string& name, const RunOptions& options,
                                          const Config& config) {
  return make_settings(options.choices.over(config.choices_for(name)));
}

/// "eth0 (192.168.1.10), wlan0 (no address)"
std::string list(const os::InterfaceWatcher& watcher) {
  std::string all;
  for (const auto& [index, interface] : watcher.interfaces()) {
    if (!interface.ethernet) continue;
    const auto address = election_address(interface.addresses);
    all += (all.empty() ? "" : ", ") + interface.name + " (" +
           (address.is_unspecified() ? "no address" : to_string(address)) + ")";
  }
  return all.empty() ? "there is no Ethernet interface" : "there are " + all;
}

}  // namespace

Result<Ok> check(const RunOptions& options, const Config& config) {
  std::vector<std::string> names = options.interfaces;
  if (names.empty()) {
    for (const auto& rule : config.interfaces) names.push_back(rule.pattern);
  }
  if (names.empty()) names.emplace_back();  // the default route's, which no table names
  for (const auto& name : names) {
    const auto settings = settings_for(name, options, config);
    if (settings) continue;
    const bool both = config != Config{};
    return fail((both ? "command line and configuration file together: " : "") +
                settings.error().message);
  }
  return Ok{};
}

Result<Ok> Daemon::run(const RunOptions& options, const Config& config) {
  auto left = service_manager::pick_up(kHostSocketName);
  auto host = left ? os::HostSocket::adopt(std::move(*left)) : os::HostSocket::open();
  if (!host) return fail(std::move(host).error());
  auto watcher = os::InterfaceWatcher::open();
  if (!watcher) return fail(std::move(watcher).error());
  auto timer = os::Timer::create();
  if (!timer) return fail(std::move(timer).error());
  try {
    Daemon daemon{options, config, std::move(*watcher), std::move(*host), std::move(*timer)};
    if (auto checked = daemon.check_interfaces(config); !checked) return checked;
    daemon.options_.wait = true;  // what goes missing from now on may return
    daemon.loop();
  } catch (const boost::system::system_error& error) {
    return fail(std::string{"the event loop failed: "} + error.what());
  }
  return Ok{};
}

Daemon::Daemon(const RunOptions& options, const Config& config, os::InterfaceWatcher watcher,
               os::HostSocket host, os::Timer timer)
    : options_(options),
      config_(config),
      watcher_(std::move(watcher)),
      host_(std::move(host)),
      timer_(std::move(timer)),
      random_(random_seed()),
      started_on_terminal_(::isatty(STDERR_FILENO) == 1) {
  options_.wait = options_.wait || under_systemd();
}

Result<Ok> Daemon::check_interfaces(const Config& config) const {
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

/// Takes the interface of the default route and stays with it: the LAN to serve does not change
/// when the route does. Only when that interface is gone it looks for another.
void Daemon::follow_default_route() {
  if (watcher_.find(default_interface_) != nullptr) return;
  const auto* interface = watcher_.default_route();
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

void Daemon::loop() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): a log that nobody reads any more must not end us
  std::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  on_signal();
  const Readable netlink{io_, watcher_.fd(), [this] { on_netlink(); }};
  const Readable timer{io_, timer_.fd(), [this] { on_timer(); }};
  sync_instances(os::now());
  service_manager::ready();
  os::forget_startup_pages();
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
  const auto interval = service_manager::watchdog_interval();
  if (!interval) return;
  service_manager::alive();
  watchdog_.expires_after(*interval);
  watchdog_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_watchdog();
  });
}

/// Each change is applied by itself: a link that went down and came up again was down.
void Daemon::on_netlink() {
  for (;;) {
    const auto changed = watcher_.read_one();
    if (!changed) return resync(os::now());
    if (!*changed) return;
    sync_instances(os::now());
  }
}

/// Once the kernel's notifications have been lost, only a new look at everything will do.
void Daemon::resync(TimePoint now) {
  const auto done = watcher_.read_all();
  if (!done && resync_at_ == kNever) {
    spdlog::error("{}; trying again every second", done.error().message);
  }
  resync_at_ = done ? kNever : now + kResyncInterval;
  sync_instances(now);
}

void Daemon::on_timer() {
  timer_.acknowledge();
  const auto now = os::now();
  if (now >= resync_at_) resync(now);
  for (auto& [name, instance] : instances_) {
    if (now >= instance.deadline()) instance.tick(now);
  }
  rearm();
}

void Daemon::reload() {
  service_manager::reloading();
  auto config = load_config_or_default(options_.config_file);
  auto checked = config ? check(options_, *config) : Result<Ok>{fail(config.error())};
  if (checked) checked = check_interfaces(*config);
  if (checked) {
    config_ = std::move(*config);
    const auto now = os::now();
    sync_instances(now);
    for (auto& [name, instance] : instances_) {
      if (auto s = settings_for(name, options_, config_)) {
        instance.reload(*s, now);
      }
    }
    spdlog::info("configuration reloaded");
  } else {
    spdlog::error("configuration not reloaded, nothing has changed: {}", checked.error().message);
  }
  service_manager::ready();
}

void Daemon::stop() {
  service_manager::stopping();
  Statistics total = retired_;
  for (const auto& [name, instance] : instances_) {
    total.queries_sent += instance.statistics().queries_sent;
    total.elections_lost += instance.statistics().elections_lost;
    const auto anomalies = instance.anomalies();
    if (!anomalies.empty()) spdlog::info("{}: {}", name, anomalies);
  }
  spdlog::info("Final stats: {} queries sent, {} elections lost", total.queries_sent,
               total.elections_lost);
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

/// Brings the instances in line with what is wanted and with the interfaces there are.
void Daemon::sync_instances(TimePoint now) {
  if (uses_default_route()) follow_default_route();
  retire_instances();
  for (const auto& name : options_.interfaces) add_instance(name);
  for (const auto& rule : config_.interfaces) {
    if (!rule.is_glob()) add_instance(rule.pattern);
  }
  for (const auto& [index, interface] : watcher_.interfaces()) add_instance(interface.name);
  for (auto& [name, instance] : instances_) {
    instance.interface_changed(watcher_.find(name), now);
  }
  rearm();
  report_status();
}

void Daemon::retire_instances() {
  std::erase_if(instances_, [&](const auto& entry) {
    const auto& [name, instance] = entry;
    if (is_wanted(name)) return false;
    spdlog::info("{}: no longer served", name);
    retired_.queries_sent += instance.statistics().queries_sent;
    retired_.elections_lost += instance.statistics().elections_lost;
    return true;
  });
}

void Daemon::add_instance(const std::string& name) {
  if (!is_wanted(name) || instances_.contains(name)) return;
  const auto settings = settings_for(name, options_, config_);
  if (!settings) return;  // check() has refused such choices
  instances_.try_emplace(
      name, name, *settings, Random{random_.next()},
      Instance::Surroundings{io_, host_, [this] { rearm(); }, [this] { report_status(); }});
}

void Daemon::rearm() {
  TimePoint next = resync_at_;
  for (const auto& [name, instance] : instances_) next = std::min(next, instance.deadline());
  timer_.arm(next);
}

void Daemon::report_status() {
  std::string status;
  for (const auto& [name, instance] : instances_) {
    status += (status.empty() ? "" : "; ") + instance.summary();
  }
  if (status == last_status_) return;
  last_status_ = status;
  service_manager::status(status);
}

}  // namespace mcq::app
