#include "diagnose/lan_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <string>

#include "text/printable.hpp"

namespace mcq::diagnose::lan_rules {
namespace {

/// A stream that has no packet in this time does not arrive.
constexpr Duration kStreamPause = 3s;

/// Calls `use` with each interface that was listened to, and what was received of a protocol.
template <class Use>
void for_each_link(const Survey& survey, Use use) {
  for (const auto& lan : survey.lans) {
    const auto* interface = survey.find(lan.interface);
    if (interface == nullptr) continue;
    for (const auto* link : {&lan.igmp, &lan.mld}) use(*interface, *link);
  }
}

/// The members of a group that are not this host.
bool has_other_member(const InterfaceEvidence& interface, const LinkEvidence& link,
                      const std::string& group) {
  const auto found = std::find_if(link.groups.begin(), link.groups.end(),
                                  [&](const auto& seen) { return seen.address == group; });
  return found != link.groups.end() &&
         std::any_of(found->hosts.begin(), found->hosts.end(),
                     [&](const auto& host) { return !interface.is_own(host); });
}

/// Whether queries of this protocol leave from an interface: switches send every stream there.
bool is_querier(const InterfaceEvidence& interface, const LinkEvidence& link) {
  return std::any_of(link.queriers.begin(), link.queriers.end(), [&](const auto& querier) {
    return interface.is_own(querier.address) || querier.mac == to_string(interface.link.mac);
  });
}

/// The interface on which a program of this host has joined a group; null if none has.
const InterfaceEvidence* joined_on(const Survey& survey, const std::string& group) {
  const auto found = std::find_if(survey.interfaces.begin(), survey.interfaces.end(),
                                  [&](const auto& i) { return i.has_joined(group); });
  return found == survey.interfaces.end() ? nullptr : &*found;
}

bool carries(const LinkEvidence& link, const std::string& group) {
  return std::any_of(link.streams.begin(), link.streams.end(),
                     [&](const auto& stream) { return stream.group == group; });
}

/// Whether a group arrives on an interface where it is joined.
bool arrives_where_joined(const Survey& survey, const std::string& group) {
  bool found = false;
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    found = found || (interface.has_joined(group) && carries(link, group));
  });
  return found;
}

}  // namespace

void no_querier(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    if (link.observed < kLongestQueryInterval || !link.queriers.empty()) return;
    const auto joined = interface.first_joined(link.protocol == "MLD");
    if (!joined) return;
    const auto& name = interface.link.name;
    add(findings, rule, link.protocol,
        fmt::format("no General Query in {}, and this host joined {}: a switch that snoops forgets "
                    "it after some {}, and its stream stops",
                    in_seconds(link.observed), *joined, in_seconds(kSwitchMemory)),
        "run one querier on this LAN: sudo igmp-querier -i " + name +
            (link.protocol == "MLD" ? " --mld" : ""),
        name);
  });
}

void too_short(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    if (link.observed >= kLongestQueryInterval || !link.queriers.empty()) return;
    const auto joined = interface.first_joined(link.protocol == "MLD");
    const bool is_used = joined || std::any_of(link.groups.begin(), link.groups.end(),
                                               [](auto& g) { return is_stream_group(g.address); });
    if (!is_used) return;
    add(findings, rule, link.protocol,
        fmt::format("no General Query in {}, and queriers may query only every 125 s",
                    in_seconds(link.observed)),
        fmt::format("listen for longer: sudo igmp-querier doctor -i {} --listen 130",
                    interface.link.name),
        interface.link.name);
  });
}

void own_host_mute(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    const auto joined = interface.first_joined(link.protocol == "MLD");
    if (!joined || has_other_member(interface, link, *joined)) return;
    const bool was_asked =
        std::any_of(link.queriers.begin(), link.queriers.end(), [&](const auto& querier) {
          return !interface.is_own(querier.address) &&
                 querier.first.time + querier.response < link.observed;
        });
    const bool has_answered = std::any_of(
        link.hosts.begin(), link.hosts.end(),
        [&](const auto& host) { return interface.is_own(host.address) && host.unanswered == 0; });
    if (!was_asked || has_answered) return;
    const auto& name = interface.link.name;
    add(findings, rule, name,
        fmt::format("this host joined {} and does not answer the queries that arrive: something on "
                    "it drops {}",
                    *joined, link.protocol),
        fmt::format("look at its firewall (sudo nft list ruleset; sudo iptables-legacy -S) and at "
                    "rp_filter of {}",
                    name),
        name);
  });
}

void foreign_querier(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    if (link.protocol != "IGMP" || interface.link.addresses.empty()) return;
    for (const auto& querier : link.queriers) {
      if (querier.is_unspecified || interface.is_near(querier.address)) continue;
      add(findings, rule, querier.address,
          fmt::format("queries on {}, and is in none of its subnets ({}): some hosts and switches "
                      "ignore that",
                      interface.link.name, to_string(interface.link.addresses.front().subnet)),
          "give that querier an address of this subnet", interface.link.name);
    }
  });
}

void joined_elsewhere(const Rule& rule, const Survey& survey, Findings& findings) {
  const auto look = [&](const LanEvidence& lan, const StreamEvidence& stream,
                        const std::string& place) {
    const auto* other = joined_on(survey, stream.group);
    if (other == nullptr || survey.is_own(stream.source)) return;
    if (arrives_where_joined(survey, stream.group)) return;
    const bool is_tagged = place != lan.interface;
    const bool is_ipv6 = stream.group.find(':') != std::string::npos;
    add(findings, rule, stream.group,
        fmt::format("arrives on {} from {}, and a program of this host joined it on {}", place,
                    stream.source, other->link.name),
        is_tagged
            ? "give the port of the switch the VLAN of the stream, or make an interface for it"
        : is_ipv6 ? "have the program join on " + place + ": name it there"
                  : fmt::format("have the program join on {0}: name it there, or sudo ip route "
                                "replace {1} dev {0}",
                                place, stream.group),
        lan.interface);
  };
  for (const auto& lan : survey.lans) {
    for (const auto* link : {&lan.igmp, &lan.mld}) {
      for (const auto& stream : link->streams) look(lan, stream, lan.interface);
    }
    for (const auto& link : lan.tagged) {
      for (const auto& stream : link.streams) {
        look(lan, stream, fmt::format("{} in VLAN {}", lan.interface, link.vlan.value_or(0)));
      }
    }
  }
}

void silent_sender(const Rule& rule, const Survey& survey, Findings& findings) {
  if (!survey.group || survey.lans.empty() || survey.listened < kStreamPause) return;
  const auto group = to_string(*survey.group);
  const bool is_ipv6 = std::holds_alternative<Ipv6Address>(*survey.group);
  bool arrives = false, comes_here = false;
  for (const auto& lan : survey.lans) {
    const auto& link = is_ipv6 ? lan.mld : lan.igmp;
    const auto* interface = survey.find(lan.interface);
    arrives = arrives || carries(link, group);
    comes_here = comes_here || (interface != nullptr && is_querier(*interface, link));
  }
  // A switch that snoops brings a stream to members and to the querier alone.
  const auto* member = joined_on(survey, group);
  if (arrives || (member == nullptr && !comes_here)) return;
  add(findings, rule, group,
      fmt::format("no packet in {}, although {}", in_seconds(survey.listened),
                  member != nullptr ? "a program of this host joined it on " + member->link.name
                                    : "queries leave from here, so that every stream comes here"),
      "look at the sender: is it on, does it send over the interface of this LAN, with a TTL of at "
      "least 1?");
}

void unjoined_stream(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    for (const auto& stream : link.streams) {
      if (!is_stream_group(stream.group) || joined_on(survey, stream.group) != nullptr ||
          survey.is_own(stream.source)) {
        continue;
      }
      add(findings, rule, stream.group,
          fmt::format("{} from {}, and nobody on this host joined it",
                      text::counted(stream.packets, "packet"), stream.source),
          is_querier(interface, link)
              ? "queries leave from here, and switches send every stream to the querier: nothing "
                "to do"
              : "the switch does not snoop, floods what nobody joined, or takes this port for that "
                "of a router: look at its settings",
          interface.link.name);
    }
  });
}

}  // namespace mcq::diagnose::lan_rules
