#include "diagnose/link_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string>

#include "base/ip_address.hpp"
#include "diagnose/survey.hpp"
#include "text/printable.hpp"
#include "wire/parse_error.hpp"

namespace mcq::diagnose::link_rules {
namespace {

constexpr std::uint64_t kMuteAfter = 2;  ///< General Queries without an answer
constexpr std::size_t kFlapping = 4;     ///< elections lost and won, beyond the first

/// The interval that was measured; before that, the one that is advertised.
Duration interval_of(const QuerierEvidence& querier) {
  return querier.queries > 1 ? querier.typical_interval : querier.advertised_interval;
}

constexpr const char* kLookAtSender = "look at their sender: sudo tcpdump -n -v igmp or ip6";

/// " (first in frame 7)" of a capture.
std::string first_frame(const LinkEvidence& link, const MalformedEvidence& kind) {
  return link.interface.empty() ? fmt::format(" (first in frame {})", kind.first_frame) : "";
}

/// The number of groups that switches forget.
std::size_t stream_groups(const LinkEvidence& link) {
  return static_cast<std::size_t>(
      std::count_if(link.groups.begin(), link.groups.end(),
                    [](const auto& group) { return is_stream_group(group.address); }));
}

/// "frame 7" of a capture, "79 s ago" on an interface of this host.
std::string when(const LinkEvidence& link, const Sighting& seen) {
  return link.interface.empty() ? fmt::format("frame {}", seen.frame)
                                : in_seconds(link.observed - seen.time) + " ago";
}

std::uint64_t general_queries(const LinkEvidence& link) {
  std::uint64_t all = 0;
  for (const auto& querier : link.queriers) all += querier.queries;
  return all;
}

}  // namespace

void no_querier(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  if (general_queries(link) > 0 || link.observed < kLongestQueryInterval) return;
  const auto groups = stream_groups(link);
  if (groups == 0) return;
  add(findings, rule, link.protocol,
      fmt::format("no General Query in {}, and {}: a switch that snoops forgets them after some "
                  "{}, and their streams stop",
                  in_seconds(link.observed), text::counted(groups, "group"),
                  in_seconds(kSwitchMemory)),
      "run one querier on this LAN: sudo igmp-querier -i " +
          (link.interface.empty() ? "INTERFACE" : link.interface) +
          std::string{link.protocol == "MLD" ? " --mld" : ""});
}

void querier_gone(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  Sighting last;
  std::string who;
  for (const auto& querier : link.queriers) {
    if (querier.last.time >= last.time) last = querier.last, who = querier.address;
  }
  if (who.empty() || link.observed - last.time < kSwitchMemory) return;
  add(findings, rule, who,
      fmt::format("has sent no General Query for {}{}, and nobody has taken over",
                  in_seconds(link.observed - last.time),
                  link.interface.empty() ? fmt::format(" (the last in frame {})", last.frame) : ""),
      "find out why " + who + " stopped, or run another querier beside it");
}

void slow_querier(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  for (const auto& querier : link.queriers) {
    const auto interval = interval_of(querier);
    if (querier.address != link.querier || interval < link.switch_memory) continue;
    add(findings, rule, querier.address,
        fmt::format("queries only every {}, and switches forget members after {}",
                    in_seconds(interval), in_seconds(link.switch_memory)),
        "lower its query interval to at most " + in_seconds(link.switch_memory / 2));
  }
}

void two_queriers(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  const auto elected = std::find_if(link.queriers.begin(), link.queriers.end(),
                                    [&](const auto& q) { return q.address == link.querier; });
  if (elected == link.queriers.end()) return;
  for (const auto& other : link.queriers) {
    if (other.is_unspecified || other.address == link.querier) continue;
    // A querier that loses an election may send what it has begun: two queries.
    const auto together = std::min(other.last.time, elected->last.time) -
                          std::max(other.first.time, elected->first.time);
    const bool goes_on = other.queries > 2 && other.last.time > elected->first.time &&
                         other.typical_interval > Duration{} &&
                         together > 3 * other.typical_interval;
    if (!goes_on) continue;
    add(findings, rule, other.address,
        fmt::format("keeps querying although {} is the querier: {} General Queries in {}",
                    link.querier, other.queries, in_seconds(other.last.time - other.first.time)),
        "turn one of the two off, or look why the queries of " + link.querier + " do not reach " +
            other.address);
  }
}

void nobody_answers(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  if (link.hosts.empty()) return;
  const bool all_mute = std::all_of(link.hosts.begin(), link.hosts.end(),
                                    [](const auto& host) { return host.unanswered >= kMuteAfter; });
  if (!all_mute) return;
  const auto fewest =
      std::min_element(link.hosts.begin(), link.hosts.end(),
                       [](const auto& a, const auto& b) { return a.unanswered < b.unanswered; });
  add(findings, rule, link.protocol,
      fmt::format("{} joined and {} not left, and none has answered the last {} General Queries",
                  text::counted(link.hosts.size(), "host"), link.hosts.size() == 1 ? "has" : "have",
                  fewest->unanswered),
      "look whether the queries reach the hosts, and their answers the querier: capture at both");
}

void mute_host(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  const bool some_answer = std::any_of(link.hosts.begin(), link.hosts.end(), [](const auto& host) {
    return host.unanswered < kMuteAfter;
  });
  if (!some_answer) return;  // nobody_answers
  for (const auto& host : link.hosts) {
    if (host.unanswered < kMuteAfter) continue;
    add(findings, rule, host.address,
        fmt::format("has not answered the last {} General Queries and has not left; its last "
                    "report: {}",
                    host.unanswered, when(link, host.last)),
        "its firewall or its switch port drops " + link.protocol +
            ", or it was switched off; on it: sudo tcpdump -n igmp or ip6");
  }
}

void forgotten_group(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  for (const auto& group : link.forgotten) {
    add(findings, rule, group.group,
        fmt::format(
            "a switch would have forgotten it {} after its last report ({}){}",
            in_seconds(kSwitchMemory), when(link, group.last_report),
            group.back ? fmt::format(", until the next one ({})", when(link, *group.back)) : ""),
        "a querier has its members report in time");
  }
}

void stream_cut(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  for (const auto& cut : link.cuts) {
    add(findings, rule, cut.group,
        fmt::format("its stream from {} stopped {} after the last report ({}), with no query "
                    "since and no leave: a switch has forgotten the members",
                    cut.source, in_seconds(cut.last_packet.time - cut.last_report.time),
                    when(link, cut.last_report)),
        "run a querier; if the stream stopped at every port, look at its sender instead");
  }
}

void unspecified_source(const Rule& rule, const LinkEvidence& link,
                        std::vector<Finding>& findings) {
  for (const auto& querier : link.queriers) {
    if (!querier.is_unspecified) continue;
    add(findings, rule, querier.address,
        fmt::format("{} General Queries from {} ({}): some hosts and switches ignore them",
                    querier.queries, querier.address,
                    querier.mac.empty() ? "MAC address unknown" : querier.mac),
        "give that querier an address, or run one that has one");
  }
}

void no_router_alert(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  for (const auto& querier : link.queriers) {
    if (!querier.lacks_router_alert) continue;
    add(findings, rule, querier.address,
        "queries without the option Router Alert, which RFC 9776 requires: some hosts and switches "
        "ignore them",
        "look for a setting or a newer version of that querier");
  }
}

void long_interval(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  for (const auto& querier : link.queriers) {
    const auto interval = interval_of(querier);
    if (querier.address != link.querier || interval <= link.switch_memory / 2 ||
        interval >= link.switch_memory) {
      continue;
    }
    add(findings, rule, querier.address,
        fmt::format("queries every {}: one lost query is enough for a switch that forgets after {}",
                    in_seconds(interval), in_seconds(link.switch_memory)),
        "lower its query interval to at most " + in_seconds(link.switch_memory / 2));
  }
}

void flapping(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  if (link.elections.size() <= kFlapping) return;
  add(findings, rule, link.protocol,
      fmt::format("the querier changed {} times in {}", link.elections.size() - 1,
                  in_seconds(link.observed)),
      "look for a querier that comes and goes, or whose queries get lost");
}

void colliding_group(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  for (const auto& group : link.groups) {
    const auto address = parse_address(group.address);
    if (!address || !std::holds_alternative<Ipv4Address>(*address)) continue;
    const auto& bytes = std::get<Ipv4Address>(*address).bytes;
    // Ethernet carries the low 23 bits (RFC 1112 §6.4), here those of 224.0.0.0/24.
    if ((bytes[1] & 0x7f) != 0 || bytes[2] != 0) continue;
    add(findings, rule, group.address,
        "has the Ethernet address of a group of 224.0.0.0/24, which switches send to every port",
        "use a group whose second byte is not 0 or 128, or whose third is not 0");
  }
}

void malformed_messages(const Rule& rule, const LinkEvidence& link,
                        std::vector<Finding>& findings) {
  for (const auto& kind : link.malformed) {
    if (kind.reason == to_string(wire::ParseError::kUnspecifiedSource) ||
        kind.reason == to_string(wire::ParseError::kWrongTtl)) {
      continue;
    }
    add(findings, rule, link.protocol,
        fmt::format("{} dropped: {}{}",
                    text::counted(kind.count, "message") + (kind.count == 1 ? " is" : " are"),
                    kind.reason, first_frame(link, kind)),
        kLookAtSender);
  }
}

void version_mismatch(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  const QuerierEvidence* first = nullptr;
  for (const auto& querier : link.queriers) {
    if (first == nullptr) first = &querier;
    if (querier.newest == querier.oldest && querier.newest == first->newest) continue;
    add(findings, rule, querier.address,
        querier.newest != querier.oldest
            ? fmt::format("queries in versions {} and {}: all queriers of a LAN must use one",
                          querier.oldest, querier.newest)
            : fmt::format("queries in version {}, and {} in version {}: all queriers of a LAN must "
                          "use one",
                          querier.newest, first->address, first->newest),
        "set the same version in each querier (RFC 9776 section 7.3.1)");
  }
}

void wrong_ttl(const Rule& rule, const LinkEvidence& link, std::vector<Finding>& findings) {
  for (const auto& kind : link.malformed) {
    if (kind.reason != to_string(wire::ParseError::kWrongTtl)) continue;
    add(findings, rule, link.protocol,
        fmt::format("{} a TTL other than 1{}: they may come from another network",
                    text::counted(kind.count, "message") + (kind.count == 1 ? " has" : " have"),
                    first_frame(link, kind)),
        kLookAtSender);
  }
}

}  // namespace mcq::diagnose::link_rules
