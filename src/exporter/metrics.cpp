#include "exporter/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "client/json_fields.hpp"
#include "core/event.hpp"
#include "text/printable.hpp"
#include "text/well_known_groups.hpp"

namespace mcq::exporter {
namespace {

using client::member;
using client::number;
using client::text;
using client::truth;
using nlohmann::json;
using prometheus::MetricType;
using Labels = std::vector<prometheus::ClientMetric::Label>;

constexpr std::size_t kMaxInterfaces = 1024;  ///< pairs of interface and family
constexpr std::size_t kMaxGroups = 1000;
constexpr std::size_t kMaxReasons = 64;  ///< per interface and metric; findings as well
constexpr std::size_t kMaxLabel = 128;   ///< bytes

struct Description {
  const char* name;
  MetricType type;
  const char* help;
};

enum Metric : std::size_t {
  kUp,
  kBuild,
  kExporterBuild,
  kStartTime,
  kLogLinesLost,
  kHealthy,
  kFinding,
  kLinkUp,
  kRole,
  kElected,
  kRival,
  kRoleChanges,
  kElectionsLost,
  kTopologyChanges,
  kQueriesSent,
  kMessagesReceived,
  kRouterMessages,
  kPacketsDropped,
  kAnomalies,
  kGroups,
  kSources,
  kHosts,
  kSilentHosts,
  kHostsAnswered,
  kQueryInterval,
  kMembershipInterval,
  kGroupMembers,
  kGroupsListed,
  kMetricCount
};

constexpr std::array<Description, kMetricCount> kDescriptions{{
    {"igmp_querier_up", MetricType::Gauge, "1 if the daemon answers the exporter, else 0."},
    {"igmp_querier_build_info", MetricType::Gauge, "The version of the daemon."},
    {"igmp_querier_exporter_build_info", MetricType::Gauge, "The version of the exporter."},
    {"igmp_querier_start_time_seconds", MetricType::Gauge,
     "Start time of the daemon, in seconds since 1970."},
    {"igmp_querier_log_lines_lost_total", MetricType::Counter,
     "Lines of the daemon's log lost because no reader accepted them in time."},
    {"igmp_querier_healthy", MetricType::Gauge,
     "1 if 'igmp-querier status' finds nothing wrong, else 0."},
    {"igmp_querier_finding", MetricType::Gauge,
     "1 for each kind of finding of 'igmp-querier status'; absent when there is none."},
    {"igmp_querier_link_up", MetricType::Gauge, "1 if the interface has a link, else 0."},
    {"igmp_querier_role", MetricType::Gauge,
     "1 for the role of the daemon, 0 for the other roles."},
    {"igmp_querier_elected_info", MetricType::Gauge,
     "The address of the elected querier; absent when there is none."},
    {"igmp_querier_rival_info", MetricType::Gauge,
     "Another querier that keeps querying although our address is lower; absent when there is "
     "none."},
    {"igmp_querier_role_changes_total", MetricType::Counter, "Changes of the role."},
    {"igmp_querier_elections_lost_total", MetricType::Counter, "Elections won by another querier."},
    {"igmp_querier_topology_changes_total", MetricType::Counter,
     "Changes of the topology that were followed by two queries, by their sign."},
    {"igmp_querier_queries_sent_total", MetricType::Counter,
     "Queries sent: General Queries, and group-specific ones."},
    {"igmp_querier_messages_received_total", MetricType::Counter,
     "Valid messages received, by type; queries and reports also by version."},
    {"igmp_querier_router_messages_total", MetricType::Counter,
     "Messages of Multicast Router Discovery sent and received, by type; absent where it is off."},
    {"igmp_querier_packets_dropped_total", MetricType::Counter, "Packets ignored, by reason."},
    {"igmp_querier_anomalies_total", MetricType::Counter,
     "Anomalies other than ignored packets, by reason."},
    {"igmp_querier_groups", MetricType::Gauge, "Groups with at least one member."},
    {"igmp_querier_sources", MetricType::Gauge, "Sources of all groups."},
    {"igmp_querier_hosts", MetricType::Gauge,
     "Hosts that reported within the membership interval."},
    {"igmp_querier_silent_hosts", MetricType::Gauge,
     "Hosts other than this one that joined, did not leave, and did not answer the last two "
     " General Queries although no other host can have answered for them."},
    {"igmp_querier_hosts_answered", MetricType::Gauge,
     "Hosts other than this one that answered the last General Query whose response time is "
     "over."},
    {"igmp_querier_query_interval_seconds", MetricType::Gauge,
     "Configured interval between General Queries."},
    {"igmp_querier_membership_interval_seconds", MetricType::Gauge,
     "Time after which a group without reports expires."},
    {"igmp_querier_group_members", MetricType::Gauge, "Members of a group."},
    {"igmp_querier_groups_listed", MetricType::Gauge,
     "Groups with a sample of igmp_querier_group_members, at most 1000."},
}};

/// Collects samples. Keeps the first of several with the same labels: Prometheus rejects a whole
/// exposition with duplicates.
class Exposition {
 public:
  /// Returns false when the metric has a value with these labels.
  bool add(Metric metric, Labels labels, double value) {
    auto& [samples, taken] = families_[metric];
    std::string key;  // clean() removes line breaks from values
    for (const auto& label : labels) key += label.name + '=' + label.value + '\n';
    if (!taken.insert(std::move(key)).second) return false;
    prometheus::ClientMetric sample;
    sample.label = std::move(labels);
    (kDescriptions[metric].type == MetricType::Counter ? sample.counter.value
                                                       : sample.gauge.value) = value;
    samples.push_back(std::move(sample));
    return true;
  }
  void add_known(Metric metric, const Labels& labels, std::optional<double> value) {
    if (value) add(metric, labels, *value);
  }

  std::string text() && {
    std::vector<prometheus::MetricFamily> all;
    for (std::size_t metric = 0; metric < kMetricCount; ++metric) {
      auto& samples = families_[metric].samples;
      if (samples.empty()) continue;
      const auto& [name, type, help] = kDescriptions[metric];
      all.push_back({name, help, type, std::move(samples)});
    }
    return prometheus::TextSerializer{}.Serialize(all);
  }

 private:
  struct Family {
    std::vector<prometheus::ClientMetric> samples;
    std::unordered_set<std::string> taken;
  };
  std::array<Family, kMetricCount> families_;
};

/// Makes a label value of foreign text: printable and at most kMaxLabel bytes.
std::string clean(std::string_view given) {
  constexpr std::size_t kRestOfCharacter = 3;
  auto result = printable(given.substr(0, kMaxLabel + kRestOfCharacter));
  if (result.size() <= kMaxLabel) return result;
  auto end = kMaxLabel;
  while ((result[end] & '\xc0') == '\x80') --end;
  result.resize(end);
  return result;
}

Labels with(Labels labels, const char* name, std::string value) {
  labels.push_back({name, std::move(value)});
  return labels;
}

/// The labels for interface and family of an interface or group; none when either is missing.
std::optional<Labels> labels_of(const json& value) {
  const auto* interface = text(member(&value, "interface-name"));
  const auto* family = text(member(&value, "family"));
  if (interface == nullptr || family == nullptr) return {};
  return Labels{{"interface", clean(*interface)}, {"family", clean(*family)}};
}

/// Parses "2026-01-15T20:14:03.118Z" into seconds since 1970.
std::optional<double> moment(const json* value) {
  const auto* given = text(value);
  std::tm parts{};
  const auto* rest =
      given == nullptr ? nullptr : ::strptime(given->c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || (*rest != '.' && *rest != 'Z')) return {};
  double fraction = 0, place = 1;
  for (++rest; *rest >= '0' && *rest <= '9'; ++rest) fraction += (*rest - '0') * (place /= 10);
  return static_cast<double>(::timegm(&parts)) + fraction;
}

void add_election(Exposition& to, const Labels& labels, const json& interface) {
  if (const auto* role = text(member(&interface, "role"))) {
    for (const auto* name : {"querier", "non-querier", "waiting"}) {
      to.add(kRole, with(labels, "role", name), *role == name ? 1 : 0);
    }
  }
  if (const auto* elected = text(member(&interface, "querier"))) {
    to.add(kElected, with(labels, "address", clean(*elected)), 1);
  }
  const auto* rival = member(&interface, "rival");
  if (const auto* address = text(member(rival, "address"))) {
    const auto* mac = text(member(rival, "mac-address"));
    to.add(kRival,
           with(with(labels, "address", clean(*address)), "mac_address", mac ? clean(*mac) : ""),
           1);
  }
}

void add_findings(Exposition& to, const Labels& labels, const json* findings) {
  if (findings == nullptr || !findings->is_array()) return;
  std::size_t left = kMaxReasons;
  for (const auto& finding : *findings) {
    const auto* id = text(member(&finding, "id"));
    const auto* severity = text(member(&finding, "severity"));
    if (id == nullptr || severity == nullptr) continue;
    const auto all = with(with(labels, "id", clean(*id)), "severity", clean(*severity));
    if (to.add(kFinding, all, 1) && --left == 0) return;
  }
}

void add_messages(Exposition& to, const Labels& labels, const json* statistics) {
  const auto* sent = member(statistics, "sent");
  for (const auto* type : {"general", "specific"}) {
    to.add_known(kQueriesSent, with(labels, "type", type),
                 number(member(sent, (std::string{type} + "-query").c_str())));
  }
  const auto* received = member(statistics, "received");
  for (const auto* type : {"query", "report"}) {
    for (const auto* version : {"1", "2", "3"}) {
      to.add_known(kMessagesReceived, with(with(labels, "type", type), "version", version),
                   number(member(received, (std::string{type} + "-v" + version).c_str())));
    }
  }
  to.add_known(kMessagesReceived, with(labels, "type", "leave"), number(member(received, "leave")));
}

void add_router_messages(Exposition& to, const Labels& labels, const json* discovery) {
  for (const auto* direction : {"sent", "received"}) {
    const auto* counts = member(discovery, direction);
    for (const auto* type : {"advertisement", "solicitation", "termination"}) {
      to.add_known(kRouterMessages, with(with(labels, "direction", direction), "type", type),
                   number(member(counts, type)));
    }
  }
}

/// Adds a counter for each reason. `first`, unless empty, is added even at 0, so that rate() sees
/// its first increase.
void add_reasons(Exposition& to, Metric metric, const Labels& labels, const json* counts,
                 std::string_view first = {}) {
  if (counts == nullptr || !counts->is_object()) return;
  std::size_t left = kMaxReasons;
  const auto add = [&](const std::string& reason, std::optional<double> count) {
    if (count && left > 0 && to.add(metric, with(labels, "reason", clean(reason)), *count)) --left;
  };
  if (!first.empty()) {
    const std::string reason{first};
    const auto* count = member(counts, reason.c_str());
    add(reason, count == nullptr ? 0 : number(count));
  }
  for (const auto& [reason, count] : counts->items()) add(reason, number(&count));
}

/// Number of hosts that answered the last General Query, or the one before while hosts may still
/// answer the last.
std::optional<double> answers(const json* last_query) {
  const auto complete = truth(member(last_query, "complete"));
  if (!complete) return {};
  return number(member(last_query, *complete ? "answered" : "answered-before"));
}

void add_interface(Exposition& to, const Labels& labels, const json& interface) {
  const auto of = [&](const char* name) { return member(&interface, name); };
  to.add_known(kHealthy, labels, truth(of("healthy")));
  add_findings(to, labels, of("findings"));
  if (const auto* link = text(of("oper-status"))) to.add(kLinkUp, labels, *link == "up" ? 1 : 0);
  add_election(to, labels, interface);

  const auto* statistics = of("statistics");
  to.add_known(kRoleChanges, labels, number(member(statistics, "role-changes")));
  to.add_known(kElectionsLost, labels, number(member(statistics, "elections-lost")));
  add_reasons(to, kTopologyChanges, labels, member(statistics, "topology-changes"));
  add_messages(to, labels, statistics);
  add_router_messages(to, labels, member(&interface, "router-discovery"));
  add_reasons(to, kPacketsDropped, labels, member(member(statistics, "dropped"), "reasons"),
              to_string(core::Notice::kDuplicateAddress));
  add_reasons(to, kAnomalies, labels, member(statistics, "noticed"));

  to.add_known(kGroups, labels, number(of("groups-count")));
  to.add_known(kSources, labels, number(of("sources-count")));
  to.add_known(kHosts, labels, number(of("hosts-count")));
  to.add_known(kSilentHosts, labels, number(of("silent-hosts-count")));
  to.add_known(kHostsAnswered, labels, answers(of("last-general-query")));
  to.add_known(kQueryInterval, labels, number(member(of("settings"), "query-interval")));
  to.add_known(kMembershipInterval, labels, number(of("membership-interval")));
}

/// Adds all interfaces. Returns the labels of those without explicit tracking.
std::set<Labels> add_interfaces(Exposition& to, const json* interfaces) {
  std::set<Labels> seen, untracked;
  if (interfaces == nullptr || !interfaces->is_array()) return untracked;
  for (const auto& interface : *interfaces) {
    const auto labels = labels_of(interface);
    if (!labels || !seen.insert(*labels).second) continue;
    add_interface(to, *labels, interface);
    const auto tracks = truth(member(member(&interface, "settings"), "explicit-tracking"));
    if (tracks == false) untracked.insert(*labels);
    if (seen.size() == kMaxInterfaces) break;
  }
  return untracked;
}

/// Number of members of a group. Prefers the count: the list may be incomplete.
std::optional<double> members_of(const json& group) {
  if (const auto count = number(member(&group, "hosts-count"))) return count;
  const auto* hosts = member(&group, "host");
  if (hosts == nullptr || !hosts->is_array()) return {};
  return static_cast<double>(hosts->size());
}

void add_groups(Exposition& to, const json& groups, const std::set<Labels>& untracked) {
  if (!groups.is_array()) return;
  std::size_t listed = 0;
  for (const auto& group : groups) {
    const auto* address = text(member(&group, "group-address"));
    const auto labels = labels_of(group);
    const auto members = members_of(group);
    if (address == nullptr || !labels || !members || untracked.contains(*labels)) continue;
    const auto name = clean(*address);
    const auto all =
        with(with(*labels, "group", name), "name", clean(text::well_known_group(name)));
    if (to.add(kGroupMembers, all, *members) && ++listed == kMaxGroups) break;
  }
  to.add(kGroupsListed, {}, static_cast<double>(listed));
}

}  // namespace

std::string metrics(const json* status, const json& groups) {
  Exposition to;
  const bool is_up = status != nullptr;
  to.add(kUp, {}, is_up ? 1 : 0);
  to.add(kExporterBuild, {{"version", IGMP_QUERIER_VERSION}}, 1);
  if (!is_up) return std::move(to).text();
  if (const auto* version = text(member(status, "version"))) {
    to.add(kBuild, {{"version", clean(*version)}}, 1);
  }
  const auto now = moment(member(status, "time"));
  const auto up_time = number(member(status, "up-time"));
  // Rounded, so that the value stays the same: both have milliseconds and vary slightly.
  if (now && up_time) to.add(kStartTime, {}, std::round(*now - *up_time));
  to.add_known(kLogLinesLost, {}, number(member(status, "log-lines-lost")));
  const auto untracked = add_interfaces(to, member(status, "interfaces"));
  add_groups(to, groups, untracked);
  return std::move(to).text();
}

}  // namespace mcq::exporter
