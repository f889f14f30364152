#include "monitor/link_monitor.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <concepts>
#include <utility>
#include <variant>

#include "monitor/event_text.hpp"
#include "wire/parse_error.hpp"
#include "wire/records.hpp"

namespace mcq::monitor {
namespace {

/// Whether a drop points to a fault. Unknown message types belong to other protocols, and a host
/// without an address reports from the unspecified one.
bool is_fault(std::string_view reason) {
  return reason != to_string(wire::ParseError::kUnhandledType) &&
         reason != to_string(wire::ParseError::kUnspecifiedSource);
}

/// " (12 so far)"; empty for the first occurrence.
std::string so_far(std::uint64_t count) {
  return count > 1 ? " (" + std::to_string(count) + " so far)" : "";
}

}  // namespace

template <Family F>
LinkMonitor<F>::LinkMonitor(std::string interface, Random random, EventPublisher& publisher,
                            TimePoint now)
    : interface_(std::move(interface)),
      name_(std::same_as<F, Igmp> ? interface_ : interface_ + " (" + F::kName + ")"),
      publisher_(publisher),
      hosts_(random),
      since_(now),
      role_since_(now) {}

template <Family F>
EventRecord LinkMonitor<F>::record(EventKind kind, Priority priority,
                                   const std::string& message) const {
  return {.kind = kind,
          .priority = priority,
          .message = name_ + ": " + message,
          .interface = interface_,
          .family = F::kFamilyName};
}

/// Publishes a record within the rate limit of its kind, since others decide how often some kinds
/// occur. Returns false if it was left out.
template <Family F>
bool LinkMonitor<F>::publish(EventRecord record, TimePoint now) {
  auto& limit = limits_[record.kind];
  if (!limit.bucket.allows(now)) {
    ++limit.left_out;
    return false;
  }
  limit.bucket.spend(now);
  if (const auto left_out = std::exchange(limit.left_out, 0U); left_out > 0) {
    record.message += fmt::format(" ({} like this were left out)", left_out);
  }
  publisher_.publish(record);
  return true;
}

/// Publishes a record of what was counted.
template <Family F>
void LinkMonitor<F>::publish_counted(const FaultCounters& fault_counts, std::string_view reason,
                                     EventRecord record) {
  const auto count = fault_counts.entries().at(reason).count;
  record.message += so_far(count);
  record.details.emplace_back("reason", reason);
  record.count = count;
  publisher_.publish(record);
}

template <Family F>
void LinkMonitor<F>::received(const Received<F>& received, const Outcome& outcome,
                              const Querier& querier, const core::Settings<F>& settings,
                              TimePoint now) {
  statistics_.count(received.packet.message);
  const auto* query = std::get_if<Query<F>>(&received.packet.message);
  if (query != nullptr && peers_.count_query(now)) {
    complain(kQueryStorm, received,
             "or others send queries without end: hosts must answer them all", now);
  }
  if (outcome.is_refused) return;
  if (query != nullptr) {
    if (query->is_general()) received_general_query(received, *query, querier, now);
  } else if (settings.explicit_tracking &&
             !std::holds_alternative<RouterMessage>(received.packet.message)) {
    received_report(received, outcome, querier, now);
  }
}

template <Family F>
void LinkMonitor<F>::dropped(std::string_view reason, const MacAddress& sender, TimePoint now) {
  if (!drops_.count(reason, now) || !is_fault(reason)) return;
  auto made = record(EventKind::kDropped, Priority::kWarning,
                     fmt::format("ignored a packet from {}: {}", to_string(sender), reason));
  made.details.emplace_back("mac-address", to_string(sender));
  publish_counted(drops_, reason, std::move(made));
}

template <Family F>
void LinkMonitor<F>::lost(std::string_view reason, std::size_t packets, TimePoint now) {
  if (!drops_.count(reason, now, packets)) return;
  publish_counted(drops_, reason,
                  record(EventKind::kDropped, Priority::kWarning,
                         fmt::format("packets came faster than they could be read: {}", reason)));
}

template <Family F>
void LinkMonitor<F>::failed(std::string_view reason, Priority priority, const std::string& what,
                            TimePoint now) {
  if (!faults_.count(reason, now)) return;
  publish_counted(faults_, reason, record(EventKind::kFailed, priority, what));
}

template <Family F>
void LinkMonitor<F>::waiting(const std::string& reason, TimePoint now) {
  auto made = record(EventKind::kWaiting, Priority::kInfo, "waiting for " + reason);
  made.details.emplace_back("reason", reason);
  publish(std::move(made), now);
}

template <Family F>
void LinkMonitor<F>::address_changed(const Address& address, TimePoint now) {
  peers_.address_changed();
  auto made =
      record(EventKind::kAddressChanged, Priority::kInfo, "our address is " + to_string(address));
  made.details.emplace_back("address", to_string(address));
  publish(std::move(made), now);
}

template <Family F>
void LinkMonitor<F>::no_longer_served() const {
  publisher_.publish(record(EventKind::kNoLongerServed, Priority::kInfo, "no longer served"));
}

template <Family F>
void LinkMonitor<F>::performed(const core::SendQuery<F>& sent, const Querier& querier,
                               TimePoint now) {
  const bool is_general = sent.query.is_general();
  ++(is_general ? statistics_.general_queries_sent : statistics_.specific_queries_sent);
  if (is_general) hosts_.queried(now);
  if (!logs_details()) return;
  std::string next;
  if (is_general) {
    const std::chrono::duration<double> gap = querier.next_query() - now;
    next = fmt::format(", next in {:.1f}s", gap.count());
  }
  spdlog::debug("{}: sent {} from {}{}", name_, describe(sent.query), to_string(sent.source), next);
}

template <Family F>
void LinkMonitor<F>::performed(const core::SendRouterMessage<F>& sent, const Querier&, TimePoint) {
  ++statistics_.router_messages_sent.at(static_cast<std::size_t>(sent.message.type));
  if (!logs_details()) return;
  const bool ends = sent.message.type == RouterMessage::Type::kTermination;
  spdlog::debug("{}: sent a router {} from {}", name_, ends ? "termination" : "advertisement",
                to_string(sent.source));
}

template <Family F>
void LinkMonitor<F>::performed(const core::RoleChanged<F>& changed, const std::string& waiting_for,
                               const MacAddress& sender, TimePoint now) {
  ++statistics_.role_changes;
  role_since_ = now;
  if (changed.to == core::Role::kQuerier) {
    hosts_.forgive();  // a switch sent reports to the other one
  }
  const bool is_lost = peers_.role_changed(changed, sender, now);
  if (is_lost) ++statistics_.elections_lost;
  const auto querier = to_string(changed.querier);
  auto made = record(EventKind::kRoleChanged, Priority::kInfo, explain(changed, waiting_for));
  made.details = {{"role", std::string{to_string(changed.to)}},
                  {"reason", std::string{to_string(changed.cause)}}};
  if (!changed.querier.is_unspecified()) made.details.emplace_back("querier", querier);
  if (is_lost) made.details.emplace_back("mac-address", to_string(sender));
  publish(std::move(made), now);
}

template <Family F>
void LinkMonitor<F>::performed(const core::BurstBegan& burst, const Querier&, TimePoint now) {
  if (burst.queries == 1) return;
  auto made = record(EventKind::kBurstBegan, Priority::kInfo,
                     fmt::format("[Startup] Sending {} rapid queries...", burst.queries));
  made.count = static_cast<std::uint64_t>(burst.queries);
  publish(std::move(made), now);
}

template <Family F>
void LinkMonitor<F>::performed(const core::TopologyChanged<F>& changed, const MacAddress& sender,
                               TimePoint now) {
  ++statistics_.topology_changes.at(static_cast<std::size_t>(changed.sign));
  auto made = record(EventKind::kTopologyChanged, Priority::kInfo, explain(changed, sender));
  made.details = {{"reason", std::string{to_string(changed.sign)}},
                  {"mac-address", to_string(sender)}};
  if (!changed.from.is_unspecified()) {
    made.details.emplace_back("address", to_string(changed.from));
  }
  publish(std::move(made), now);
}

template <Family F>
void LinkMonitor<F>::performed(const core::Noticed<F>& noticed, const MacAddress& sender,
                               TimePoint now) {
  const bool is_drop = core::refuses_part(noticed.notice);
  const auto reason = to_string(noticed.notice);
  if (noticed.notice == core::Notice::kDuplicateAddress) {
    peers_.duplicate_received(sender, now);
  }
  auto& fault_counts = is_drop ? drops_ : faults_;
  if (!fault_counts.count(reason, now)) return;
  const bool is_ordinary = noticed.notice == core::Notice::kOlderHost ||
                           noticed.notice == core::Notice::kIgnoredQuerier ||
                           noticed.notice == core::Notice::kLongSilence;
  auto made = record(is_drop ? EventKind::kDropped : EventKind::kNoticed,
                     is_ordinary ? Priority::kInfo : Priority::kWarning, explain(noticed, sender));
  made.details = {{"address", to_string(noticed.from)}, {"mac-address", to_string(sender)}};
  publish_counted(fault_counts, reason, std::move(made));
}

template <Family F>
void LinkMonitor<F>::received_general_query(const Received<F>& received, const Query<F>& query,
                                            const Querier& querier, TimePoint now) {
  switch (peers_.received({.source = received.packet.source,
                           .sender = received.sender,
                           .query = query,
                           .role = querier.role(),
                           .elected = querier.querier(),
                           .last_query = hosts_.last_query()},
                          now)) {
    case core::PeerFinding::kNothing:
      return;
    case core::PeerFinding::kElected:
      return hosts_.queried(now);
    case core::PeerFinding::kOtherElected:
      querier_changed(received, now);
      return hosts_.queried(now);
    case core::PeerFinding::kUndue:
      return complain(
          kDoesNotYield, received,
          "keeps sending queries although our address is lower: it does not receive ours, or does "
          "not yield",
          now);
  }
}

/// Counts a fault of another querier.
template <Family F>
void LinkMonitor<F>::complain(std::string_view fault, const Received<F>& received, const char* what,
                              TimePoint now) {
  if (!faults_.count(fault, now)) return;
  const auto querier = to_string(received.packet.source), mac = to_string(received.sender);
  auto made = record(EventKind::kNoticed, Priority::kWarning,
                     fmt::format("{} ({}) {}", querier, mac, what));
  made.details = {{"address", querier}, {"mac-address", mac}};
  publish_counted(faults_, fault, std::move(made));
}

template <Family F>
void LinkMonitor<F>::querier_changed(const Received<F>& received, TimePoint now) {
  const auto querier = to_string(received.packet.source);
  auto made = record(EventKind::kQuerierChanged, Priority::kInfo,
                     "[Election] " + querier + " is the querier now.");
  made.details = {{"querier", querier}, {"mac-address", to_string(received.sender)}};
  publish(std::move(made), now);
}

template <Family F>
bool LinkMonitor<F>::persists(std::string_view fault) const {
  const auto found = faults_.entries().find(fault);
  if (found == faults_.entries().end()) return false;
  return hosts_.last_query() == kNever || found->second.last_seen >= hosts_.last_query();
}

template class LinkMonitor<Igmp>;
template class LinkMonitor<Mld>;

}  // namespace mcq::monitor
