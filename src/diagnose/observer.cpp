#include "diagnose/observer.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "wire/records.hpp"

namespace mcq::diagnose {
namespace {

/// How long the other querier is waited for (RFC 9776 §8.5 with its defaults).
constexpr Duration kOtherQuerierPresent = 255s;
/// How much later than its Max Resp Time an answer counts.
constexpr Duration kGrace = 1s;

/// The median of the latest intervals of a ring that `count` were put into.
template <std::size_t Size>
Duration median(std::array<Duration, Size> ring, std::uint64_t count) {
  if (count == 0) return {};
  const auto used = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, Size));
  const auto middle = ring.begin() + used / 2;
  std::nth_element(ring.begin(), middle, ring.begin() + used);
  return *middle;
}

std::string text_of(std::optional<MacAddress> mac) { return mac ? to_string(*mac) : ""; }

}  // namespace

template <Family F>
void Observer<F>::received(const wire::Packet<F>& packet, std::optional<MacAddress> mac,
                           Sighting at) {
  if (const auto* query = std::get_if<Query<F>>(&packet.message)) {
    return on(*query, packet, mac, at);
  }
  if (const auto* report = std::get_if<Report<F>>(&packet.message)) {
    ++reports_;
    const auto group = groups_.find(report->group);
    const bool is_member = group != groups_.end() && group->second.hosts.contains(packet.source);
    return on_report(report->group, packet.source, mac, static_cast<int>(report->version),
                     is_member, at);
  }
  if (const auto* leave = std::get_if<Leave<F>>(&packet.message)) {
    if (leave->is_solicitation()) return;
    ++leaves_;
    return on_leave(leave->group, packet.source, at);
  }
  const auto* records = std::get_if<RecordReport<F>>(&packet.message);
  if (records == nullptr) return;  // Multicast Router Discovery
  ++reports_;
  wire::RecordReader<F> reader{*records};
  while (const auto record = reader.next()) {
    using enum RecordType;
    const bool includes = record->type == kIsIn || record->type == kToIn;
    if (includes && record->sources.empty()) {
      on_leave(record->group, packet.source, at);
    } else if (record->type != kBlock) {
      on_report(record->group, packet.source, mac, static_cast<int>(F::kNewest),
                record->type == kIsIn || record->type == kIsEx, at);
    }
  }
  if (reader.is_leave()) ++leaves_;
  if (const auto fault = reader.fault()) dropped(*fault, at);
}

template <Family F>
void Observer<F>::dropped(wire::ParseError reason, Sighting at) {
  auto& kind = malformed_[static_cast<std::size_t>(reason)];
  if (kind.count++ == 0) kind.first_frame = at.frame;
}

template <Family F>
void Observer<F>::on(const Query<F>& query, const wire::Packet<F>& packet,
                     std::optional<MacAddress> mac, Sighting at) {
  ++queries_;
  if (!query.is_general()) return;
  ++general_queries_;
  // A query of version 1 has no response time: hosts use 10 s (RFC 9776 §7.2.1).
  const auto response = query.max_response == Duration{} ? Duration{10s} : query.max_response;
  answers_due_ = at.time + response + kGrace;

  if (queriers_.size() >= kMaxQueriers && !queriers_.contains(packet.source)) {
    is_cut_ = true;
    return;
  }
  auto& querier = queriers_[packet.source];
  auto& seen = querier.seen;
  const auto version = static_cast<int>(query.version);
  if (seen.queries == 0) {
    seen.first = at;
    seen.oldest = seen.newest = version;
  } else {
    const auto interval = at.time - seen.last.time;
    querier.intervals[(seen.queries - 1) % querier.intervals.size()] = interval;
    seen.longest_interval = std::max(seen.longest_interval, interval);
  }
  ++seen.queries;
  seen.last = at;
  seen.oldest = std::min(seen.oldest, version);
  seen.newest = std::max(seen.newest, version);
  seen.advertised_interval = query.query_interval;
  seen.response = response + kGrace;
  seen.lacks_router_alert = seen.lacks_router_alert || !packet.router_alert;
  if (mac) seen.mac = to_string(*mac);
  if (!packet.source.is_unspecified()) elect(packet.source, at);
}

/// The lowest address is the querier, until it has been silent for too long.
template <Family F>
void Observer<F>::elect(const Address& address, Sighting at) {
  const auto silence = elected_ ? at.time - elected_last_.time : Duration{};
  const bool wins = !elected_ || address < *elected_ || silence >= kOtherQuerierPresent;
  if (wins && elected_ != address) {
    if (elections_.size() < kMaxListed) {
      elections_.push_back({at, elected_ ? to_string(*elected_) : "", to_string(address), silence});
    } else {
      is_cut_ = true;
    }
    elected_ = address;
  }
  if (elected_ == address) elected_last_ = at;
}

template <Family F>
void Observer<F>::on_report(const Address& address, const Address& source,
                            std::optional<MacAddress> mac, int version, bool is_answer,
                            Sighting at) {
  if (!F::is_tracked(address)) return;
  if (groups_.size() >= kMaxGroups && !groups_.contains(address)) {
    is_cut_ = true;
    return;
  }
  auto& group = groups_[address];
  find_cuts(address, group, at.time);
  if (group.reports > 0 && !group.hosts.empty() && at.time - group.last.time > kSwitchMemory) {
    if (forgotten_.size() < kMaxListed) {
      forgotten_.push_back({to_string(address), group.last, at});
    } else {
      is_cut_ = true;
    }
  }
  if (group.reports++ == 0) group.first = at;
  group.last = at;
  group.query = general_queries_;
  if (source.is_unspecified()) return;  // a host without an address yet, or a switch's proxy report

  if ((hosts_.size() >= kMaxHosts && !hosts_.contains(source)) ||
      (memberships_ >= kMaxMemberships && !group.hosts.contains(source))) {
    is_cut_ = true;
    return;
  }
  auto& host = hosts_[source];
  if (group.hosts.insert(source).second) {
    ++memberships_;
    // Queries before it joined are none of its.
    if (host.groups++ == 0) host.query = general_queries_;
  }
  host.version = version;
  host.last = at;
  if (mac) host.mac = mac;
  if (is_answer && host.query < general_queries_) {
    host.query = general_queries_;
    ++host.answered;
  }
}

template <Family F>
void Observer<F>::on_leave(const Address& address, const Address& source, Sighting at) {
  const auto group = groups_.find(address);
  if (group == groups_.end()) return;
  find_cuts(address, group->second, at.time);
  drop(group->second, source);
}

template <Family F>
void Observer<F>::received(const wire::Datagram<F>& datagram, std::optional<MacAddress> mac,
                           Sighting at) {
  if (!F::is_tracked(datagram.group)) return;
  if (!streams_.received(datagram, mac, at, general_queries_)) is_cut_ = true;
}

/// Call before a report or a leave changes the group.
template <Family F>
void Observer<F>::find_cuts(const Address& address, const Group& group, Duration now) {
  if (group.hosts.empty()) return;
  streams_.find_cuts(address, {group.last, group.query}, now, cuts_);
  if (cuts_.size() <= kMaxListed) return;
  cuts_.resize(kMaxListed);
  is_cut_ = true;
}

template <Family F>
void Observer<F>::drop(Group& group, const Address& source) {
  if (group.hosts.erase(source) == 0) return;
  --memberships_;
  if (const auto host = hosts_.find(source); host != hosts_.end()) --host->second.groups;
}

template <Family F>
LinkEvidence Observer<F>::evidence(Duration now) const {
  LinkEvidence all{.interface = {},
                   .protocol = F::kName,
                   .vlan = {},
                   .observed = now,
                   .queries = queries_,
                   .reports = reports_,
                   .leaves = leaves_,
                   .queriers = {},
                   .elections = elections_,
                   .querier = {},
                   .groups = {},
                   .hosts = {},
                   .forgotten = forgotten_,
                   .streams = streams_.evidence(),
                   .cuts = cuts_,
                   .malformed = {},
                   .is_cut = is_cut_,
                   .switch_memory = kSwitchMemory};
  for (const auto& [address, querier] : queriers_) {
    auto seen = querier.seen;
    seen.address = to_string(address);
    seen.is_unspecified = address.is_unspecified();
    seen.typical_interval = median(querier.intervals, seen.queries - 1);
    all.queriers.push_back(std::move(seen));
  }
  if (elected_) all.querier = to_string(*elected_);
  auto streams = streams_;
  for (const auto& [address, group] : groups_) {
    if (!group.hosts.empty()) streams.find_cuts(address, {group.last, group.query}, now, all.cuts);
    GroupEvidence seen{to_string(address), {}, group.reports, group.first, group.last};
    for (const auto& host : group.hosts) seen.hosts.push_back(to_string(host));
    if (!group.hosts.empty() && now - group.last.time > kSwitchMemory) {
      all.forgotten.push_back({seen.address, group.last, std::nullopt});
    }
    all.groups.push_back(std::move(seen));
  }
  // The answers to the latest query may be still to come.
  const auto complete = general_queries_ - (general_queries_ > 0 && now < answers_due_ ? 1 : 0);
  // Of the versions without records a host is silent where another has answered for its groups.
  std::set<Address> not_suppressed;
  for (const auto& [address, group] : groups_) {
    if (group.query < complete) not_suppressed.insert(group.hosts.begin(), group.hosts.end());
  }
  for (const auto& [address, host] : hosts_) {
    if (host.groups == 0) continue;
    const bool may_be_suppressed = host.version != static_cast<int>(F::kNewest);
    const bool has_answered =
        complete <= host.query || (may_be_suppressed && !not_suppressed.contains(address));
    all.hosts.push_back({to_string(address), text_of(host.mac), host.version, host.last,
                         host.answered, has_answered ? 0 : complete - host.query});
  }
  for (std::size_t i = 0; i < malformed_.size(); ++i) {
    if (malformed_[i].count == 0) continue;
    all.malformed.push_back(malformed_[i]);
    all.malformed.back().reason = to_string(static_cast<wire::ParseError>(i));
  }
  return all;
}

template class Observer<Igmp>;
template class Observer<Mld>;

}  // namespace mcq::diagnose
