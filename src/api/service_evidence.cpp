#include "api/service_evidence.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "os/bridge.hpp"

namespace mcq::api {
namespace {

using diagnose::ServiceEvidence;

template <Family F>
std::size_t hosts_of_late(const instance::Instance<F>& instance, TimePoint now) {
  const auto longest = membership_interval(instance.querier().timing());
  return instance.monitor().hosts().reported_since(now - longest);
}

/// The addresses of some silent hosts, those that have never answered first.
template <Family F>
std::vector<std::string> silent_hosts(const instance::Instance<F>& instance, TimePoint now) {
  constexpr std::size_t kNamed = 8;
  std::vector<std::pair<bool, typename F::Address>> silent;
  instance.monitor().hosts().for_each([&](const auto& address, const auto& host) {
    if (is_silent(instance, host, now)) silent.emplace_back(host.answered > 0, address);
  });
  const auto named = std::min(silent.size(), kNamed);
  std::partial_sort(silent.begin(), silent.begin() + static_cast<std::ptrdiff_t>(named),
                    silent.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < named; ++i) names.push_back(to_string(silent[i].second));
  return names;
}

/// Whether a program of this host joined a group, and this host does not answer queries.
template <Family F>
bool is_own_host_silent(const instance::Instance<F>& instance, TimePoint now) {
  const auto& hosts = instance.monitor().hosts();
  const auto& interface = instance.interface();
  bool is_silent = false;
  hosts.for_each([&](const auto& address, const auto& host) {
    is_silent =
        is_silent || (interface && interface->has(address) &&
                      hosts.is_own_silent(host, instance.settings().version,
                                          instance.querier().timing().response_interval, now));
  });
  return is_silent;
}

/// Those of which no member has reported anything since.
template <Family F>
std::vector<diagnose::EndedGroup> ended_groups(const instance::Instance<F>& instance,
                                               TimePoint now) {
  const auto& monitor = instance.monitor();
  std::vector<diagnose::EndedGroup> all;
  for (const auto& ended : monitor.ended_groups()) {
    const bool is_back = instance.querier().groups().find(ended.group) != nullptr;
    if (is_back || ended.at + core::HostTable<F>::kMaxSilence <= now) continue;
    std::vector<std::string> silent;
    for (const auto& host : ended.named()) {
      const auto* known = monitor.hosts().find(host);
      if (known == nullptr || known->last_report <= ended.at) silent.push_back(to_string(host));
    }
    if (silent.empty()) continue;
    all.push_back({to_string(ended.group), now - ended.at, silent,
                   ended.hosts_count - (ended.named().size() - silent.size())});
  }
  return all;
}

/// General Queries without a report, once all members that there were have expired.
template <Family F>
std::size_t unheard(const instance::Instance<F>& instance, TimePoint now) {
  const auto& hosts = instance.monitor().hosts();
  const auto& timing = instance.querier().timing();
  if (now - hosts.last_report() <= membership_interval(timing)) return 0;
  return hosts.unheard(timing.response_interval, now);
}

template <Family F>
void add_faults(ServiceEvidence& evidence, const instance::Instance<F>& instance, TimePoint now) {
  const auto& monitor = instance.monitor();
  const auto is_recent = [&](const monitor::FaultCounters& counters, std::string_view reason) {
    return counters.is_recent(reason, now);
  };
  const auto refused = [&](core::Notice notice) {
    return is_recent(monitor.drops(), to_string(notice));
  };
  evidence.cannot_send = monitor.persists(monitor::kCannotSend);
  evidence.cannot_receive = is_recent(monitor.faults(), monitor::kCannotReceive);
  evidence.served_twice = monitor.persists(monitor::kServedTwice);
  evidence.asked_beside = is_recent(monitor.faults(), monitor::kAskedBeside);
  evidence.host_unreachable = monitor.persists(monitor::kHostUnreachable);
  evidence.too_many_groups = refused(core::Notice::kTooManyGroups);
  evidence.too_many_sources = refused(core::Notice::kTooManySources);
  evidence.flapping = monitor.is_flapping(now);
  evidence.rogue = refused(core::Notice::kRogueRefused) ||
                   is_recent(monitor.faults(), to_string(core::Notice::kRogueQuerier));
  for (const auto& group : instance.settings().held_groups) {
    const bool is_missing = !instance.held_groups().is_joined(group);
    if (is_missing) evidence.not_held.push_back(to_string(group));
  }
  if (const auto duplicate = monitor.duplicate(now)) evidence.duplicate = to_string(*duplicate);
  if (const auto* rival = monitor.rival(now)) {
    evidence.rival = to_string(rival->address);
    evidence.rival_mac = to_string(rival->mac);
  }
}

template <Family F>
void add_other_querier(ServiceEvidence& evidence, const instance::Instance<F>& instance,
                       TimePoint now) {
  const auto* other = other_querier(instance);
  if (other == nullptr) return;
  const auto& querier = instance.querier();
  evidence.query_interval = std::max(other->query_interval, other->measured_interval);
  // One that does not advertise its interval may have the RFC's default, and have been measured
  // during its startup burst.
  const bool is_advertised = other->query_interval > Duration{};
  evidence.query_due =
      querier.timing().response_interval + core::HostTable<F>::kTransit +
      std::max(evidence.query_interval, is_advertised ? Duration{} : core::Timing{}.query_interval);
  evidence.silence = now - other->last_query;
  evidence.takeover = querier.other_querier_gone() - now;
}

template <Family F>
void add_members(ServiceEvidence& evidence, const instance::Instance<F>& instance, TimePoint now) {
  const auto& querier = instance.querier();
  const auto& hosts = instance.monitor().hosts();
  evidence.tracks_hosts = instance.settings().explicit_tracking;
  evidence.groups = querier.groups().size();
  evidence.hosts = hosts_of_late(instance, now);
  if (querier.role() != core::Role::kQuerier) return;
  const auto census =
      hosts.census(instance.settings().version, querier.timing().response_interval, now);
  evidence.answering = census.answering;
  evidence.silent = census.silent;
  evidence.never_answered = census.never_answered;
  if (census.silent > 0) evidence.silent_hosts = silent_hosts(instance, now);
  if (!evidence.tracks_hosts) return;
  evidence.own_host_silent = is_own_host_silent(instance, now);
  evidence.unheard = unheard(instance, now);
  evidence.ended = ended_groups(instance, now);
}

/// Asks the kernel, each time: an idle daemon reads nothing.
template <Family F>
void add_bridge(ServiceEvidence& evidence, const instance::Instance<F>& instance) {
  const auto& interface = instance.interface();
  if (!interface || !interface->is_bridge || interface->vlan != 0) return;
  if (const auto bridge = os::read_bridge(interface->index)) evidence.bridge = *bridge;
}

}  // namespace

template <Family F>
const core::OtherQuerier<F>* other_querier(const instance::Instance<F>& instance) {
  const auto& other = instance.monitor().other_querier();
  const bool is_it = instance.querier().role() == core::Role::kNonQuerier &&
                     instance.querier().querier() == other.address;
  return is_it ? &other : nullptr;
}

template <Family F>
bool is_answer_over(const instance::Instance<F>& instance, TimePoint now) {
  return instance.monitor().hosts().is_answer_over(instance.querier().timing().response_interval,
                                                   now);
}

template <Family F>
bool is_silent(const instance::Instance<F>& instance, const core::KnownHost<F>& host,
               TimePoint now) {
  const auto& querier = instance.querier();
  return querier.role() == core::Role::kQuerier &&
         instance.monitor().hosts().is_silent(host, instance.settings().version,
                                              querier.timing().response_interval, now);
}

template <Family F>
ServiceEvidence service_evidence(const instance::Instance<F>& instance, TimePoint now) {
  const auto& querier = instance.querier();
  ServiceEvidence evidence;
  evidence.interface = instance.interface_name();
  evidence.name = instance.name();
  evidence.protocol = F::kName;
  evidence.role = querier.role();
  evidence.wait_reason = instance.wait_reason();
  evidence.address = to_string(instance.link().self);
  evidence.querier = to_string(querier.querier());
  evidence.proxy = instance.settings().proxy;
  evidence.own_interval = instance.settings().query_interval.get();
  evidence.own_response = instance.settings().response_interval.get();
  if (evidence.role != core::Role::kWaiting) add_faults(evidence, instance, now);
  add_other_querier(evidence, instance, now);
  add_members(evidence, instance, now);
  add_bridge(evidence, instance);
  return evidence;
}

template ServiceEvidence service_evidence(const instance::Instance<Igmp>&, TimePoint);
template ServiceEvidence service_evidence(const instance::Instance<Mld>&, TimePoint);
template const core::OtherQuerier<Igmp>* other_querier(const instance::Instance<Igmp>&);
template const core::OtherQuerier<Mld>* other_querier(const instance::Instance<Mld>&);
template bool is_answer_over(const instance::Instance<Igmp>&, TimePoint);
template bool is_answer_over(const instance::Instance<Mld>&, TimePoint);
template bool is_silent(const instance::Instance<Igmp>&, const core::KnownHost<Igmp>&, TimePoint);
template bool is_silent(const instance::Instance<Mld>&, const core::KnownHost<Mld>&, TimePoint);

}  // namespace mcq::api
