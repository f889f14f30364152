#include "diagnose/firewall_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "diagnose/firewall.hpp"

namespace mcq::diagnose::firewall_rules {
namespace {

/// Who made the rules that drop packets: each has a command of its own to change them.
enum class FirewallKind { kUfw, kFirewalld, kIptables, kNftables };

FirewallKind kind_of(const text::Json& ruleset, const FirewallVerdict& verdict) {
  if (verdict.table == "firewalld") return FirewallKind::kFirewalld;
  const bool is_iptables = (verdict.family == "ip" || verdict.family == "ip6") &&
                           (verdict.table == "filter" || verdict.table == "raw");
  if (!is_iptables) return FirewallKind::kNftables;
  const auto objects = ruleset.find("nftables");
  const bool has_ufw = objects != ruleset.end() &&
                       std::any_of(objects->begin(), objects->end(), [](const auto& object) {
                         if (!object.is_object() || !object.contains("chain")) return false;
                         const std::string name = object["chain"].value("name", "");
                         return name.starts_with("ufw-") || name.starts_with("ufw6-");
                       });
  return has_ufw ? FirewallKind::kUfw : FirewallKind::kIptables;
}

/// The command that lets IGMP or MLD pass.
std::string allow(FirewallKind kind, const FirewallVerdict& verdict, const FirewallPacket& packet) {
  const auto* direction = packet.is_incoming ? "input" : "output";
  const auto* protocol = packet.is_ipv6 ? "ipv6-icmp" : "igmp";
  const auto* six = packet.is_ipv6 ? "6" : "";
  switch (kind) {
    case FirewallKind::kUfw:
      return fmt::format(
          "add to /etc/ufw/before{0}.rules, above COMMIT: -A ufw{0}-before-{1} -p {2} -j ACCEPT; "
          "then: sudo ufw reload",
          six, direction, protocol);
    case FirewallKind::kFirewalld:
      return fmt::format(
          "sudo firewall-cmd --permanent --zone=$(firewall-cmd --get-zone-of-interface={}) "
          "--add-protocol={} && sudo firewall-cmd --reload",
          packet.interface, protocol);
    case FirewallKind::kIptables:
      return fmt::format("sudo ip{}tables -I {} -p {} -j ACCEPT", six,
                         packet.is_incoming ? "INPUT" : "OUTPUT", protocol);
    case FirewallKind::kNftables:
      break;
  }
  return fmt::format("sudo nft insert rule {} {} {} meta l4proto {} accept", verdict.family,
                     verdict.table, verdict.chain, protocol);
}

/// The command that lets a stream pass.
std::string allow_stream(FirewallKind kind, const FirewallVerdict& verdict,
                         const FirewallPacket& packet) {
  const auto& group = packet.destination;
  switch (kind) {
    case FirewallKind::kUfw:
      return fmt::format("sudo ufw allow in proto udp to {}", group);
    case FirewallKind::kFirewalld:
      return fmt::format(
          "sudo firewall-cmd --permanent --zone=$(firewall-cmd --get-zone-of-interface={}) "
          "--add-port={}/udp && sudo firewall-cmd --reload",
          packet.interface, packet.port);
    case FirewallKind::kIptables:
      return fmt::format("sudo ip{}tables -I INPUT -d {} -j ACCEPT", packet.is_ipv6 ? "6" : "",
                         group);
    case FirewallKind::kNftables:
      break;
  }
  return fmt::format("sudo nft insert rule {} {} {} {} daddr {} accept", verdict.family,
                     verdict.table, verdict.chain, packet.is_ipv6 ? "ip6" : "ip", group);
}

/// "inet filter input drops IGMP (its policy)"
std::string dropped_by(const FirewallVerdict& verdict, std::string_view what) {
  return fmt::format("{} {} {} drops {} ({})", verdict.family, verdict.table, verdict.chain, what,
                     verdict.rule);
}

/// What the firewall does with a query that arrives or a report that leaves; none if it drops
/// neither.
std::optional<std::pair<FirewallPacket, FirewallVerdict>> filtered(const Survey& survey,
                                                                   const std::string& interface,
                                                                   bool is_ipv6) {
  for (const auto& packet :
       {FirewallPacket::query(is_ipv6, interface), FirewallPacket::report(is_ipv6, interface)}) {
    const auto verdict = judge(*survey.ruleset, packet);
    if (verdict.outcome == FirewallVerdict::Outcome::kDrop) return std::pair{packet, verdict};
  }
  return std::nullopt;
}

}  // namespace

void igmp_filtered_here(const Rule& rule, const Survey& survey, Findings& findings) {
  if (!survey.ruleset) return;
  for (const auto& interface : survey.interfaces) {
    if (!survey.is_lan(interface)) continue;
    for (const bool is_ipv6 : {false, true}) {
      const auto& name = interface.link.name;
      const auto joined = interface.first_joined(is_ipv6);
      const auto found = joined ? filtered(survey, name, is_ipv6) : std::nullopt;
      if (!joined || !found) continue;
      const auto& [packet, verdict] = *found;
      add(findings, rule, name,
          fmt::format("this host joined {} and {}: {}", *joined,
                      packet.is_incoming ? "does not receive queries" : "its reports do not leave",
                      dropped_by(verdict, is_ipv6 ? "MLD" : "IGMP")),
          allow(kind_of(*survey.ruleset, verdict), verdict, packet), name);
    }
  }
}

void filtered_without_members(const Rule& rule, const Survey& survey, Findings& findings) {
  if (!survey.ruleset) return;
  for (const auto& interface : survey.interfaces) {
    if (!survey.is_lan(interface) || interface.first_joined(false)) continue;
    const auto& name = interface.link.name;
    const auto found = filtered(survey, name, false);
    if (!found) continue;
    const auto& [packet, verdict] = *found;
    add(findings, rule, name,
        fmt::format("{}: {}",
                    packet.is_incoming ? "a receiver on this host would get no queries"
                                       : "the reports of a receiver on this host would not leave",
                    dropped_by(verdict, "IGMP")),
        allow(kind_of(*survey.ruleset, verdict), verdict, packet), name);
  }
}

void stream_filtered_here(const Rule& rule, const Survey& survey, Findings& findings) {
  if (!survey.ruleset) return;
  for (const auto& lan : survey.lans) {
    const auto* interface = survey.find(lan.interface);
    if (interface == nullptr) continue;
    for (const auto* link : {&lan.igmp, &lan.mld}) {
      for (const auto& stream : link->streams) {
        if (!interface->has_joined(stream.group)) continue;
        const FirewallPacket packet{true,          link == &lan.mld, "udp",      "",
                                    lan.interface, stream.group,     stream.port};
        const auto verdict = judge(*survey.ruleset, packet);
        if (verdict.outcome != FirewallVerdict::Outcome::kDrop) continue;
        add(findings, rule, stream.group,
            fmt::format("arrives from {}, and {}", stream.source, dropped_by(verdict, "it")),
            allow_stream(kind_of(*survey.ruleset, verdict), verdict, packet), lan.interface);
      }
    }
  }
}

}  // namespace mcq::diagnose::firewall_rules
