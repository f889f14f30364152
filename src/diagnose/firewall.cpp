#include "diagnose/firewall.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip_address.hpp"

namespace mcq::diagnose {
namespace {

using text::Json;

/// Whether a match holds; none if that cannot be said.
using Match = std::optional<bool>;

constexpr int kMaxDepth = 16;  ///< of jumps; the kernel has the same limit

/// What may become of a packet in a rule or a chain.
struct Outcomes {
  bool accept = false, drop = false;
  bool go_on = false;  ///< to the next rule
  bool leave = false;  ///< to the rule behind the jump to this chain
};
constexpr Outcomes kAccepted{.accept = true}, kDropped{.drop = true}, kNextRule{.go_on = true},
    kLeft{.leave = true};
/// Nothing is known.
constexpr Outcomes kAnything{true, true, true, false};

bool is(const Json& value, std::initializer_list<std::string_view> names) {
  return value.is_string() &&
         std::find(names.begin(), names.end(), value.get_ref<const std::string&>()) != names.end();
}

/// Whether `value` is one of the elements, each of which `holds` compares. Sets by name are not
/// followed.
template <class Holds>
Match any_of(const Json& right, Holds holds) {
  const auto* elements = &right;
  if (right.is_object() && right.contains("set")) elements = &right["set"];
  if (!elements->is_array()) return holds(*elements);
  bool is_unsure = false;
  for (const auto& element : *elements) {
    const auto held = holds(element);
    if (held && *held) return true;
    if (!held) is_unsure = true;
  }
  return is_unsure ? Match{} : Match{false};
}

Match equals(const Json& right, std::initializer_list<std::string_view> names) {
  return any_of(right, [&](const Json& element) -> Match {
    if (!element.is_string() || element.get_ref<const std::string&>().starts_with('@')) return {};
    return is(element, names);
  });
}

Match matches_interface(const Json& right, const std::string& name) {
  return any_of(right, [&](const Json& element) -> Match {
    if (!element.is_string()) return {};
    const auto& pattern = element.get_ref<const std::string&>();
    if (pattern.starts_with('@')) return {};
    if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == name;
  });
}

template <std::size_t Size>
Match contains(const Json& element, const Address<Size>& address) {
  const auto parsed = [](const Json& text) -> std::optional<Address<Size>> {
    if (!text.is_string()) return {};
    const auto any = parse_address(text.get_ref<const std::string&>());
    const auto* same = any ? std::get_if<Address<Size>>(&*any) : nullptr;
    return same != nullptr ? std::optional{*same} : std::nullopt;
  };
  if (const auto one = parsed(element)) return *one == address;
  if (!element.is_object()) return {};
  if (element.contains("prefix")) {
    const auto& prefix = element["prefix"];
    const auto network = parsed(prefix.value("addr", Json{}));
    const auto length = prefix.value("len", -1);
    if (!network || length < 0 || length > static_cast<int>(8 * Size)) return {};
    return Prefix<Size>{*network, static_cast<std::uint8_t>(length)}.contains(address);
  }
  if (element.contains("range") && element["range"].is_array() && element["range"].size() == 2) {
    const auto first = parsed(element["range"][0]), last = parsed(element["range"][1]);
    if (first && last) return *first <= address && address <= *last;
  }
  return {};
}

Match matches_destination(const Json& right, const std::string& destination) {
  const auto address = parse_address(destination);
  if (!address) return {};
  return any_of(right, [&](const Json& element) {
    return std::visit([&](const auto& a) { return contains(element, a); }, *address);
  });
}

Match matches_port(const Json& right, std::uint16_t port) {
  return any_of(right, [&](const Json& element) -> Match {
    if (element.is_number_unsigned()) return element.get<std::uint64_t>() == port;
    if (!element.is_object() || !element.contains("range")) return {};
    const auto& range = element["range"];
    if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number()) {
      return {};
    }
    return range[0].get<double>() <= port && port <= range[1].get<double>();
  });
}

Match matches_meta(const std::string& key, const Json& right, const FirewallPacket& packet) {
  const std::string_view protocol = packet.protocol;
  if (key == "l4proto") {
    return equals(right,
                  {protocol, protocol == "ipv6-icmp" ? std::string_view{"icmpv6"} : protocol});
  }
  if (key == "iifname" || key == "iif") {
    return packet.is_incoming ? matches_interface(right, packet.interface) : Match{false};
  }
  if (key == "oifname" || key == "oif") {
    return packet.is_incoming ? Match{false} : matches_interface(right, packet.interface);
  }
  if (key == "pkttype") return packet.is_incoming ? equals(right, {"multicast"}) : Match{};
  if (key == "nfproto") {
    return packet.is_ipv6 ? equals(right, {"ipv6"}) : equals(right, {"ipv4"});
  }
  if (key == "protocol") return packet.is_ipv6 ? equals(right, {"ip6"}) : equals(right, {"ip"});
  return {};
}

Match matches_payload(const std::string& protocol, const std::string& field, const Json& right,
                      const FirewallPacket& packet) {
  if (protocol == "ip" || protocol == "ip6") {
    if ((protocol == "ip6") != packet.is_ipv6) return false;
    if (field == "daddr") return matches_destination(right, packet.destination);
    if (field == "protocol") return equals(right, {packet.protocol});
    // MLD has hop-by-hop options (RFC 9777 §5), which come first.
    if (field == "nexthdr")
      return equals(right, {packet.icmpv6_type.empty() ? packet.protocol : "hopopt"});
    return {};
  }
  if (protocol == "icmpv6") {
    if (packet.protocol != "ipv6-icmp") return false;
    return field == "type" ? equals(right, {packet.icmpv6_type}) : Match{};
  }
  if (protocol == "icmp" || protocol == "tcp" || protocol == "sctp") return false;
  if (protocol == "igmp") return packet.protocol == "igmp" ? Match{} : Match{false};
  if (protocol == "udp" || protocol == "th") {
    if (packet.protocol != "udp") return false;
    return field == "dport" ? matches_port(right, packet.port) : Match{};
  }
  return {};
}

Match matches(const Json& left, const Json& right, const FirewallPacket& packet) {
  if (left.contains("meta")) return matches_meta(left["meta"].value("key", ""), right, packet);
  if (left.contains("payload")) {
    const auto& payload = left["payload"];
    return matches_payload(payload.value("protocol", ""), payload.value("field", ""), right,
                           packet);
  }
  // A message to a group is never an answer in a connection, nor is its address translated.
  if (left.contains("ct")) {
    const std::string key = left["ct"].value("key", "");
    if (key == "state") return equals(right, {"new", "untracked"});
    if (key == "status") return equals(right, {"confirmed"});
    return {};
  }
  if (left.contains("fib") && left["fib"].value("result", "") == "type") {
    const auto flags = left["fib"].value("flags", Json::array());
    const bool of_destination =
        std::any_of(flags.begin(), flags.end(), [](const auto& f) { return is(f, {"daddr"}); });
    if (of_destination) return equals(right, {"multicast"});
  }
  return {};
}

/// A match of a kernel module. Of those that iptables uses most, conntrack accepts the answers in
/// connections or drops what is invalid: neither is a message to a group.
Match matches_module(const Json& module) {
  return module.value("name", "") == "conntrack" ? Match{false} : Match{};
}

class Walk {
 public:
  Walk(const Json& ruleset, const FirewallPacket& packet) : packet_(packet) {
    const auto all = ruleset.find("nftables");
    if (all == ruleset.end()) return;
    for (const auto& object : *all) {
      if (object.contains("chain")) chains_.push_back(&object["chain"]);
      if (object.contains("rule")) rules_.push_back(&object["rule"]);
    }
  }

  FirewallVerdict verdict() {
    bool may_drop = false;
    for (const auto* chain : chains_) {
      if (!is_on_the_way(*chain)) continue;
      auto outcomes = follow(*chain, 0);
      if (outcomes.go_on) {
        if (chain->value("policy", "accept") == "drop") {
          note(*chain, "its policy");
          outcomes.drop = true;
        } else {
          outcomes.accept = true;
        }
      }
      if (outcomes.drop && !outcomes.accept) return dropped_;
      may_drop = may_drop || outcomes.drop;
    }
    using enum FirewallVerdict::Outcome;
    if (!may_drop) return {};
    dropped_.outcome = kUnknown;
    return dropped_;
  }

 private:
  bool is_of_family(const Json& object) const {
    const auto family = object.value("family", "");
    return family == "inet" || family == "netdev" || family == (packet_.is_ipv6 ? "ip6" : "ip");
  }

  bool is_on_the_way(const Json& chain) const {
    if (!is_of_family(chain) || chain.value("type", "") != "filter") return false;
    const auto hook = chain.value("hook", Json{});
    if (!packet_.is_incoming) return is(hook, {"output", "postrouting", "egress"});
    if (is(hook, {"ingress"}))
      return matches_interface(chain.value("dev", Json{}), packet_.interface).value_or(false);
    return packet_.is_incoming && is(hook, {"prerouting", "input"});
  }

  void note(const Json& chain, std::string rule) {
    dropped_ = {FirewallVerdict::Outcome::kDrop, chain.value("family", ""),
                chain.value("table", ""), chain.value("name", chain.value("chain", "")),
                std::move(rule)};
  }

  Outcomes follow(const Json& chain, int depth) {
    Outcomes all;
    if (depth > kMaxDepth) return kAnything;
    for (const auto* rule : rules_) {
      if (!is_rule_of(*rule, chain)) continue;
      const auto made = apply(*rule, depth);
      all.accept = all.accept || made.accept;
      all.drop = all.drop || made.drop;
      all.go_on = all.go_on || made.leave;
      if (!made.go_on) return all;
    }
    all.go_on = true;
    return all;
  }

  static bool is_rule_of(const Json& rule, const Json& chain) {
    return rule.value("family", "") == chain.value("family", "") &&
           rule.value("table", "") == chain.value("table", "") &&
           rule.value("chain", "") == chain.value("name", "");
  }

  /// What may become of the packet in a rule; go_on where it goes to the next one.
  Outcomes apply(const Json& rule, int depth) {
    bool is_sure = true;
    for (const auto& part : rule.value("expr", Json::array())) {
      if (!part.is_object() || part.empty()) continue;
      Match held = true;
      if (part.contains("match")) {
        const auto& match = part["match"];
        held = matches(match.value("left", Json::object()), match.value("right", Json{}), packet_);
        if (held && match.value("op", "") == "!=") held = !*held;
      } else if (part.contains("xt")) {
        // The target of a rule, such as LOG, is a module as well.
        if (part["xt"].value("name", "") == "REJECT") {
          note(rule, "rule " + std::to_string(rule.value("handle", 0)));
          return {false, true, !is_sure, false};
        }
        if (part["xt"].value("type", "") == "match") held = matches_module(part["xt"]);
      } else if (part.contains("limit")) {
        held = std::nullopt;
      } else if (const auto end = statement(part, rule, depth)) {
        auto outcomes = *end;
        outcomes.go_on = outcomes.go_on || !is_sure;
        return outcomes;
      }
      if (held && !*held) return kNextRule;
      is_sure = is_sure && held.has_value();
    }
    return kNextRule;
  }

  /// What a statement that ends a rule does; none for another statement.
  std::optional<Outcomes> statement(const Json& part, const Json& rule, int depth) {
    if (part.contains("accept")) return kAccepted;
    if (part.contains("drop") || part.contains("reject")) {
      note(rule, "rule " + std::to_string(rule.value("handle", 0)));
      return kDropped;
    }
    if (part.contains("queue")) return Outcomes{.accept = true, .drop = true};
    if (part.contains("return")) return kLeft;
    if (part.contains("jump")) return jump(rule, part["jump"].value("target", ""), depth);
    if (part.contains("goto")) {
      auto made = jump(rule, part["goto"].value("target", ""), depth);
      made.leave = std::exchange(made.go_on, false);
      return made;
    }
    if (part.contains("vmap")) return branch(part["vmap"], rule, depth);
    return std::nullopt;
  }

  Outcomes jump(const Json& rule, const std::string& target, int depth) {
    for (const auto* chain : chains_) {
      const bool is_it = chain->value("family", "") == rule.value("family", "") &&
                         chain->value("table", "") == rule.value("table", "") &&
                         chain->value("name", "") == target;
      if (is_it) return follow(*chain, depth + 1);
    }
    return kNextRule;
  }

  /// A verdict map: key and statement of each element.
  Outcomes branch(const Json& map, const Json& rule, int depth) {
    Outcomes all = kNextRule;
    const auto data = map.value("data", Json{});
    if (!data.is_object() || !data.contains("set") || !data["set"].is_array()) return kAnything;
    for (const auto& element : data["set"]) {
      if (!element.is_array() || element.size() != 2) continue;
      const auto held = matches(map.value("key", Json::object()), element[0], packet_);
      if (held && !*held) continue;
      const auto end = statement(element[1], rule, depth).value_or(kNextRule);
      if (held) return end;
      all = {all.accept || end.accept, all.drop || end.drop, true, all.leave || end.leave};
    }
    return all;
  }

  const FirewallPacket& packet_;
  std::vector<const Json*> chains_, rules_;
  FirewallVerdict dropped_;
};

}  // namespace

FirewallPacket FirewallPacket::query(bool is_ipv6, const std::string& interface) {
  if (is_ipv6) return {true, true, "ipv6-icmp", "mld-listener-query", interface, "ff02::1"};
  return {true, false, "igmp", "", interface, "224.0.0.1"};
}

FirewallPacket FirewallPacket::report(bool is_ipv6, const std::string& interface) {
  if (is_ipv6) return {false, true, "ipv6-icmp", "mld2-listener-report", interface, "ff02::16"};
  return {false, false, "igmp", "", interface, "224.0.0.22"};
}

FirewallVerdict judge(const Json& ruleset, const FirewallPacket& packet) {
  try {
    return Walk{ruleset, packet}.verdict();
  } catch (const Json::exception&) {  // another format than that of libnftables-json(5)
    return {.outcome = FirewallVerdict::Outcome::kUnknown};
  }
}

}  // namespace mcq::diagnose
