#include "instance/instance.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <utility>
#include <variant>

#include "config/options.hpp"
#include "config/settings_builder.hpp"
#include "instance/link_state.hpp"
#include "os/clock.hpp"
#include "os/system_error.hpp"
#include "wire/records.hpp"

namespace mcq::instance {
namespace {

constexpr Duration kRetryInterval = 1s;

constexpr std::string_view kOwnPacket = "our own packet came back";
constexpr std::string_view kNoRouterAlert = "no Router Alert option";

}  // namespace

template <Family F>
Instance<F>::Instance(std::string interface_name, const core::Settings<F>& settings, Random random,
                      Random secret, Environment environment, TimePoint now)
    : interface_name_(std::move(interface_name)),
      settings_(settings),
      querier_(settings, random, secret),
      environment_(std::move(environment)),
      monitor_(interface_name_, Random{secret.next()}, environment_.publisher, now) {
  warn();
  if (environment_.host == nullptr) {
    spdlog::warn("{}: this system has no IPv6 sockets: programs on this host do not hear us",
                 name());
  }
}

template <Family F>
void Instance<F>::warn() const {
  for (const auto& warning : config::warnings(settings_)) spdlog::warn("{}: {}", name(), warning);
}

template <Family F>
void Instance<F>::interface_changed(const os::Interface* interface, TimePoint now) {
  const bool is_other = interface == nullptr ||
                        (interface_ && interface_->index != interface->index) ||
                        (receiver_ && !receiver_->is_attached(interface_->index));
  interface_ = interface == nullptr ? std::nullopt : std::optional{*interface};
  if (is_other) forget_link(now);
  if (interface_ && interface_->ethernet && !receiver_) open_receiver(now);
  update_link(now);
  announce_deadline();
}

template <Family F>
void Instance<F>::reload(const core::Settings<F>& settings, TimePoint now) {
  if (settings == settings_) return;
  settings_ = settings;
  warn();
  spdlog::info("{}: new settings; the query interval is {}s", name(),
               config::format_seconds(settings_.query_interval.get()));
  if (!settings_.explicit_tracking) monitor_.forget_hosts();
  step(core::SettingsChanged<F>{settings_}, now);
  update_link(now);
  announce_deadline();
}

template <Family F>
void Instance<F>::tick(TimePoint now) {
  if (now >= reopen_at_) {
    open_receiver(now);
    update_link(now);
  }
  if (now >= querier_.deadline()) step(core::Tick{}, now);
  announce_deadline();
}

template <Family F>
void Instance<F>::close_receiver() {
  if (const auto receiver = std::exchange(receiver_, nullptr)) receiver->remove(received_index_);
}

/// Drops all state of the link: another interface of that name is another link.
template <Family F>
void Instance<F>::forget_link(TimePoint now) {
  close_receiver();
  lock_.reset();
  copies_ = {};
  reopen_at_ = kNever;
  if (std::exchange(link_, {}).up) step(core::LinkChanged<F>{}, now);
  monitor_.forget_hosts();
}

template <Family F>
void Instance<F>::open_receiver(TimePoint now) {
  auto receiver = environment_.receivers.receiver_for(interface_->index);
  const auto added =
      receiver ? (*receiver)->add(interface_->index, *this) : Result<Ok>{fail(receiver.error())};
  if (!added) {
    reopen_at_ = now + kRetryInterval;
    return monitor_.failed(monitor::kCannotOpen, monitor::Priority::kError,
                           added.error().message + "; trying again every second", now);
  }
  reopen_at_ = kNever;
  received_index_ = interface_->index;
  receiver_ = *std::move(receiver);
  lock_interface(now);
}

/// Detects a second igmp-querier on the interface: both would query from one address and receive
/// nothing of each other. Tried again at each query, since the other one may have ended.
template <Family F>
void Instance<F>::lock_interface(TimePoint now) {
  if (lock_) return;
  auto claimed = os::InterfaceLock::make(interface_->index, F::kFamilyName);
  if (claimed) {
    lock_.emplace(*std::move(claimed));
  } else if (claimed.error() == EADDRINUSE) {
    monitor_.failed(monitor::kServedTwice, monitor::Priority::kError,
                    "another igmp-querier on this machine serves this interface as well: stop "
                    "one of the two",
                    now);
  }
}

template <Family F>
WaitReason Instance<F>::find_wait_reason() const {
  if (!interface_) return WaitReason::kInterface;
  if (!interface_->ethernet) return WaitReason::kEthernet;
  if (interface_->is_port) return WaitReason::kUpperDevice;
  if (!interface_->up) return WaitReason::kLink;
  if (!receiver_) return WaitReason::kReceiver;
  if (settings_.proxy || !link_.self.is_unspecified()) return WaitReason::kNone;
  return std::same_as<F, Igmp> ? WaitReason::kIpv4Address : WaitReason::kLinkLocalAddress;
}

template <Family F>
void Instance<F>::update_link(TimePoint now) {
  const auto before = link_;
  link_ = interface_ ? link_state<F>(*interface_) : core::Link<F>{};
  link_.up = link_.up && receiver_ != nullptr;
  const auto waited_for = std::exchange(wait_reason_, find_wait_reason());
  if (wait_reason_ == WaitReason::kNone && !std::exchange(has_started_, true)) {
    log_start();
  } else if (has_started_ && link_.self != before.self && !link_.self.is_unspecified()) {
    monitor_.address_changed(link_.self, now);
  }
  const auto role = querier_.role();
  if (link_ != before) step(core::LinkChanged<F>{link_}, now);
  if (!link_.up) monitor_.forget_hosts();
  // The record of a change of role contains the reason.
  const bool is_told = querier_.role() != role || wait_reason_ == waited_for;
  if (wait_reason_ != WaitReason::kNone && !is_told) {
    monitor_.waiting(to_string(wait_reason_), now);
  }
}

template <Family F>
void Instance<F>::log_start() const {
  spdlog::info("Starting {} Querier on {} ({})", F::kName, interface_name_,
               settings_.proxy ? "0.0.0.0, proxy" : to_string(link_.self));
  spdlog::info("{}: Query interval: {}s, Competitor timeout: {}s", name(),
               config::format_seconds(settings_.query_interval.get()),
               config::format_seconds(settings_.default_other_querier_timeout()));
  spdlog::info("{}: [Listener] Election listener started.", name());
}

template <Family F>
void Instance<F>::lost(os::Traffic traffic, std::size_t packets, TimePoint now) {
  monitor_.lost(traffic == os::Traffic::kQueries ? monitor::kQueriesLost : monitor::kReportsLost,
                packets, now);
}

template <Family F>
void Instance<F>::receive_failed(int error_number, TimePoint now) {
  monitor_.failed(monitor::kCannotReceive, monitor::Priority::kWarning,
                  "cannot receive: " + os::describe(error_number), now);
}

template <Family F>
void Instance<F>::prefetch(const os::PacketSocket::PrefetchCandidates& candidates) const {
  querier_.groups().prefetch(wire::group_to_prefetch<F>(candidates.soon),
                             wire::group_to_prefetch<F>(candidates.later));
}

template <Family F>
void Instance<F>::received(const os::Packet& packet, os::Traffic traffic, TimePoint now) {
  const auto drop = [&](std::string_view reason) { monitor_.dropped(reason, packet.sender, now); };
  auto parsed = wire::parse_packet<F>(packet.bytes);
  if (!parsed) return drop(to_string(parsed.error()));
  const bool is_leaving = traffic == os::Traffic::kOutgoing;
  const bool is_from_here = is_from_this_host(*parsed, packet.sender, is_leaving);
  if (is_from_here && !is_leaving) return drop(kOwnPacket);
  if (is_leaving && is_own_query(*parsed, is_from_here, now)) return;
  if (settings_.require_router_alert && !parsed->router_alert) return drop(kNoRouterAlert);
  const Received received{std::move(*parsed), packet.sender, is_from_here};
  auto outcome = std::visit([&](const auto& message) { return process(received, message, now); },
                            received.packet.message);
  outcome.is_refused = outcome.is_refused || !link_.up;
  monitor_.received(received, outcome, querier_, settings_, now);
}

/// Compares MAC and IP address, since other hosts may share our MAC address (ipvlan; RFC 9776
/// §4.2.14, §6.6.2). An unspecified source is this host's in an outgoing packet, and in a received
/// query if we query as a proxy.
template <Family F>
bool Instance<F>::is_from_this_host(const wire::Packet<F>& packet, const MacAddress& sender,
                                    bool is_leaving) const {
  if (sender != interface_->mac) return false;
  if (packet.source.is_unspecified()) {
    const bool is_query = std::holds_alternative<Query<F>>(packet.message);
    return is_leaving || (is_query && settings_.proxy);
  }
  return interface_->has(packet.source);
}

/// Whether an outgoing packet is our query, or one of another program from our address. The latter
/// is a fault, since the election cannot decide between equal addresses. The core needs neither.
template <Family F>
bool Instance<F>::is_own_query(const wire::Packet<F>& packet, bool is_from_here, TimePoint now) {
  const auto* query = std::get_if<Query<F>>(&packet.message);
  if (query == nullptr) return false;
  if (query->is_general() && copies_.take(packet.source, now)) return true;
  if (!is_from_here || packet.source.is_unspecified() || packet.source != link_.self) return false;
  // The lock has reported another igmp-querier already.
  if (query->is_general() && !monitor_.persists(monitor::kServedTwice)) {
    monitor_.failed(monitor::kAskedBeside, monitor::Priority::kError,
                    "another querier on this machine asks from our address " +
                        to_string(link_.self) + ": stop one of the two",
                    now);
  }
  return true;
}

template <Family F>
monitor::Outcome Instance<F>::process(const Received& received, const Query<F>& query,
                                      TimePoint now) {
  const auto& packet = received.packet;
  const auto before = querier_.querier();
  const bool is_refused =
      step(core::QueryReceived<F>{packet.source, packet.destination, query}, now, received.sender);
  // The elected querier may have changed without a change of our role.
  if (querier_.querier() != before) environment_.role_changed();
  return {.is_refused = is_refused};
}

template <Family F>
monitor::Outcome Instance<F>::process(const Received& received, const Report<F>& report,
                                      TimePoint now) {
  return {.is_refused =
              step(core::ReportReceived<F>{received.packet.source, report}, now, received.sender)};
}

template <Family F>
monitor::Outcome Instance<F>::process(const Received& received, const Leave<F>& leave,
                                      TimePoint now) {
  return {.is_refused =
              step(core::LeaveReceived<F>{received.packet.source, leave}, now, received.sender)};
}

/// Records before a malformed one still apply (IGMP-R-11).
template <Family F>
monitor::Outcome Instance<F>::process(const Received& received, const RecordReport<F>& report,
                                      TimePoint now) {
  wire::RecordReader<F> records{report};
  bool is_refused = false;
  while (const auto record = records.next()) {
    const core::RecordReceived<F> event{received.packet.source, *record};
    is_refused = step(event, now, received.sender) || is_refused;
  }
  if (const auto fault = records.fault()) {
    monitor_.dropped(to_string(*fault), received.sender, now);
  }
  return {is_refused, records.has_current_state(), records.is_leave()};
}

/// Returns whether the core refused the message that the event is made of.
template <Family F>
bool Instance<F>::step(const core::Event<F>& event, TimePoint now, const MacAddress& sender) {
  bool is_refused = false;
  for (const auto& action : querier_.step(event, now)) {
    std::visit([&](const auto& a) { perform(a, sender, now); }, action);
    const auto* noticed = std::get_if<core::Noticed<F>>(&action);
    is_refused = is_refused || (noticed != nullptr && core::refuses_message(noticed->notice));
  }
  return is_refused;
}

template <Family F>
void Instance<F>::announce_deadline() {
  const auto after = deadline();
  const auto before = std::exchange(announced_deadline_, after);
  if (after != before) environment_.deadline_changed(before, after);
}

template <Family F>
void Instance<F>::perform(const core::SendQuery<F>& send, const MacAddress&, TimePoint now) {
  if (const auto sent = transmit(send, now); !sent) {
    monitor_.failed(monitor::kCannotSend, monitor::Priority::kError,
                    "cannot send a query: " + os::describe(sent.error()) + "; trying again", now);
    step(core::QueryFailed<F>{send.query}, now);
    return;
  }
  monitor_.performed(send, querier_, now);
  lock_interface(now);
}

/// Sends the query to the link and to this host's own kernel, whose programs would not answer
/// otherwise. MLD is accepted with hop limit 1 only, so one packet through the host socket serves
/// both. IGMP is accepted with TTL 0, which stays on the host, and only for a group that the host
/// has joined, as it has all-nodes.
template <Family F>
Result<Ok, int> Instance<F>::transmit(const core::SendQuery<F>& send, TimePoint now) {
  using wire::Reach;
  const auto& [source, destination, query] = send;
  auto* host = environment_.host;
  const auto index = interface_->index;
  const auto packet = wire::serialize_packet<F>(query, source, destination, Reach::kLink);
  if (std::same_as<F, Mld> && host != nullptr) {
    const auto sent = host->send(packet, destination, index);
    if (sent && query.is_general()) copies_.expect(source);
    if (sent) return sent;
    host_unreachable(sent.error(), now);
  }
  const auto sent = receiver_->socket().send(packet, wire::ethernet_address(destination), index);
  if (std::same_as<F, Igmp> && host != nullptr) {
    const auto copy = wire::serialize_packet<F>(query, source, F::kAllNodes, Reach::kHost);
    const auto heard = host->send(copy, F::kAllNodes, index);
    if (!heard) host_unreachable(heard.error(), now);
  }
  return sent;
}

template <Family F>
void Instance<F>::host_unreachable(int error, TimePoint now) {
  monitor_.failed(monitor::kHostUnreachable, monitor::Priority::kWarning,
                  "programs on this host do not hear our query: " + os::describe(error), now);
}

template <Family F>
void Instance<F>::perform(const core::RoleChanged<F>& changed, const MacAddress& sender,
                          TimePoint now) {
  monitor_.performed(changed, to_string(find_wait_reason()), sender, now);
  environment_.role_changed();
}

template <Family F>
bool Instance<F>::query_now(TimePoint now) {
  const auto before = monitor_.statistics().general_queries_sent;
  step(core::QueryRequested{}, now);
  announce_deadline();
  return monitor_.statistics().general_queries_sent > before;
}

template <Family F>
std::string Instance<F>::summary() const {
  switch (querier_.role()) {
    case core::Role::kQuerier:
      return name() + ": querier (" + to_string(querier_.querier()) + ")";
    case core::Role::kNonQuerier:
      return name() + ": standing by for " + to_string(querier_.querier());
    case core::Role::kWaiting:
      break;
  }
  return name() + ": waiting for " + to_string(wait_reason_);
}

template <Family F>
std::string Instance<F>::fault_counts() const {
  std::string list;
  for (const auto* fault_counts : {&monitor_.drops(), &monitor_.faults()}) {
    for (const auto& [reason, entry] : fault_counts->entries()) {
      list += (list.empty() ? "" : ", ") + std::string{reason} + " " + std::to_string(entry.count);
    }
  }
  return list;
}

template class Instance<Igmp>;
template class Instance<Mld>;

}  // namespace mcq::instance
