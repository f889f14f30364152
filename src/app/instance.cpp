#include "app/instance.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <utility>
#include <variant>

#include "app/choices.hpp"
#include "app/link_of.hpp"
#include "os/clock.hpp"
#include "os/system_error.hpp"
#include "wire/frame.hpp"
#include "wire/igmp.hpp"

namespace mcq::app {
namespace {

constexpr int kPacketsPerTurn = 64;  ///< then timers and other links get their turn
constexpr std::size_t kLongestPacket = 65536;
constexpr Duration kReopenInterval = 1s;

constexpr std::string_view kOwnPacket = "our own packet came back";
constexpr std::string_view kNoRouterAlert = "no Router Alert option";

/// What a notice means to whoever reads the log.
std::string_view explain(core::Notice notice) {
  switch (notice) {
    case core::Notice::kProxyQuery:
      return "ignored: a switch's proxy query takes no part in the election";
    case core::Notice::kForeignSubnet:
      return "ignored: its address is on no subnet of this interface (require-same-subnet)";
    case core::Notice::kUnicastQuery:
      return "ignored: it was sent to one host alone (accept-unicast-query)";
    case core::Notice::kWrongDestination:
      return "ignored: a General Query must be sent to 224.0.0.1";
    case core::Notice::kDuplicateAddress:
      return "ignored: that is our own address: two hosts on this LAN share it";
    case core::Notice::kOtherVersion:
      return "of another IGMP version than ours: all queriers of a LAN should use the same";
    case core::Notice::kOtherSettings:
      return "with other intervals than ours: all queriers of a LAN should use the same";
  }
  return "";
}

}  // namespace

Instance::Instance(std::string name, const core::Settings<Igmp>& settings, Random random,
                   Surroundings surroundings)
    : name_(std::move(name)),
      settings_(settings),
      querier_(settings, random),
      surroundings_(std::move(surroundings)) {
  for (const auto& warning : warnings(settings_)) spdlog::warn("{}: {}", name_, warning);
}

void Instance::interface_changed(const os::Interface* interface, TimePoint now) {
  const bool is_other = interface == nullptr ||
                        (interface_ && interface_->index != interface->index) ||
                        (socket_ && !socket_->is_attached());
  if (is_other) close_socket(now);
  interface_ = interface == nullptr ? std::nullopt : std::optional{*interface};
  if (interface_ && interface_->ethernet && !socket_) open_socket(now);
  update_link(now);
}

void Instance::reload(const core::Settings<Igmp>& settings, TimePoint now) {
  if (settings == settings_) return;
  settings_ = settings;
  for (const auto& warning : warnings(settings_)) spdlog::warn("{}: {}", name_, warning);
  spdlog::info("{}: new settings; the query interval is {}s", name_,
               format_seconds(settings_.query_interval.get()));
  step(core::SettingsChanged<Igmp>{settings_}, now);
  update_link(now);
}

void Instance::tick(TimePoint now) {
  if (now >= reopen_at_) {
    open_socket(now);
    update_link(now);
  }
  if (now >= querier_.deadline()) step(core::Tick{}, now);
}

/// Another interface is another link: what was learnt on this one does not hold there.
void Instance::close_socket(TimePoint now) {
  readable_.reset();
  socket_.reset();
  reopen_at_ = kNever;
  if (std::exchange(link_, {}).up) step(core::LinkChanged<Igmp>{}, now);
}

void Instance::open_socket(TimePoint now) {
  auto opened = os::PacketSocket::open(interface_->index);
  if (!opened) {
    reopen_at_ = now + kReopenInterval;
    if (anomalies_.count("cannot open the socket", now)) {
      spdlog::error("{}: {}; trying again every second", name_, opened.error().message);
    }
    return;
  }
  reopen_at_ = kNever;
  socket_ = std::move(*opened);
  readable_.emplace(surroundings_.io, socket_->fd(), [this] { receive(); });
}

std::string Instance::waiting_for() const {
  if (!interface_) return "the interface to appear";
  if (!interface_->ethernet) return "an Ethernet interface of that name";
  if (interface_->is_port) return "its bridge or bond to let it go (or name that instead)";
  if (!interface_->up) return "link";
  if (!socket_) return "a socket";
  return settings_.proxy || !link_.self.is_unspecified() ? "" : "an IPv4 address";
}

void Instance::update_link(TimePoint now) {
  const auto before = link_;
  link_ = interface_ ? link_of(*interface_) : core::Link<Igmp>{};
  link_.up = link_.up && socket_.has_value();
  if (auto reason = waiting_for(); std::exchange(waiting_for_, reason) != reason) {
    if (!reason.empty()) spdlog::info("{}: waiting for {}", name_, reason);
  }
  if (waiting_for_.empty() && !std::exchange(has_started_, true)) {
    log_start();
  } else if (has_started_ && link_.self != before.self && !link_.self.is_unspecified()) {
    spdlog::info("{}: our address is {}", name_, to_string(link_.self));
  }
  if (link_ != before) step(core::LinkChanged<Igmp>{link_}, now);
}

void Instance::log_start() const {
  spdlog::info("Starting IGMP Querier on {} ({})", name_,
               settings_.proxy ? "0.0.0.0, proxy" : to_string(link_.self));
  spdlog::info("{}: Query interval: {}s, Competitor timeout: {}s", name_,
               format_seconds(settings_.query_interval.get()),
               format_seconds(settings_.silent_querier_interval()));
  spdlog::info("{}: [Listener] Election listener started.", name_);
}

void Instance::receive() {
  static std::array<std::uint8_t, kLongestPacket> buffer;  // touched as far as packets are long
  const auto now = os::now();
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    const auto packet = socket_->receive(buffer);
    if (packet) {
      handle(*packet, now);
      continue;
    }
    // ENETDOWN comes once when the link goes down, of which the watcher tells.
    const bool is_news =
        packet.error() != EAGAIN && packet.error() != EINTR && packet.error() != ENETDOWN;
    if (is_news && anomalies_.count("cannot receive", now)) {
      spdlog::warn("{}: cannot receive: {}", name_, os::describe(packet.error()));
    }
    break;
  }
}

void Instance::handle(const os::Packet& packet, TimePoint now) {
  last_sender_ = packet.sender;
  if (packet.sender == interface_->mac) return drop(kOwnPacket, now);
  const auto ip = wire::parse_ipv4(packet.bytes);
  if (!ip) return drop(to_string(ip.error()), now);
  if (settings_.require_router_alert && !ip->router_alert) return drop(kNoRouterAlert, now);
  auto message = wire::parse_igmp(ip->payload);
  if (!message) return drop(to_string(message.error()), now);
  auto* query = std::get_if<Query<Igmp>>(&*message);
  if (query == nullptr) return;  // reports and leaves: nothing here keeps membership
  step(core::QueryHeard<Igmp>{ip->source, ip->destination, std::move(*query)}, now);
}

void Instance::drop(std::string_view reason, TimePoint now) {
  const bool tell = anomalies_.count(reason, now);
  if (!tell || reason == to_string(wire::ParseError::kUnhandledType)) return;  // no fault of anyone
  spdlog::warn("{}: ignored a packet from {}: {}{}", name_, to_string(last_sender_), reason,
               so_far(reason));
}

void Instance::step(const core::Event<Igmp>& event, TimePoint now) {
  for (const auto& action : querier_.step(event, now)) {
    std::visit([&](const auto& a) { perform(a, now); }, action);
  }
  surroundings_.deadline_changed();
}

void Instance::perform(const core::SendQuery<Igmp>& send, TimePoint now) {
  const auto payload = wire::serialize(send.query);
  const auto packet = wire::ipv4_packet(send.source, send.destination, wire::Reach::kLink, payload);
  const auto sent = socket_->send(packet, wire::ethernet_address(send.destination));
  if (sent) {
    ++statistics_.queries_sent;
    spdlog::debug("{}: sent IGMPv{} General Query from {}, next in {:.1f}s", name_,
                  static_cast<int>(send.query.version), to_string(send.source),
                  std::chrono::duration<double>(querier_.deadline() - now).count());
  } else if (anomalies_.count("cannot send", now)) {
    spdlog::error("{}: cannot send a query: {}; trying again at the next one", name_,
                  os::describe(sent.error()));
  }
  const auto copy = wire::ipv4_packet(send.source, send.destination, wire::Reach::kHost, payload);
  const auto delivered = surroundings_.host.deliver(copy, send.destination, interface_->index);
  if (!delivered && anomalies_.count("cannot reach programs on this host", now)) {
    spdlog::warn("{}: programs on this host do not hear our query: {}", name_,
                 os::describe(delivered.error()));
  }
}

void Instance::perform(const core::RoleChanged<Igmp>& changed, TimePoint) {
  surroundings_.role_changed();
  using core::Cause;
  using core::Role;
  if (changed.to == Role::kNonQuerier) {
    if (changed.cause == Cause::kLowerQuerier) {
      ++statistics_.elections_lost;
      spdlog::info("{}: [Election] LOST to lower IP {}. Backing off.", name_,
                   to_string(changed.querier));
    } else {
      spdlog::info("{}: [Election] {} is the querier. Keeping quiet.", name_,
                   to_string(changed.querier));
    }
  } else if (changed.to == Role::kQuerier && changed.cause == Cause::kQuerierSilent) {
    spdlog::info("{}: [Election] Competitor timeout. Taking over as Master.", name_);
  } else if (changed.to == Role::kQuerier && changed.cause == Cause::kAddressChanged) {
    spdlog::info("{}: [Election] {} is the lowest address we know. Master.", name_,
                 to_string(changed.querier));
  }
}

void Instance::perform(const core::BurstBegan& burst, TimePoint) {
  if (burst.queries == 1) return;
  spdlog::info("{}: [Startup] Sending {} rapid queries...", name_, burst.queries);
}

void Instance::perform(const core::Noticed<Igmp>& noticed, TimePoint now) {
  const auto reason = to_string(noticed.notice);
  if (!anomalies_.count(reason, now)) return;
  spdlog::warn("{}: query from {} ({}) {}{}", name_, to_string(noticed.from),
               to_string(last_sender_), explain(noticed.notice), so_far(reason));
}

/// " (12 so far)", where lines were left out since the last one.
std::string Instance::so_far(std::string_view reason) const {
  const auto count = anomalies_.entries().at(reason).count;
  return count > 1 ? " (" + std::to_string(count) + " so far)" : "";
}

std::string Instance::summary() const {
  switch (querier_.role()) {
    case core::Role::kQuerier:
      return name_ + ": querier (" + to_string(querier_.querier()) + ")";
    case core::Role::kNonQuerier:
      return name_ + ": standing by for " + to_string(querier_.querier());
    case core::Role::kWaiting:
      break;
  }
  return name_ + ": waiting for " + waiting_for_;
}

std::string Instance::anomalies() const {
  std::string list;
  for (const auto& [reason, entry] : anomalies_.entries()) {
    list += (list.empty() ? "" : ", ") + std::string{reason} + " " + std::to_string(entry.count);
  }
  return list;
}

}  // namespace mcq::app
