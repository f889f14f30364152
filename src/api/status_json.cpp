#include "api/status_json.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "api/service_evidence.hpp"
#include "diagnose/rules.hpp"
#include "diagnose/verdict.hpp"

namespace mcq::api {
namespace {

template <class Version>
int number(Version version) {
  return static_cast<int>(version);
}

/// Seconds, or null for what is not known.
text::Json seconds_or_null(Duration time) {
  return time > Duration{} ? text::Json(text::seconds(time)) : text::Json{};
}

text::Json time_left(TimePoint due, TimePoint now) {
  return due == kNever ? text::Json{} : text::Json(text::seconds(due - now));
}

template <Family F>
text::Json to_json(const core::OtherQuerier<F>& other, TimePoint now) {
  return {{"address", to_string(other.address)},
          {"mac-address", to_string(other.mac)},
          {"version", number(other.version)},
          {"last-query", text::seconds(now - other.last_query)}};
}

template <Family F>
text::Json other_querier_status(const instance::Instance<F>& instance, TimePoint now) {
  const auto* other = other_querier(instance);
  if (other == nullptr) return {};
  auto json = to_json(*other, now);
  json["query-interval"] = seconds_or_null(other->query_interval);
  json["robustness-variable"] =
      other->robustness > 0 ? text::Json(other->robustness) : text::Json{};
  json["measured-query-interval"] = seconds_or_null(other->measured_interval);
  json["expire"] = time_left(instance.querier().other_querier_gone(), now);
  return json;
}

template <Family F>
text::Json rival_status(const instance::Instance<F>& instance, TimePoint now) {
  const auto* rival = instance.monitor().rival(now);
  if (rival == nullptr) return {};
  auto json = to_json(*rival, now);
  json["queries"] = rival->undue;
  return json;
}

template <Family F>
text::Json last_general_query(const instance::Instance<F>& instance, TimePoint now) {
  const auto& hosts = instance.monitor().hosts();
  if (hosts.last_query() == kNever || !instance.settings().explicit_tracking) return {};
  const auto before = hosts.answered_before();
  return {{"ago", text::seconds(now - hosts.last_query())},
          {"answered", hosts.answered()},
          {"complete", is_answer_over(instance, now)},
          {"answered-before", before ? text::Json(*before) : text::Json{}}};
}

template <Family F>
text::Json held_groups(const instance::Instance<F>& instance) {
  auto json = text::Json::array();
  for (const auto& group : instance.settings().held_groups) {
    json.push_back(
        {{"group-address", to_string(group)}, {"joined", instance.held_groups().is_joined(group)}});
  }
  return json;
}

template <Family F>
text::Json settings_status(const core::Settings<F>& s) {
  return {{"version", number(s.version)},
          {"query-interval", text::seconds(s.query_interval.get())},
          {"query-max-response-time", text::seconds(s.response_interval.get())},
          {"robustness-variable", s.robustness.get()},
          {"other-querier-present-interval", text::seconds(s.default_other_querier_timeout())},
          {"proxy", s.proxy},
          {"explicit-tracking", s.explicit_tracking},
          {"max-groups", s.max_groups.get()}};
}

text::Json counts(const monitor::FaultCounters& fault_counts) {
  auto json = text::Json::object();
  for (const auto& [reason, entry] : fault_counts.entries())
    json[std::string{reason}] = entry.count;
  return json;
}

template <std::size_t Size>
text::Json by_sign(const std::array<std::uint64_t, Size>& changes) {
  auto json = text::Json::object();
  for (std::size_t i = 0; i < Size; ++i) {
    json[std::string{to_string(static_cast<core::TopologySign>(i))}] = changes.at(i);
  }
  return json;
}

template <Family F>
text::Json statistics_status(const monitor::LinkMonitor<F>& monitor, TimePoint now) {
  const auto& s = monitor.statistics();
  const auto sum = [](const auto& per_version) {
    return std::accumulate(per_version.begin(), per_version.end(), std::uint64_t{0});
  };
  const auto queries = sum(s.queries), reports = sum(s.reports);
  text::Json received{{"total", queries + reports + s.leaves},
                      {"query", queries},
                      {"report", reports},
                      {"leave", s.leaves}};
  for (std::size_t i = 0; i < s.queries.size(); ++i) {
    const auto version = "-v" + std::to_string(i + 1);
    received["query" + version] = s.queries[i];
    received["report" + version] = s.reports[i];
  }
  std::uint64_t dropped = 0;
  for (const auto& [reason, entry] : monitor.drops().entries()) dropped += entry.count;
  return {{"up-time", text::seconds(now - monitor.since())},
          {"sent",
           {{"query", s.general_queries_sent + s.specific_queries_sent},
            {"general-query", s.general_queries_sent},
            {"specific-query", s.specific_queries_sent}}},
          {"received", std::move(received)},
          {"dropped", {{"total", dropped}, {"reasons", counts(monitor.drops())}}},
          {"noticed", counts(monitor.faults())},
          {"elections-lost", s.elections_lost},
          {"role-changes", s.role_changes},
          {"topology-changes", by_sign(s.topology_changes)}};
}

/// Null where router discovery is off.
template <Family F>
text::Json router_discovery_status(const instance::Instance<F>& instance, TimePoint now) {
  const auto& settings = instance.settings();
  if (!settings.router_discovery) return {};
  const auto& s = instance.monitor().statistics();
  const auto counted = [](const auto& by_type) {
    return text::Json{
        {"advertisement", by_type[0]}, {"solicitation", by_type[1]}, {"termination", by_type[2]}};
  };
  return {{"interval", text::seconds(settings.advertisement_interval())},
          {"next-advertisement", time_left(instance.querier().router_discovery().deadline(), now)},
          {"sent", counted(s.router_messages_sent)},
          {"received", counted(s.router_messages)}};
}

text::Json to_json(const std::vector<diagnose::Finding>& findings) {
  auto json = text::Json::array();
  for (const auto& finding : findings) {
    json.push_back({{"id", finding.id},
                    {"severity", to_string(finding.severity)},
                    {"subject", finding.subject},
                    {"what", finding.what},
                    {"fix", finding.fix}});
  }
  return json;
}

template <Family F>
std::string reason_for_role(const instance::Instance<F>& instance) {
  const auto& querier = instance.querier();
  switch (querier.role()) {
    case core::Role::kWaiting:
      return std::string{"waiting for "} + to_string(instance.wait_reason());
    case core::Role::kNonQuerier:
      return to_string(querier.querier()) + " queries" +
             (instance.settings().proxy ? ", and a proxy yields to every querier"
                                        : ", and its address is lower than ours");
    case core::Role::kQuerier:
      break;
  }
  return "no querier with a lower address queries";
}

}  // namespace

template <Family F>
diagnose::Verdict verdict_of(const instance::Instance<F>& instance, TimePoint now) {
  const auto evidence = service_evidence(instance, now);
  return diagnose::verdict(evidence, judge(evidence));
}

template <Family F>
text::Json interface_status(const instance::Instance<F>& instance, const NameOf& name_of,
                            TimePoint now) {
  const auto& querier = instance.querier();
  const auto& groups = querier.groups();
  const auto& interface = instance.interface();
  const bool asks = querier.role() == core::Role::kQuerier;
  const auto evidence = service_evidence(instance, now);
  const auto& bridge = evidence.bridge;
  const auto findings = judge(evidence);
  const auto verdict = diagnose::verdict(evidence, findings);
  // A proxy has the unspecified address, and is the elected one all the same.
  const auto elected =
      asks ? text::Json(to_string(querier.querier())) : text::or_null(querier.querier());
  return {{"interface-name", instance.interface_name()},
          {"family", F::kFamilyName},
          {"protocol", F::kName},
          {"healthy", verdict.healthy},
          {"verdict", verdict.text},
          {"findings", to_json(findings)},
          {"oper-status", instance.link().up ? "up" : "down"},
          {"mac-address", interface ? text::Json(to_string(interface->mac)) : text::Json{}},
          {"address", text::or_null(instance.link().self)},
          {"role", to_string(querier.role())},
          {"reason", reason_for_role(instance)},
          {"role-up-time", text::seconds(now - instance.monitor().role_since())},
          {"querier", elected},
          {"other-querier", other_querier_status(instance, now)},
          {"rival", rival_status(instance, now)},
          {"next-query", time_left(querier.next_query(), now)},
          {"groups-count", groups.size()},
          {"sources-count", groups.sources()},
          {"hosts-count", evidence.hosts},
          {"silent-hosts-count", evidence.silent},
          {"silent-hosts", evidence.silent_hosts},
          {"membership-interval", text::seconds(membership_interval(querier.timing()))},
          {"last-general-query", last_general_query(instance, now)},
          {"held-groups", held_groups(instance)},
          {"bridge", bridge ? bridge_status<F>(*bridge, name_of) : text::Json{}},
          {"router-discovery", router_discovery_status(instance, now)},
          {"settings", settings_status(instance.settings())},
          {"statistics", statistics_status(instance.monitor(), now)}};
}

template <Family F>
text::Json group_status(const instance::Instance<F>& instance, const core::Group<F>& group,
                        TimePoint now) {
  const bool excludes = group.mode() == core::FilterMode::kExclude;
  const auto longest = membership_interval(instance.querier().timing());
  auto expires = group.expires;
  auto sources = text::Json::array();
  for (const auto& source : group.sources()) {
    const bool is_wanted = source.is_requested();
    if (is_wanted && !excludes) expires = std::max(expires, source.expires);
    sources.push_back(
        {{"source-address", to_string(source.address)},
         {"forwarded", is_wanted},
         {"expire", is_wanted ? text::Json(text::seconds(source.expires - now)) : text::Json{}}});
  }
  auto hosts = text::Json::array();
  const bool tracks = instance.settings().explicit_tracking;
  for (const auto& host : group.hosts()) {  // those that are silent may not be taken off it yet
    if (!tracks || host.last_report + longest <= now) continue;
    hosts.push_back({{"host-address", to_string(host.address)},
                     {"version", number(host.version)},
                     {"last-report", text::seconds(now - host.last_report)}});
  }
  return {{"interface-name", instance.interface_name()},
          {"family", F::kFamilyName},
          {"group-address", to_string(group.address)},
          {"filter-mode", excludes ? "exclude" : "include"},
          {"version", number(group.compatibility(now))},
          {"up-time", text::seconds(now - group.since)},
          {"expire", text::seconds(expires - now)},
          {"last-reporter", text::or_null(group.last_reporter())},
          {"held", instance.held_groups().is_joined(group.address)},
          {"source", std::move(sources)},
          {"host", std::move(hosts)}};
}

template <Family F>
text::Json host_status(const instance::Instance<F>& instance, const typename F::Address& address,
                       const core::KnownHost<F>& host, TimePoint now) {
  return {{"interface-name", instance.interface_name()},
          {"family", F::kFamilyName},
          {"host-address", to_string(address)},
          {"mac-address", to_string(host.mac)},
          {"version", number(host.version)},
          {"up-time", text::seconds(now - host.since)},
          {"last-report", text::seconds(now - host.last_report)},
          {"answered-queries", host.answered},
          {"missed-queries", instance.monitor().hosts().missed(host)},
          {"awaited", host.is_awaited && !host.is_own},
          {"silent", is_silent(instance, host, now)}};
}

template diagnose::Verdict verdict_of(const instance::Instance<Igmp>&, TimePoint);
template diagnose::Verdict verdict_of(const instance::Instance<Mld>&, TimePoint);
template text::Json interface_status(const instance::Instance<Igmp>&, const NameOf&, TimePoint);
template text::Json interface_status(const instance::Instance<Mld>&, const NameOf&, TimePoint);
template text::Json group_status(const instance::Instance<Igmp>&, const core::Group<Igmp>&,
                                 TimePoint);
template text::Json group_status(const instance::Instance<Mld>&, const core::Group<Mld>&,
                                 TimePoint);
template text::Json host_status(const instance::Instance<Igmp>&, const Ipv4Address&,
                                const core::KnownHost<Igmp>&, TimePoint);
template text::Json host_status(const instance::Instance<Mld>&, const Ipv6Address&,
                                const core::KnownHost<Mld>&, TimePoint);

}  // namespace mcq::api
