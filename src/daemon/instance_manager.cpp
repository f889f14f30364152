#include "daemon/instance_manager.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <random>
#include <utility>

#include "instance/link_state.hpp"
#include "instance/vlan_link.hpp"
#include "process/startup.hpp"
#include "wire/bpdu.hpp"

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

Result<InstanceManager::Descriptors> InstanceManager::Descriptors::open() {
  auto hosts = process::host_sockets();
  if (!hosts) return fail(std::move(hosts).error());
  auto watcher = os::InterfaceWatcher::open();
  if (!watcher) return fail(std::move(watcher).error());
  auto timer = os::Timer::create();
  if (!timer) return fail(std::move(timer).error());
  return Descriptors{*std::move(hosts), *std::move(watcher), *std::move(timer)};
}

InstanceManager::InstanceManager(boost::asio::io_context& io, const config::RunOptions& options,
                                 const config::Config& config, Descriptors&& descriptors,
                                 monitor::EventPublisher& publisher, process::Notifier& notifier)
    : io_(io),
      options_(options),
      config_(config),
      hosts_(std::move(descriptors.hosts)),
      watcher_(std::move(descriptors.watcher)),
      timer_(std::move(descriptors.timer)),
      publisher_(publisher),
      notifier_(notifier),
      random_(random_seed()),
      secrets_(random_seed()) {}

Result<Ok> InstanceManager::check_interfaces(const config::Config& config) const {
  for (const auto& name : options_.interfaces) {
    if (auto ok = check_interface(name, config); !ok) {
      return fail(options_.origin + ok.error().message);
    }
  }
  if (!options_.interfaces.empty()) return Ok{};
  for (const auto& rule : config.interfaces) {
    if (rule.is_glob() || watcher_.find(rule.pattern) == nullptr) continue;
    if (auto ok = check_interface(rule.pattern, config); !ok) return ok;
  }
  if (config.interfaces.empty() && !options_.wait && watcher_.default_route() == nullptr) {
    return fail("no default route leads over an Ethernet interface: name one with -i; " +
                list(watcher_));
  }
  return Ok{};
}

/// Fails for an interface without Ethernet, and for a missing one unless options.wait is set. For a
/// VLAN, its trunk counts.
Result<Ok> InstanceManager::check_interface(const std::string& given,
                                            const config::Config& config) const {
  const auto vlan = config.vlan_of(given);
  const auto& name = vlan ? vlan->trunk->pattern : given;
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

void InstanceManager::start() {
  netlink_ready_.emplace(io_, watcher_.fd(), [this] { on_netlink(); });
  timer_ready_.emplace(io_, timer_.fd(), [this] { on_timer(); });
  sync_instances(os::now());
}

void InstanceManager::reload(config::Config config) {
  config_ = std::move(config);
  const auto now = os::now();
  if (uses_default_route()) follow_default_route();  // is_wanted() depends on it
  for (const auto& [name, instances] : instances_) serve(name, now);
  sync_instances(now);
}

void InstanceManager::stop() {
  const auto now = os::now();
  for_each_instance(instances_, [&](auto& instance) { instance.stop(now); });
  for_each_instance(instances_, [&](const auto& instance) { count(instance); });
  spdlog::info("Final stats: {} queries sent, {} elections lost", queries_sent_, elections_lost_);
}

/// Applies each change separately, so that a link that went down and up again is seen down.
void InstanceManager::on_netlink() {
  for (;;) {
    const auto names = watcher_.read_one();
    if (!names) return resync(os::now());
    if (!*names) return;
    if (uses_default_route()) sync_instances(os::now());
    for (const auto& name : **names) sync_instance(name, os::now());
    sync_vlans(**names, os::now());
    settle_later();
  }
}

/// A bridge that takes part in the spanning tree gets the frames on its ports. A malformed one is
/// counted once, however many VLANs and protocols the link has.
void InstanceManager::on_bpdu(const os::Packet& frame, TimePoint now) {
  const auto* port = watcher_.find(frame.link.interface_index);
  const auto* interface = port != nullptr && port->is_port ? watcher_.find(port->master) : port;
  if (interface == nullptr) return;
  const auto bpdu = wire::parse_bpdu(frame.bytes);
  bool is_counted = false;
  for_each_instance(instances_, [&](auto& instance) {
    const auto& link = instance.interface();
    if (!link || link->index != interface->index || !instance.settings().query_on_bpdu) return;
    if (bpdu) {
      if (bpdu->topology_change) instance.received_bpdu(frame.sender, now);
    } else if (!std::exchange(is_counted, true)) {
      instance.received_bad_bpdu(frame.sender, now);
    }
  });
}

void InstanceManager::listen_for_bpdus() {
  bool listens = false;
  for_each_instance(instances_, [&](const auto& instance) {
    listens = listens || instance.settings().query_on_bpdu;
  });
  const auto done = bpdus_.listen(listens);
  const bool was_deaf = std::exchange(is_deaf_to_bpdus_, !done);
  if (done || was_deaf) return;
  spdlog::warn(
      "{}; a change of the spanning tree draws no query; trying again when an interface changes",
      done.error().message);
}

/// Reads all interfaces again, after notifications of the kernel were lost.
void InstanceManager::resync(TimePoint now) {
  const auto done = watcher_.read_all();
  if (!done && resync_at_ == kNever) {
    spdlog::error("{}; trying again every second", done.error().message);
  }
  resync_at_ = done ? kNever : now + kResyncInterval;
  const auto find = [this](const std::string& name) { return find_link(name); };
  instance::detach_replaced_interfaces(instances_, find, now);
  sync_instances(now);
  for_each_instance(instances_, [](auto& instance) { instance.renew_receiver(); });
}

void InstanceManager::on_timer() {
  timer_.acknowledge();
  const auto now = os::now();
  if (now >= resync_at_) resync(now);
  schedule_.run(now);
  rearm();
}

/// Chooses the interface of the default route, and keeps it when the route changes: the LAN to
/// serve does not change then. Chooses again only after that interface is removed.
void InstanceManager::follow_default_route() {
  const auto* interface = watcher_.find(default_interface_);
  if (interface == nullptr) interface = watcher_.default_route();
  if (interface == nullptr && !waits_for_route_) {
    waits_for_route_ = true;
    watcher_.watch_routes(true);
    interface = watcher_.default_route();  // may be newer than the first look-up
    if (interface == nullptr) {
      spdlog::info("waiting for a default route; -i NAME names an interface");
    }
  }
  if (interface == nullptr) return;
  default_interface_ = interface->name;
  if (std::exchange(waits_for_route_, false)) watcher_.watch_routes(false);
}

bool InstanceManager::is_wanted(const std::string& name) const {
  if (!options_.interfaces.empty()) {
    return std::count(options_.interfaces.begin(), options_.interfaces.end(), name) > 0;
  }
  if (uses_default_route()) return name == default_interface_;
  if (config_.vlan_of(name)) return true;
  const auto* exact = config_.table_of(name);
  if (exact != nullptr && !exact->is_glob()) return exact->serves_untagged;
  // A glob matches existing interfaces only; a named one may appear later.
  const auto* interface = watcher_.find(name);
  return interface != nullptr && interface->ethernet &&
         std::any_of(config_.interfaces.begin(), config_.interfaces.end(),
                     [&](const auto& rule) { return rule.is_glob() && rule.matches(name); });
}

/// The interface or the VLAN of a trunk that is called so; none if there is no such interface.
std::optional<os::Interface> InstanceManager::find_link(const std::string& name) const {
  const auto vlan = config_.vlan_of(name);
  const auto* interface = watcher_.find(vlan ? vlan->trunk->pattern : name);
  if (interface == nullptr) return std::nullopt;
  if (!vlan) return *interface;
  return instance::vlan_interface(*interface, *vlan,
                                  vlan_devices_.contains({interface->index, vlan->number}));
}

/// Creates and removes instances as is_wanted() says and passes all their current interfaces. Does
/// not change the settings of existing instances: only reload() does.
void InstanceManager::sync_instances(TimePoint now) {
  if (uses_default_route()) follow_default_route();
  vlan_devices_ = instance::vlan_devices(watcher_.interfaces());
  for (const auto& [name, instances] : instances_) {
    if (!is_wanted(name)) serve(name, now);
  }
  const auto add = [&](const std::string& name) {
    if (!instances_.contains(name)) serve(name, now);
  };
  for (const auto& name : options_.interfaces) add(name);
  for (const auto& rule : config_.interfaces) {
    if (!rule.is_glob() && rule.serves_untagged) add(rule.pattern);
    rule.vlans.for_each([&](auto number) { add(config::vlan_name(rule.pattern, number)); });
  }
  for (const auto& [index, interface] : watcher_.interfaces()) add(interface.name);
  std::erase_if(instances_,
                [](const auto& entry) { return !entry.second.igmp && !entry.second.mld; });
  for (auto& [name, instances] : instances_) show_interface(name, instances, now);
  listen_for_bpdus();
  settle_later();
}

void InstanceManager::show_interface(const std::string& name, instance::LinkInstances& instances,
                                     TimePoint now) {
  const auto found = find_link(name);
  const auto* interface = found ? &*found : nullptr;
  if (instances.igmp) instances.igmp->interface_changed(interface, now);
  if (instances.mld) instances.mld->interface_changed(interface, now);
}

/// sync_instances() for one interface, whose cost does not depend on the number of interfaces.
void InstanceManager::sync_instance(const std::string& name, TimePoint now) {
  if (is_wanted(name) != instances_.contains(name)) {
    serve(name, now);
    listen_for_bpdus();
  }
  const auto found = instances_.find(name);
  if (found == instances_.end()) return;
  show_interface(name, found->second, now);
  if (!found->second.igmp && !found->second.mld) instances_.erase(found);
}

/// Shows trunks that changed to the instances of their VLANs, and all trunks if an interface of the
/// kernel for a VLAN appeared or was deleted.
void InstanceManager::sync_vlans(const os::InterfaceWatcher::Names& changed, TimePoint now) {
  const auto& rules = config_.interfaces;
  if (std::all_of(rules.begin(), rules.end(), [](const auto& r) { return r.vlans.empty(); }))
    return;
  const auto before = std::exchange(vlan_devices_, instance::vlan_devices(watcher_.interfaces()));
  for (const auto& rule : rules) {
    const bool is_changed =
        vlan_devices_ != before || std::count(changed.begin(), changed.end(), rule.pattern) > 0;
    if (!is_changed) continue;
    rule.vlans.for_each([&](auto number) {
      const auto found = instances_.find(config::vlan_name(rule.pattern, number));
      if (found != instances_.end()) show_interface(found->first, found->second, now);
    });
  }
}

/// Creates, reloads or ends the instances of one interface. Leaves an empty entry in instances_
/// when it ends both.
void InstanceManager::serve(const std::string& name, TimePoint now) {
  const bool wanted = is_wanted(name);
  if (!wanted && !instances_.contains(name)) return;
  auto protocols = Result<config::ProtocolSettings>{config::ProtocolSettings{}};
  if (wanted) protocols = config::settings_for(name, options_, config_);
  if (!protocols) return;  // config::check() rejects such settings
  auto& instances = instances_[name];
  auto* mld_host = hosts_.mld ? &*hosts_.mld : nullptr;
  bring_in_line(name, instances.igmp, protocols->igmp, &hosts_.igmp, receivers_, now);
  bring_in_line(name, instances.mld, protocols->mld, mld_host, receivers6_, now);
}

template <Family F>
void InstanceManager::bring_in_line(const std::string& name,
                                    std::unique_ptr<instance::Instance<F>>& instance,
                                    const std::optional<core::Settings<F>>& settings,
                                    os::HostSocket<F>* host, instance::ReceiverPool<F>& receivers,
                                    TimePoint now) {
  if (settings && instance) {
    instance->reload(*settings, now);
  } else if (settings) {
    using Environment = typename instance::Instance<F>::Environment;
    instance = std::make_unique<instance::Instance<F>>(
        name, *settings, Random{random_.next()}, Random{secrets_.next()},
        Environment{io_, host, publisher_, receivers, schedule_, [this] { settle_later(); }}, now);
  } else if (instance) {
    instance->stop(now);
    instance->monitor().no_longer_served();
    count(*instance);
    instance.reset();
  }
}

/// Rearms the timer when an instance moved its deadline; once in a turn if it fires too early.
void InstanceManager::deadline_moved(TimePoint before, TimePoint after) {
  if (after < timer_.deadline()) return timer_.arm(after);
  if (before == timer_.deadline()) rearm_later();
}

/// Rearms the timer and updates the status line once, after all changes of this event loop turn.
void InstanceManager::settle_later() {
  is_status_old_ = true;
  rearm_later();
}

void InstanceManager::rearm_later() {
  if (std::exchange(settles_later_, true)) return;
  boost::asio::post(io_, [this] {
    settles_later_ = false;
    rearm();
    if (std::exchange(is_status_old_, false)) notifier_.status(instance::summary(instances_));
  });
}

void InstanceManager::rearm() { timer_.arm(std::min(resync_at_, schedule_.earliest())); }

template <Family F>
void InstanceManager::count(const instance::Instance<F>& instance) {
  const auto& statistics = instance.monitor().statistics();
  queries_sent_ += statistics.general_queries_sent + statistics.specific_queries_sent;
  elections_lost_ += statistics.elections_lost;
  const auto fault_counts = instance.fault_counts();
  if (!fault_counts.empty()) spdlog::info("{}: {}", instance.name(), fault_counts);
}

}  // namespace mcq::daemon
