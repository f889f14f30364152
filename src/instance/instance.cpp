#include "instance/instance.hpp"

#include <spdlog/spdlog.h>

#include <concepts>
#include <utility>
#include <variant>

#include "config/options.hpp"
#include "config/settings_builder.hpp"
#include "instance/link_state.hpp"
#include "os/system_error.hpp"
#include "wire/records.hpp"

namespace mcq::instance {
namespace {

constexpr std::string_view kOwnPacket = "our own packet came back";
constexpr std::string_view kBadBpdu = "malformed BPDU";
constexpr std::string_view kNoRouterAlert = "no Router Alert option";
constexpr std::string_view kServiceTag = "tag of 802.1ad";

}  // namespace

template <Family F>
Instance<F>::Instance(std::string interface_name, const core::Settings<F>& settings, Random random,
                      Random secret, Environment environment, TimePoint now)
    : interface_name_(std::move(interface_name)),
      settings_(settings),
      querier_(settings, random, secret),
      environment_(std::move(environment)),
      monitor_(interface_name_, Random{secret.next()}, environment_.publisher, now),
      attachment_(environment_.receivers, *this, monitor_),
      query_sender_(environment_.host, monitor_),
      held_groups_(environment_.host, monitor_) {
  warn();
  if (environment_.host == nullptr) {
    spdlog::warn(
        "{}: this system has no IPv6 sockets: programs on this host do not receive our queries",
        name());
  }
}

template <Family F>
Instance<F>::~Instance() {
  environment_.schedule.move(*this, announced_deadline_, kNever);
}

template <Family F>
void Instance<F>::warn() const {
  for (const auto& warning : config::warnings(settings_)) spdlog::warn("{}: {}", name(), warning);
}

template <Family F>
void Instance<F>::interface_changed(const os::Interface* interface, TimePoint now) {
  if (attachment_.update(interface)) forget_link(now);
  attachment_.attach(now);
  hold_groups(now);
  update_link(now);
  announce_deadline();
}

/// Joins and leaves what the settings and the interface demand. A port of a bridge receives nothing
/// itself.
template <Family F>
void Instance<F>::hold_groups(TimePoint now) {
  const auto& interface = attachment_.interface();
  const bool can_join = interface && interface->ethernet && !interface->is_port;
  held_groups_.update(settings_.held_groups, can_join ? interface->index : 0, now);
}

template <Family F>
void Instance<F>::reload(const core::Settings<F>& settings, TimePoint now) {
  if (settings == settings_) return;
  settings_ = settings;
  warn();
  spdlog::info("{}: new settings; the query interval is {}s", name(),
               config::format_seconds(settings_.query_interval.get()));
  if (!settings_.explicit_tracking) monitor_.forget_hosts();
  hold_groups(now);
  step(core::SettingsChanged<F>{settings_}, now);
  update_link(now);
  announce_deadline();
}

template <Family F>
void Instance<F>::tick(TimePoint now) {
  if (now >= attachment_.deadline()) {
    attachment_.attach(now);
    update_link(now);
  }
  if (now >= held_groups_.deadline()) hold_groups(now);
  if (now >= querier_.deadline()) step(core::Tick{}, now);
  if (now >= pause_.check) end_pause_if_due(now);
  announce_deadline();
}

template <Family F>
void Instance<F>::pause(std::weak_ptr<const void> lease, TimePoint end, TimePoint now) {
  pause_ = {.lease = std::move(lease), .end = end, .check = now};
  end_pause_if_due(now);
  update_link(now);
  announce_deadline();
}

template <Family F>
void Instance<F>::end_pause_if_due(TimePoint now) {
  const bool is_over = now >= pause_.end || pause_.lease.expired();
  pause_.check = is_over ? kNever : std::min(now + 1s, pause_.end);
  if (is_over) update_link(now);
}

/// The link as the core is told it.
template <Family F>
core::Link<F> Instance<F>::current_link() const {
  auto link = attachment_.link();
  link.up = link.up && !is_paused();
  const auto& interface = attachment_.interface();
  if (!interface || !settings_.source_address) return link;
  if constexpr (std::same_as<F, Igmp>) {
    link.self = usable_address(interface->addresses, *settings_.source_address);
  } else {
    link.self = usable_address(interface->addresses6, *settings_.source_address);
  }
  return link;
}

/// Drops all state of the link: another interface of that name is another link.
template <Family F>
void Instance<F>::forget_link(TimePoint now) {
  query_sender_.forget_copies();
  held_groups_.update({}, 0, now);
  if (std::exchange(link_, {}).up) step(core::LinkChanged<F>{}, now);
  monitor_.forget_hosts();
}

template <Family F>
core::WaitReason Instance<F>::find_wait_reason() const {
  const auto reason = attachment_.wait_reason();
  const bool has_source = settings_.proxy || !link_.self.is_unspecified();
  if (reason == core::WaitReason::kNone && is_paused()) return core::WaitReason::kPause;
  if (reason != core::WaitReason::kNone || has_source) return reason;
  if (settings_.source_address) return core::WaitReason::kSourceAddress;
  return std::same_as<F, Igmp> ? core::WaitReason::kIpv4Address
                               : core::WaitReason::kLinkLocalAddress;
}

template <Family F>
void Instance<F>::update_link(TimePoint now) {
  const auto before = std::exchange(link_, current_link());
  const auto waited_for = std::exchange(wait_reason_, find_wait_reason());
  if (wait_reason_ == core::WaitReason::kNone && !std::exchange(has_started_, true)) {
    log_start();
  } else if (has_started_ && link_.self != before.self && !link_.self.is_unspecified()) {
    monitor_.address_changed(link_.self, now);
  }
  const auto role = querier_.role();
  if (link_ != before) step(core::LinkChanged<F>{link_}, now);
  if (!link_.up) monitor_.forget_hosts();
  // The record of a change of role contains the reason.
  const bool is_told = querier_.role() != role || wait_reason_ == waited_for;
  if (wait_reason_ != core::WaitReason::kNone && !is_told) {
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
  if (packet.has_service_tag) return drop(kServiceTag);
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

template <Family F>
void Instance<F>::received_bpdu(const MacAddress& bridge, TimePoint now) {
  step(core::BpduReceived{}, now, bridge);
  announce_deadline();
}

template <Family F>
void Instance<F>::received_bad_bpdu(const MacAddress& bridge, TimePoint now) {
  monitor_.dropped(kBadBpdu, bridge, now);
}

/// Compares MAC and IP address, since other hosts may share our MAC address (ipvlan; RFC 9776
/// §4.2.14, §6.6.2). An unspecified source is this host's in an outgoing packet, and in a received
/// query if we query as a proxy.
template <Family F>
bool Instance<F>::is_from_this_host(const wire::Packet<F>& packet, const MacAddress& sender,
                                    bool is_leaving) const {
  const auto& interface = *attachment_.interface();
  if (sender != interface.mac) return false;
  if (packet.source.is_unspecified()) {
    const bool is_query = std::holds_alternative<Query<F>>(packet.message);
    return is_leaving || (is_query && settings_.proxy);
  }
  return interface.has(packet.source);
}

/// Whether an outgoing packet is our query, or one of another program from our address. The latter
/// is a fault, since the election cannot decide between equal addresses. The core needs neither.
template <Family F>
bool Instance<F>::is_own_query(const wire::Packet<F>& packet, bool is_from_here, TimePoint now) {
  const auto* query = std::get_if<Query<F>>(&packet.message);
  if (query == nullptr) return false;
  if (query->is_general() && query_sender_.take_copy(packet.source, now)) return true;
  if (!is_from_here || packet.source.is_unspecified() || packet.source != link_.self) return false;
  // The lock has reported another igmp-querier already.
  if (query->is_general() && !monitor_.persists(monitor::kServedTwice)) {
    monitor_.failed(monitor::kAskedBeside, monitor::Priority::kError,
                    "another querier on this machine sends queries from our address " +
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
              step(core::ReportReceived<F>{received.packet.source, report}, now, received.sender),
          .is_of_switch = report.group == F::kAllSnoopers};
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
  bool is_refused = false, is_of_switch = false;
  while (const auto record = records.next()) {
    is_of_switch = is_of_switch || record->group == F::kAllSnoopers;
    const core::RecordReceived<F> event{received.packet.source, *record};
    is_refused = step(event, now, received.sender) || is_refused;
  }
  if (const auto fault = records.fault()) {
    monitor_.dropped(to_string(*fault), received.sender, now);
  }
  return {is_refused, records.has_current_state(), records.is_leave(), is_of_switch};
}

/// Those of other programs of this host are theirs.
template <Family F>
monitor::Outcome Instance<F>::process(const Received& received, const RouterMessage& message,
                                      TimePoint now) {
  if (received.is_own) return {};
  const auto& packet = received.packet;
  return {.is_refused =
              step(core::RouterMessageReceived<F>{packet.source, packet.destination, message}, now,
                   received.sender)};
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
  if (after != before) environment_.schedule.move(*this, before, after);
}

template <Family F>
void Instance<F>::perform(const core::SendQuery<F>& send, const MacAddress&, TimePoint now) {
  const auto alert =
      settings_.send_router_alert ? wire::RouterAlert::kPresent : wire::RouterAlert::kAbsent;
  if (!query_sender_.send(send, alert, attachment_.socket(), attachment_.interface()->link(),
                          now)) {
    step(core::QueryFailed<F>{send.query}, now);
    return;
  }
  monitor_.performed(send, querier_, now);
  attachment_.lock(now);
}

/// This host's own kernel has no use for such messages.
template <Family F>
void Instance<F>::perform(const core::SendRouterMessage<F>& send, const MacAddress&,
                          TimePoint now) {
  const auto& [source, destination, message] = send;
  const auto packet = wire::serialize_packet<F>(message, source, destination);
  const auto sent = attachment_.socket().send(packet, wire::ethernet_address(destination),
                                              attachment_.interface()->link());
  if (sent) return monitor_.performed(send, querier_, now);
  monitor_.failed(monitor::kCannotSend, monitor::Priority::kError,
                  "cannot send a message of router discovery: " + os::describe(sent.error()), now);
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
