#include "diagnose/host_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string>

#include "text/printable.hpp"

namespace mcq::diagnose::host_rules {
namespace {

constexpr std::size_t kSmallBuffer = std::size_t{128} * 1024;

/// Whether two interfaces have addresses of one subnet.
bool share_subnet(const os::Interface& a, const os::Interface& b) {
  if (a.addresses.empty() || b.addresses.empty()) return false;
  const auto& mine = a.addresses.front();
  const auto& other = b.addresses.front();
  return mine.subnet.length == other.subnet.length && mine.subnet.contains(other.local);
}

std::string address(const os::Interface& link) {
  const auto& own = link.addresses.front();
  return fmt::format("{}/{}", to_string(own.local), int{own.subnet.length});
}

}  // namespace

void no_lan_interface(const Rule& rule, const Survey& survey, Findings& findings) {
  const bool has_lan = std::any_of(survey.interfaces.begin(), survey.interfaces.end(),
                                   [&](const auto& interface) { return survey.is_lan(interface); });
  if (has_lan) return;
  add(findings, rule, "this host", "no Ethernet interface is up and has an address",
      "connect the cable, and give the interface an address: ip address");
}

void wireless_lan(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& interface : survey.interfaces) {
    if (!interface.is_wireless || !survey.is_lan(interface)) continue;
    const auto& name = interface.link.name;
    add(findings, rule, name,
        "is wireless: access points send multicast slowly and without repeating what is lost, and "
        "some filter it",
        "connect senders, receivers and the querier by cable", name);
  }
}

void port_of_bridge(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& interface : survey.interfaces) {
    const auto& name = interface.link.name;
    if (!interface.link.is_port) continue;
    if (survey.find_lan(name) == nullptr && !survey.daemon.serves(name, "ipv4")) continue;
    add(findings, rule, name,
        fmt::format("is a port of {}{}, which receives its packets",
                    interface.master_kind.empty() ? "" : interface.master_kind + " ",
                    interface.master),
        "use -i " + interface.master, name);
  }
}

void two_interfaces_one_lan(const Rule& rule, const Survey& survey, Findings& findings) {
  for (auto a = survey.interfaces.begin(); a != survey.interfaces.end(); ++a) {
    for (auto b = std::next(a); b != survey.interfaces.end(); ++b) {
      if (!survey.is_lan(*a) || !survey.is_lan(*b)) continue;
      if (!share_subnet(a->link, b->link)) continue;
      add(findings, rule, b->link.name,
          fmt::format("{} ({}) and {} ({}) are in one subnet: programs join and send on one of "
                      "them, and which one is chance",
                      a->link.name, address(a->link), b->link.name, address(b->link)),
          "keep one of them, or make them a bond; or name the interface in each program",
          b->link.name);
    }
  }
}

void multicast_route(const Rule& rule, const Survey& survey, Findings& findings) {
  const auto& route = survey.multicast_route;
  if (route.empty() || route == survey.default_route) return;
  const auto* interface = survey.find(route);
  if (interface != nullptr && survey.is_lan(*interface) && survey.default_route.empty()) return;
  add(findings, rule, route,
      fmt::format(
          "239.0.0.0/8 is routed to {}: programs that name no interface join and send there",
          route),
      survey.default_route.empty()
          ? "right if streams are to stay on this host; otherwise: ip route get 239.0.0.1"
          : fmt::format("right if that is wanted; otherwise: sudo ip route replace 239.0.0.0/8 dev "
                        "{}",
                        survey.default_route));
}

void rp_filter_drops(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& lan : survey.lans) {
    const auto* interface = survey.find(lan.interface);
    if (interface == nullptr || interface->rp_filter != 1) continue;
    std::vector<std::string> senders;
    for (const auto& querier : lan.igmp.queriers) senders.push_back(querier.address);
    for (const auto& stream : lan.igmp.streams) {
      if (interface->has_joined(stream.group)) senders.push_back(stream.source);
    }
    for (const auto& sender : senders) {
      if (survey.is_own(sender)) continue;
      const auto route = survey.routes.find(sender);
      if (route == survey.routes.end() || route->second == lan.interface) continue;
      add(findings, rule, sender,
          fmt::format("its packets arrive on {} and are dropped: rp_filter is strict, and {}",
                      lan.interface,
                      route->second.empty() ? "there is no route to it"
                                            : "the way to it leads over " + route->second),
          fmt::format("sudo sysctl net/ipv4/conf/{}/rp_filter=2", lan.interface), lan.interface);
      break;
    }
  }
}

void strict_rp_filter(const Rule& rule, const Survey& survey, Findings& findings) {
  std::size_t lans = 0;
  const InterfaceEvidence* strict = nullptr;
  for (const auto& interface : survey.interfaces) {
    if (!survey.is_lan(interface)) continue;
    ++lans;
    if (interface.rp_filter == 1) strict = &interface;
  }
  if (lans < 2 || strict == nullptr) return;
  const auto& name = strict->link.name;
  add(findings, rule, name,
      fmt::format("rp_filter is strict, and there are {} LANs: packets of a sender that is reached "
                  "over another one are dropped",
                  lans),
      fmt::format("sudo sysctl net/ipv4/conf/{}/rp_filter=2", name), name);
}

namespace {

std::size_t joined4(const InterfaceEvidence& interface) {
  return static_cast<std::size_t>(
      std::count_if(interface.joined.begin(), interface.joined.end(),
                    [](const auto& group) { return std::holds_alternative<Ipv4Address>(group); }));
}

void memberships(const Rule& rule, const Survey& survey, Findings& findings, bool is_full) {
  const auto most = survey.limits.max_memberships;
  for (const auto& interface : survey.interfaces) {
    const auto joined = joined4(interface);
    const bool is_near = joined * 10 >= most * 9 && joined < most;
    if (is_full ? joined != most : !is_near) continue;
    add(findings, rule, interface.link.name,
        fmt::format("{} are joined, and igmp_max_memberships lets a socket join {}",
                    text::counted(joined, "group"), most),
        fmt::format("sudo sysctl net.ipv4.igmp_max_memberships={}",
                    std::max<std::size_t>(200, most * 4)),
        interface.link.name);
  }
}

}  // namespace

void memberships_full(const Rule& rule, const Survey& survey, Findings& findings) {
  memberships(rule, survey, findings, true);
}

void memberships_near(const Rule& rule, const Survey& survey, Findings& findings) {
  memberships(rule, survey, findings, false);
}

void forced_version(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& interface : survey.interfaces) {
    if (!survey.is_lan(interface)) continue;
    const auto& name = interface.link.name;
    if (interface.force_igmp_version != 0) {
      add(findings, rule, name,
          fmt::format("force_igmp_version is {}: this host does not follow the querier's version",
                      interface.force_igmp_version),
          fmt::format("sudo sysctl net/ipv4/conf/{{all,{}}}/force_igmp_version=0", name), name);
    }
    if (interface.force_mld_version != 0) {
      add(findings, rule, name,
          fmt::format("force_mld_version is {}: this host does not follow the querier's version",
                      interface.force_mld_version),
          fmt::format("sudo sysctl net/ipv6/conf/{{all,{}}}/force_mld_version=0", name), name);
    }
  }
}

void small_receive_buffer(const Rule& rule, const Survey& survey, Findings& findings) {
  if (survey.limits.receive_buffer >= kSmallBuffer) return;
  add(findings, rule, "this host",
      fmt::format("rmem_default is {} bytes: a stream's burst does not fit",
                  survey.limits.receive_buffer),
      "sudo sysctl net.core.rmem_default=212992");
}

void receive_buffer_full(const Rule& rule, const Survey& survey, Findings& findings) {
  if (survey.limits.receive_buffer_full == 0) return;
  add(findings, rule, "this host",
      fmt::format("{} of UDP dropped in {}, since a program's receive buffer was full",
                  text::counted(survey.limits.receive_buffer_full, "packet") +
                      (survey.limits.receive_buffer_full == 1 ? " was" : " were"),
                  in_seconds(survey.listened)),
      "find the program that is too slow (ss -uamn), or raise net.core.rmem_default");
}

void ipv6_off(const Rule& rule, const Survey& survey, Findings& findings) {
  for (const auto& interface : survey.interfaces) {
    const auto& name = interface.link.name;
    if (!interface.ipv6_off || !survey.daemon.serves(name, "ipv6")) continue;
    add(findings, rule, name, "IPv6 is off, and igmp-querier is to query with MLD here",
        fmt::format("sudo sysctl net/ipv6/conf/{}/disable_ipv6=0", name), name);
  }
}

void daemon_elsewhere(const Rule& rule, const Survey& survey, Findings& findings) {
  constexpr std::uint64_t kQueries = 2;
  for (const auto& served : survey.daemon.links) {
    const auto* lan = served.family == "ipv4" ? survey.find_lan(served.interface) : nullptr;
    if (lan == nullptr || lan->igmp.reports > 0 || lan->igmp.queries < kQueries) continue;
    for (const auto& other : survey.lans) {
      const auto* interface = survey.find(other.interface);
      const bool is_other = interface != nullptr && interface->link.name != served.interface &&
                            !survey.daemon.serves(other.interface, "ipv4") &&
                            other.igmp.queriers.empty();
      if (!is_other) continue;
      const auto hosts = other.igmp.hosts.size();
      const auto joined = interface->first_joined(false);
      if (hosts == 0 && !joined) continue;
      add(findings, rule, served.interface,
          fmt::format(
              "igmp-querier queries here: 0 reports to {}, while {}{} has {}",
              lan->igmp.queries == 1 ? "1 query" : std::to_string(lan->igmp.queries) + " queries",
              other.interface, other.interface == survey.default_route ? " (default route)" : "",
              hosts > 0 ? text::counted(hosts, "host") + " that report"
                        : "joined " + joined.value_or("")),
          "use -i " + other.interface, served.interface);
    }
  }
}

void daemon_stopped(const Rule& rule, const Survey& survey, Findings& findings) {
  if (!survey.daemon.is_installed || survey.daemon.answers || survey.daemon.is_running) return;
  add(findings, rule, "igmp-querier", "is installed and does not run",
      "sudo systemctl start igmp-querier; if it fails: journalctl -u igmp-querier");
}

void daemon_unreachable(const Rule& rule, const Survey& survey, Findings& findings) {
  if (survey.daemon.answers || !survey.daemon.is_running) return;
  add(findings, rule, "igmp-querier", "runs and does not answer here: " + survey.daemon.error,
      survey.daemon.is_forbidden
          ? "run with sudo, or join its group: sudo usermod -aG igmp-querier $USER"
          : "sudo systemctl restart igmp-querier");
}

}  // namespace mcq::diagnose::host_rules
