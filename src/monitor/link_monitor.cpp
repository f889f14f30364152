#include "monitor/link_monitor.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
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

template <Family F>
std::uint64_t& of_version(typename Statistics<F>::PerVersion& counters,
                          typename F::Version version) {
  return counters.at(static_cast<std::size_t>(version) - 1);
}

/// " (12 so far)"; empty for the first occurrence.
std::string so_far(std::uint64_t count) {
  return count > 1 ? " (" + std::to_string(count) + " so far)" : "";
}

constexpr Duration kSecond = 1s;  ///< interval of the count of a storm
constexpr Duration kRivalForgotten = 10min;

}  // namespace

template <Family F>
LinkMonitor<F>::LinkMonitor(std::string interface, Random random, EventPublisher& publisher,
                            TimePoint now)
    : interface_(std::move(interface)),
      name_(std::same_as<F, Igmp> ? interface_ : interface_ + " (" + F::kName + ")"),
      publisher_(publisher),
      hosts_(random),
      since_(now),
      role_since_(now) {
  elections_.fill(TimePoint::min());
}

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
void LinkMonitor<F>::count(const Message<F>& message) {
  struct Count {
    Statistics<F>& statistics;
    void operator()(const Query<F>& q) { ++of_version<F>(statistics.queries, q.version); }
    void operator()(const Report<F>& r) { ++of_version<F>(statistics.reports, r.version); }
    void operator()(const Leave<F>&) { ++statistics.leaves; }
    void operator()(const RecordReport<F>&) { ++of_version<F>(statistics.reports, F::kNewest); }
  };
  std::visit(Count{statistics_}, message);
}

template <Family F>
void LinkMonitor<F>::received(const Received<F>& received, const Outcome& outcome,
                              const Querier& querier, const core::Settings<F>& settings,
                              TimePoint now) {
  count(received.packet.message);
  const auto* query = std::get_if<Query<F>>(&received.packet.message);
  if (query != nullptr) watch_for_storm(received, now);
  if (outcome.is_refused) return;
  if (query != nullptr) {
    if (query->is_general()) received_general_query(received, *query, querier, now);
  } else if (settings.explicit_tracking) {
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
  rival_ = {};
  duplicate_.reset();
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
void LinkMonitor<F>::performed(const core::RoleChanged<F>& changed, const std::string& waiting_for,
                               const MacAddress& sender, TimePoint now) {
  using core::Cause;
  using core::Role;
  ++statistics_.role_changes;
  role_since_ = now;
  rival_ = {};
  if (changed.to == Role::kQuerier) hosts_.forgive();  // a switch sent reports to the other one
  if (changed.cause == Cause::kLowerQuerier || changed.cause == Cause::kQuerierSilent) {
    std::rotate(elections_.begin(), elections_.begin() + 1, elections_.end());
    elections_.back() = now;
  }
  const bool is_lost = changed.to == Role::kNonQuerier && changed.cause == Cause::kLowerQuerier;
  if (is_lost) {
    ++statistics_.elections_lost;
    other_ = {.address = changed.querier, .mac = sender};
  }
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
void LinkMonitor<F>::performed(const core::Noticed<F>& noticed, const MacAddress& sender,
                               TimePoint now) {
  const bool is_drop = core::refuses_part(noticed.notice);
  const auto reason = to_string(noticed.notice);
  if (noticed.notice == core::Notice::kDuplicateAddress) duplicate_ = sender;
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

/// Counts every query, refused or not: hosts answer them all.
template <Family F>
void LinkMonitor<F>::watch_for_storm(const Received<F>& received, TimePoint now) {
  if (now - second_began_ >= kSecond) {
    second_began_ = now;
    queries_of_the_second_ = 0;
  }
  if (++queries_of_the_second_ <= kStorm) return;
  complain(kQueryStorm, received, "or others send queries without end: hosts must answer them all",
           now);
}

/// Keeps the elected querier, or a rival: a querier with a higher address that keeps querying,
/// because it does not receive our queries or does not yield.
template <Family F>
void LinkMonitor<F>::received_general_query(const Received<F>& received, const Query<F>& query,
                                            const Querier& querier, TimePoint now) {
  const auto& source = received.packet.source;
  const auto role = querier.role();
  const bool is_elected = role == core::Role::kNonQuerier && querier.querier() == source;
  const bool is_rival = role == core::Role::kQuerier && !querier.querier().is_unspecified();
  if (role != core::Role::kWaiting && !is_elected && !is_rival) return;
  if (is_rival && now - rival_.last_query >= kRivalForgotten) rival_ = {};
  if (is_rival && rival_.queries > 0 && rival_.address != source) return;  // one at a time
  auto& heard = is_rival ? rival_ : other_;
  if (heard.address != source) {
    const bool is_news = is_elected && !heard.address.is_unspecified();
    heard = {.address = source};
    if (is_news) querier_changed(received, now);
  }
  // A query sent before it can have received ours is due.
  const auto asked_at = hosts_.last_query();
  const bool is_undue = is_rival && heard.queries > 0 && asked_at != kNever &&
                        asked_at > heard.last_query &&
                        now - asked_at >= core::HostTable<F>::kTransit;
  if (is_undue) ++heard.undue;
  if (heard.queries > 0) heard.measured_interval = now - heard.last_query;
  heard.mac = received.sender;
  heard.version = query.version;
  heard.query_interval = query.query_interval;
  heard.robustness = query.robustness;
  heard.last_query = now;
  ++heard.queries;
  if (is_elected) hosts_.queried(now);
  if (is_undue) {
    complain(kDoesNotYield, received,
             "keeps asking although our address is lower: it does not hear us, or does not yield",
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

template <Family F>
const OtherQuerier<F>* LinkMonitor<F>::rival(TimePoint now) const {
  const bool is_fresh = now - rival_.last_query < kRivalForgotten;
  return rival_.undue > 0 && is_fresh ? &rival_ : nullptr;
}

template <Family F>
std::optional<MacAddress> LinkMonitor<F>::duplicate(TimePoint now) const {
  const bool is_recent = drops_.is_recent(to_string(core::Notice::kDuplicateAddress), now);
  return is_recent ? duplicate_ : std::nullopt;
}

template <Family F>
bool LinkMonitor<F>::is_flapping(TimePoint now) const {
  return elections_.front() != TimePoint::min() && now - elections_.front() < 1h;
}

template class LinkMonitor<Igmp>;
template class LinkMonitor<Mld>;

}  // namespace mcq::monitor
