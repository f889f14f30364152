#include "diagnose/lan_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <string>

#include "text/printable.hpp"

namespace mcq::diagnose::lan_rules {
namespace {

bool is_own(const InterfaceEvidence& interface, const std::string& address) {
  const auto has = [&](const auto& addresses) {
    return std::any_of(addresses.begin(), addresses.end(),
                       [&](const auto& own) { return to_string(own.local) == address; });
  };
  return has(interface.link.addresses) || has(interface.link.addresses6);
}

/// Whether a programs' group of that protocol is joined, and which.
std::string first_joined(const InterfaceEvidence& interface, const LinkEvidence& link) {
  for (const auto& group : interface.joined) {
    const bool is_ipv6 = std::holds_alternative<Ipv6Address>(group);
    if (is_ipv6 == (link.protocol == "MLD")) return to_string(group);
  }
  return "";
}

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
                     [&](const auto& host) { return !is_own(interface, host); });
}

bool leads_out(const Survey& survey, const std::string& interface) {
  const auto* own = survey.find(interface);
  for (const auto& lan : survey.lans) {
    if (lan.interface != interface || own == nullptr) continue;
    return std::any_of(
        lan.igmp.queriers.begin(), lan.igmp.queriers.end(), [&](const auto& querier) {
          return is_own(*own, querier.address) || querier.mac == to_string(own->link.mac);
        });
  }
  return false;
}

}  // namespace

void no_querier(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    if (link.observed < kLongestQueryInterval || !link.queriers.empty()) return;
    const auto joined = first_joined(interface, link);
    if (joined.empty()) return;
    const auto& name = interface.link.name;
    add(findings, rule, link.protocol,
        fmt::format("no General Query in {}, and this host joined {}: a switch that snoops forgets "
                    "it after some {}, and its stream stops",
                    in_seconds(link.observed), joined, in_seconds(kSwitchMemory)),
        "run one querier on this LAN: sudo igmp-querier -i " + name +
            (link.protocol == "MLD" ? " --mld" : ""),
        name);
  });
}

void too_short(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    if (link.observed >= kLongestQueryInterval || !link.queriers.empty()) return;
    const auto joined = first_joined(interface, link);
    if (joined.empty() && link.groups.empty()) return;
    if (joined.empty() && link.protocol == "MLD") return;
    add(findings, rule, link.protocol,
        fmt::format("no General Query in {}, and queriers may query only every 125 s",
                    in_seconds(link.observed)),
        fmt::format("listen for longer: igmp-querier doctor -i {} --listen 130",
                    interface.link.name),
        interface.link.name);
  });
}

void own_host_mute(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    const auto joined = first_joined(interface, link);
    if (joined.empty() || has_other_member(interface, link, joined)) return;
    const bool was_asked =
        std::any_of(link.queriers.begin(), link.queriers.end(), [&](const auto& querier) {
          return !is_own(interface, querier.address) &&
                 querier.first.time + querier.response < link.observed;
        });
    const bool has_answered = std::any_of(
        link.hosts.begin(), link.hosts.end(),
        [&](const auto& host) { return is_own(interface, host.address) && host.unanswered == 0; });
    if (!was_asked || has_answered) return;
    const auto& name = interface.link.name;
    add(findings, rule, name,
        fmt::format("this host joined {} and does not answer the queries that arrive: something on "
                    "it drops {}",
                    joined, link.protocol),
        fmt::format("look at its firewall (sudo nft list ruleset) and at rp_filter of {}", name),
        name);
  });
}

void foreign_querier(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    if (link.protocol != "IGMP" || interface.link.addresses.empty()) return;
    for (const auto& querier : link.queriers) {
      const auto address = parse_address(querier.address);
      if (querier.is_unspecified || !address) continue;
      const auto* source = std::get_if<Ipv4Address>(&*address);
      const auto& own = interface.link.addresses;
      const bool is_near = source == nullptr ||
                           std::any_of(own.begin(), own.end(),
                                       [&](const auto& a) { return a.subnet.contains(*source); });
      if (is_near) continue;
      add(findings, rule, querier.address,
          fmt::format("queries on {}, and is in none of its subnets ({}): some hosts and switches "
                      "ignore that",
                      interface.link.name, to_string(own.front().subnet)),
          "give that querier an address of this subnet", interface.link.name);
    }
  });
}

void joined_elsewhere(const Rule& rule, const Survey& survey, Findings& findings) {
  const auto report = [&](const LanEvidence& lan, const StreamEvidence& stream,
                          const std::string& where) {
    const auto* here = survey.find(lan.interface);
    if (here == nullptr || is_own(*here, stream.source)) return;
    if (where == lan.interface && here->has_joined(stream.group)) return;
    const auto other = std::find_if(survey.interfaces.begin(), survey.interfaces.end(),
                                    [&](const auto& i) { return i.has_joined(stream.group); });
    if (other == survey.interfaces.end()) return;
    add(findings, rule, stream.group,
        fmt::format("arrives on {} from {}, and a program of this host joined it on {}", where,
                    stream.source, other->link.name),
        where == lan.interface ? fmt::format("have the program join on {0}: name it there, or sudo "
                                             "ip route replace "
                                             "{1} dev {0}",
                                             where, stream.group)
                               : "give the port of the switch the VLAN of the stream, or make an "
                                 "interface for it",
        lan.interface);
  };
  for (const auto& lan : survey.lans) {
    for (const auto* link : {&lan.igmp, &lan.mld}) {
      for (const auto& stream : link->streams) report(lan, stream, lan.interface);
    }
    for (const auto& link : lan.tagged) {
      for (const auto& stream : link.streams) {
        report(lan, stream, fmt::format("{} in VLAN {}", lan.interface, link.vlan.value_or(0)));
      }
    }
  }
}

void silent_sender(const Rule& rule, const Survey& survey, Findings& findings) {
  constexpr Duration kLongEnough = 3s;
  if (!survey.group || survey.lans.empty() || survey.listened < kLongEnough) return;
  const auto group = to_string(*survey.group);
  bool arrives = false, is_joined = false;
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    arrives = arrives || std::any_of(link.streams.begin(), link.streams.end(),
                                     [&](const auto& stream) { return stream.group == group; });
    is_joined = is_joined || interface.has_joined(group);
  });
  // A switch that snoops brings a stream to members and to the querier alone.
  const bool is_querier = std::any_of(survey.lans.begin(), survey.lans.end(), [&](const auto& lan) {
    return leads_out(survey, lan.interface);
  });
  if (arrives || !(is_joined || is_querier)) return;
  add(findings, rule, group,
      fmt::format("no packet in {}, although {}", in_seconds(survey.listened),
                  is_joined ? "a program of this host joined it"
                            : "queries leave from here, so that every stream comes here"),
      "look at the sender: is it on, does it send over the interface of this LAN, with a TTL of at "
      "least 1?");
}

void unjoined_stream(const Rule& rule, const Survey& survey, Findings& findings) {
  for_each_link(survey, [&](const auto& interface, const auto& link) {
    for (const auto& stream : link.streams) {
      const bool is_link_local = stream.group.starts_with("ff02:");
      const bool is_joined = std::any_of(survey.interfaces.begin(), survey.interfaces.end(),
                                         [&](const auto& i) { return i.has_joined(stream.group); });
      if (is_joined || is_link_local || is_own(interface, stream.source)) continue;
      const bool is_router_port = leads_out(survey, interface.link.name);
      add(findings, rule, stream.group,
          fmt::format("{} of {} arrive on {}, and nobody on this host joined it",
                      text::counted(stream.packets, "packet"), stream.source, interface.link.name),
          is_router_port
              ? "queries leave from here, and switches send every stream to the querier: nothing "
                "to do"
              : "the switch does not snoop, or this port is a router port: look at its settings",
          interface.link.name);
    }
  });
}

}  // namespace mcq::diagnose::lan_rules
