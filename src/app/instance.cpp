#include "app/instance.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <utility>
#include <variant>

#include "app/choices.hpp"
#include "app/link_of.hpp"
#include "app/notices.hpp"
#include "app/table_report.hpp"
#include "os/clock.hpp"
#include "os/system_error.hpp"
#include "wire/records.hpp"

namespace mcq::app {
namespace {

constexpr int kPacketsPerTurn = 64;  ///< then timers and other links get their turn
constexpr std::size_t kLongestPacket = 65536;
constexpr Duration kReopenInterval = 1s;

constexpr std::string_view kOwnPacket = "our own packet came back";
constexpr std::string_view kNoRouterAlert = "no Router Alert option";
constexpr std::string_view kHostUnreachable = "cannot reach programs on this host";

/// Whether anybody is at fault. Other messages than those we know belong to other protocols, and a
/// host that has no address yet reports from none.
bool is_worth_telling(std::string_view reason) {
  return reason != to_string(wire::ParseError::kUnhandledType) &&
         reason != to_string(wire::ParseError::kUnspecifiedSource);
}

/// "IGMPv2 General Query", "IGMPv3 query for 239.1.2.3 and 2 sources"
template <Family F>
std::string title(const Query<F>& query) {
  const auto name = F::kName + ("v" + std::to_string(static_cast<int>(query.version)));
  if (query.is_general()) return name + " General Query";
  const auto sources = query.sources.size();
  return name + " query for " + to_string(query.group) +
         (sources == 0 ? "" : " and " + std::to_string(sources) + " sources");
}

}  // namespace

template <Family F>
Instance<F>::Instance(std::string interface_name, const core::Settings<F>& settings, Random random,
                      Surroundings surroundings)
    : interface_name_(std::move(interface_name)),
      name_(std::same_as<F, Igmp> ? interface_name_ : interface_name_ + " (" + F::kName + ")"),
      settings_(settings),
      querier_(settings, random),
      surroundings_(std::move(surroundings)) {
  warn();
  if (surroundings_.host == nullptr) {
    spdlog::warn("{}: this system has no IPv6 sockets: programs on this host do not hear us",
                 name_);
  }
}

template <Family F>
void Instance<F>::warn() const {
  for (const auto& warning : warnings(settings_)) spdlog::warn("{}: {}", name_, warning);
}

template <Family F>
void Instance<F>::interface_changed(const os::Interface* interface, TimePoint now) {
  const bool is_other = interface == nullptr ||
                        (interface_ && interface_->index != interface->index) ||
                        (link_ear_ && !link_ear_->socket.is_attached());
  if (is_other) close_sockets(now);
  interface_ = interface == nullptr ? std::nullopt : std::optional{*interface};
  if (interface_ && interface_->ethernet && !link_ear_) open_sockets(now);
  update_link(now);
  announce_deadline();
}

template <Family F>
void Instance<F>::reload(const core::Settings<F>& settings, TimePoint now) {
  if (settings == settings_) return;
  settings_ = settings;
  warn();
  spdlog::info("{}: new settings; the query interval is {}s", name_,
               format_seconds(settings_.query_interval.get()));
  step(core::SettingsChanged<F>{settings_}, now);
  update_link(now);
  announce_deadline();
}

template <Family F>
void Instance<F>::tick(TimePoint now) {
  if (now >= reopen_at_) {
    open_sockets(now);
    update_link(now);
  }
  if (now >= querier_.deadline()) step(core::Tick{}, now);
  announce_deadline();
}

/// Another interface is another link: what was learnt on this one does not hold there.
template <Family F>
void Instance<F>::close_sockets(TimePoint now) {
  link_ear_.reset();
  own_ear_.reset();
  reopen_at_ = kNever;
  if (std::exchange(link_, {}).up) step(core::LinkChanged<F>{}, now);
}

template <Family F>
void Instance<F>::open_sockets(TimePoint now) {
  using os::Traffic;
  auto link = os::PacketSocket::open<F>(interface_->index, Traffic::kFromLink);
  auto own = os::PacketSocket::open<F>(interface_->index, Traffic::kOwnReports);
  if (!link || !own) {
    reopen_at_ = now + kReopenInterval;
    if (anomalies_.count("cannot open the socket", now)) {
      spdlog::error("{}: {}; trying again every second", name_,
                    (link ? own : link).error().message);
    }
    return;
  }
  reopen_at_ = kNever;
  link_ear_.emplace(*std::move(link), surroundings_.io,
                    [this] { receive(link_ear_->socket, Traffic::kFromLink); });
  own_ear_.emplace(*std::move(own), surroundings_.io,
                   [this] { receive(own_ear_->socket, Traffic::kOwnReports); });
}

template <Family F>
std::string Instance<F>::waiting_for() const {
  if (!interface_) return "the interface to appear";
  if (!interface_->ethernet) return "an Ethernet interface of that name";
  if (interface_->is_port) return "its bridge or bond to let it go (or name that instead)";
  if (!interface_->up) return "link";
  if (!link_ear_) return "a socket";
  if (settings_.proxy || !link_.self.is_unspecified()) return "";
  return std::same_as<F, Igmp> ? "an IPv4 address" : "an IPv6 link-local address";
}

template <Family F>
void Instance<F>::update_link(TimePoint now) {
  const auto before = link_;
  link_ = interface_ ? link_of<F>(*interface_) : core::Link<F>{};
  link_.up = link_.up && link_ear_.has_value();
  if (auto reason = waiting_for(); std::exchange(waiting_for_, reason) != reason) {
    if (!reason.empty()) spdlog::info("{}: waiting for {}", name_, reason);
  }
  if (waiting_for_.empty() && !std::exchange(has_started_, true)) {
    log_start();
  } else if (has_started_ && link_.self != before.self && !link_.self.is_unspecified()) {
    spdlog::info("{}: our address is {}", name_, to_string(link_.self));
  }
  if (link_ != before) step(core::LinkChanged<F>{link_}, now);
}

template <Family F>
void Instance<F>::log_start() const {
  spdlog::info("Starting {} Querier on {} ({})", F::kName, interface_name_,
               settings_.proxy ? "0.0.0.0, proxy" : to_string(link_.self));
  spdlog::info("{}: Query interval: {}s, Competitor timeout: {}s", name_,
               format_seconds(settings_.query_interval.get()),
               format_seconds(settings_.silent_querier_interval()));
  spdlog::info("{}: [Listener] Election listener started.", name_);
}

template <Family F>
void Instance<F>::receive(os::PacketSocket& socket, os::Traffic traffic) {
  static std::array<std::uint8_t, kLongestPacket> buffer;  // touched as far as packets are long
  const auto now = os::now();
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    const auto packet = socket.receive(buffer);
    if (packet) {
      handle(*packet, traffic, now);
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
  announce_deadline();
}

template <Family F>
void Instance<F>::handle(const os::Packet& packet, os::Traffic traffic, TimePoint now) {
  last_sender_ = packet.sender;
  const bool is_ours = packet.sender == interface_->mac;
  if (is_ours && traffic == os::Traffic::kFromLink) return drop(kOwnPacket, now);
  auto parsed = wire::parse_packet<F>(packet.bytes);
  if (!parsed) return drop(to_string(parsed.error()), now);
  if (settings_.require_router_alert && !parsed->router_alert) return drop(kNoRouterAlert, now);
  std::visit([&](auto& message) { hear(*parsed, message, now); }, parsed->message);
}

template <Family F>
void Instance<F>::hear(const wire::Packet<F>& packet, Query<F>& query, TimePoint now) {
  const auto before = querier_.querier();
  step(core::QueryHeard<F>{packet.source, packet.destination, std::move(query)}, now);
  // Another querier than before may ask now, without a change of our role.
  if (querier_.querier() != before) surroundings_.role_changed();
}

template <Family F>
void Instance<F>::hear(const wire::Packet<F>& packet, const Report<F>& report, TimePoint now) {
  step(core::ReportHeard<F>{packet.source, report}, now);
}

template <Family F>
void Instance<F>::hear(const wire::Packet<F>& packet, const Leave<F>& leave, TimePoint now) {
  step(core::LeaveHeard<F>{packet.source, leave}, now);
}

/// What comes before a lie is taken for true (IGMP-R-11).
template <Family F>
void Instance<F>::hear(const wire::Packet<F>& packet, const RecordReport<F>& report,
                       TimePoint now) {
  wire::RecordReader<F> records{report};
  while (const auto record = records.next()) {
    step(core::RecordHeard<F>{packet.source, *record}, now);
  }
  if (const auto fault = records.fault()) drop(to_string(*fault), now);
}

template <Family F>
void Instance<F>::drop(std::string_view reason, TimePoint now) {
  if (!anomalies_.count(reason, now) || !is_worth_telling(reason)) return;
  spdlog::warn("{}: ignored a packet from {}: {}{}", name_, to_string(last_sender_), reason,
               so_far(reason));
}

template <Family F>
void Instance<F>::step(const core::Event<F>& event, TimePoint now) {
  for (const auto& action : querier_.step(event, now)) {
    std::visit([&](const auto& a) { perform(a, now); }, action);
  }
}

template <Family F>
void Instance<F>::announce_deadline() {
  if (std::exchange(announced_deadline_, deadline()) != deadline()) {
    surroundings_.deadline_changed();
  }
}

template <Family F>
void Instance<F>::perform(const core::SendQuery<F>& send, TimePoint now) {
  const auto sent = transmit(send, now);
  if (!sent) {
    if (anomalies_.count("cannot send", now)) {
      spdlog::error("{}: cannot send a query: {}; trying again at the next one", name_,
                    os::describe(sent.error()));
    }
    return;
  }
  ++statistics_.queries_sent;
  if (!spdlog::should_log(spdlog::level::debug)) return;
  std::string next;
  if (send.query.is_general()) {
    const std::chrono::duration<double> gap = querier_.next_query() - now;
    next = fmt::format(", next in {:.1f}s", gap.count());
  }
  spdlog::debug("{}: sent {} from {}{}", name_, title(send.query), to_string(send.source), next);
}

/// The kernel of this host must hear the query as well, or its programs would never answer. MLD it
/// takes with hop limit 1 only: what it is to hear leaves through it too. IGMP it takes with TTL 0,
/// which stays here; but only from a group that the host is in, which all-nodes always is.
template <Family F>
Result<Ok, int> Instance<F>::transmit(const core::SendQuery<F>& send, TimePoint now) {
  using wire::Reach;
  const auto& [source, destination, query] = send;
  auto* host = surroundings_.host;
  const auto index = interface_->index;
  const auto packet = wire::serialize_packet<F>(query, source, destination, Reach::kLink);
  if (std::same_as<F, Mld> && host != nullptr) {
    const auto sent = host->send(packet, destination, index);
    if (sent) return sent;
    host_unreachable(sent.error(), now);
  }
  const auto sent = link_ear_->socket.send(packet, wire::ethernet_address(destination));
  if (std::same_as<F, Igmp> && host != nullptr) {
    const auto copy = wire::serialize_packet<F>(query, source, F::kAllNodes, Reach::kHost);
    const auto heard = host->send(copy, F::kAllNodes, index);
    if (!heard) host_unreachable(heard.error(), now);
  }
  return sent;
}

template <Family F>
void Instance<F>::host_unreachable(int error, TimePoint now) {
  if (!anomalies_.count(kHostUnreachable, now)) return;
  spdlog::warn("{}: programs on this host do not hear our query: {}", name_, os::describe(error));
}

template <Family F>
void Instance<F>::perform(const core::RoleChanged<F>& changed, TimePoint) {
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

template <Family F>
void Instance<F>::perform(const core::BurstBegan& burst, TimePoint) {
  if (burst.queries == 1) return;
  spdlog::info("{}: [Startup] Sending {} rapid queries...", name_, burst.queries);
}

template <Family F>
void Instance<F>::perform(const core::MembershipChanged<F>& changed, TimePoint) {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  const auto group = to_string(changed.group);
  switch (changed.change) {
    case core::Change::kGroupAdded: {
      const auto* added = querier_.groups().find(changed.group);
      const auto reporter = added == nullptr ? "" : to_string(added->last_reporter);
      return spdlog::debug("{}: {} joined, last reporter {}", name_, group, reporter);
    }
    case core::Change::kGroupRemoved:
      return spdlog::debug("{}: {} left", name_, group);
    case core::Change::kSourceRemoved:
      return spdlog::debug("{}: {} left its source {}", name_, group, to_string(changed.source));
  }
}

template <Family F>
void Instance<F>::perform(const core::Noticed<F>& noticed, TimePoint now) {
  const auto reason = to_string(noticed.notice);
  if (!anomalies_.count(reason, now)) return;
  const bool is_ordinary = noticed.notice == core::Notice::kOlderHost;
  spdlog::log(is_ordinary ? spdlog::level::info : spdlog::level::warn, "{}: {}{}", name_,
              explain(noticed, last_sender_), so_far(reason));
}

/// " (12 so far)", where lines were left out since the last one.
template <Family F>
std::string Instance<F>::so_far(std::string_view reason) const {
  const auto count = anomalies_.entries().at(reason).count;
  return count > 1 ? " (" + std::to_string(count) + " so far)" : "";
}

template <Family F>
std::string Instance<F>::summary() const {
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

template <Family F>
std::string Instance<F>::anomalies() const {
  std::string list;
  for (const auto& [reason, entry] : anomalies_.entries()) {
    list += (list.empty() ? "" : ", ") + std::string{reason} + " " + std::to_string(entry.count);
  }
  return list;
}

template <Family F>
void Instance<F>::log_table(TimePoint now) const {
  report_table(interface_name_, querier_, settings_, now,
               [](const std::string& line) { spdlog::info("{}", line); });
}

template class Instance<Igmp>;
template class Instance<Mld>;

}  // namespace mcq::app
