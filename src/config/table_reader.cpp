#include "config/table_reader.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <sstream>
#include <utility>

#include "base/printable.hpp"

namespace mcq::config {
namespace {

std::string as_written(const toml::node& node) {
  std::ostringstream text;
  node.visit([&](const auto& n) { text << n; });
  auto written = text.str();
  if (const auto* string = node.as_string()) written = **string;
  return printable(written);
}

template <Family F>
std::string known_keys() {
  std::string list;
  for (const auto& option : options<F>()) {
    list += (list.empty() ? "" : ", ") + std::string{option.name};
  }
  return list;
}

Given given_in_file(const toml::node& node, const std::string& name, const std::string& file) {
  const auto untyped = [&](const toml::node& n) {
    return Given{at(file, n.source()) + name + " ", as_written(n)};
  };
  auto given = untyped(node);
  if (const auto* boolean = node.as_boolean()) {
    given.value = **boolean;
  } else if (const auto* integer = node.as_integer()) {
    given.value = static_cast<double>(**integer);
  } else if (const auto* number = node.as_floating_point()) {
    given.value = **number;
  } else if (node.is_string()) {
    given.value = given.text;
  } else if (const auto* array = node.as_array()) {
    auto& entries = given.value.emplace<std::vector<Given>>();
    for (const auto& entry : *array) entries.push_back(untyped(entry));
  }
  return given;
}

template <Family F>
Result<Ok> read_options(const toml::table& table, const std::string& file,
                        OptionValues<F>& values) {
  for (const auto& [key, node] : table) {
    const std::string name{key.str()};
    const auto* option = find_option<F>(name);
    if (option == nullptr) {
      return fail(at(file, node.source()) + "unknown key '" + printable(name) + "'; known are " +
                  known_keys<F>());
    }
    if (auto ok = values.set(*option, given_in_file(node, name, file)); !ok) return ok;
  }
  return Ok{};
}

/// An address of a VLAN precedes `proxy` of a wider table. Returns false if its own table has that.
bool query_from_address(ProtocolOptions& choices) {
  const auto& proxy = *find_option<Igmp>("proxy");
  if (choices.igmp.has(proxy)) return !choices.igmp.values().proxy;
  return choices.igmp.set(proxy, {"", "false", false}).has_value();
}

/// The table of a VLAN, [interface.NAME.vlan.NUMBER].
Result<VlanRule> read_vlan(const toml::node& node, const std::string& key, const std::string& title,
                           const std::string& file) {
  const auto number = parse_vlan(key);
  if (!number) {
    return fail(at(file, node.source()) + "'" + printable(key) +
                "' is not a VLAN: those have the numbers 1 to 4094, without leading zeros");
  }
  const auto own = title + ".vlan." + key;
  static constexpr std::array<std::string_view, 2> kKeys{"address", "prefix"};
  auto choices = read_protocols(node, own, file, kKeys);
  if (!choices) return fail(std::move(choices).error());
  VlanRule rule{.number = *number, .choices = *std::move(choices), .place = place_of(file, node)};
  const auto& table = *node.as_table();
  const auto* address = table.get("address");
  const auto* prefix = table.get("prefix");
  if (prefix != nullptr && (address == nullptr || !prefix->is_integer())) {
    return fail(at(file, prefix->source()) +
                "prefix must be the length of the prefix of the address in [" + own + "], 1 to 31");
  }
  if (address == nullptr) return rule;
  const auto length = prefix == nullptr ? std::nullopt : prefix->value<std::int64_t>();
  auto parsed = parse_vlan_address(as_written(*address), length);
  if (!parsed) return fail(at(file, address->source()) + parsed.error().message);
  rule.address = *parsed;
  if (!query_from_address(rule.choices)) {
    return fail(at(file, address->source()) + "[" + own +
                "] has an address, and proxy = true: leave one of the two out");
  }
  return rule;
}

}  // namespace

std::string at(const std::string& file, const toml::source_region& where) {
  return file + ":" + std::to_string(where.begin.line) + ": ";
}

std::string place_of(const std::string& file, const toml::node& node) {
  return file + ":" + std::to_string(node.source().begin.line);
}

Result<ProtocolOptions> read_protocols(const toml::node& node, const std::string& title,
                                       const std::string& file,
                                       std::span<const std::string_view> other_keys) {
  const auto* table = node.as_table();
  if (table == nullptr) return fail(at(file, node.source()) + title + " must be a table");
  ProtocolOptions choices;
  for (const auto& [name, protocol] : *table) {
    if (std::find(other_keys.begin(), other_keys.end(), name.str()) != other_keys.end()) continue;
    const bool is_mld = name.str() == "mld";
    if ((name.str() != "igmp" && !is_mld) || !protocol.is_table()) {
      return fail(at(file, protocol.source()) + "unknown key '" +
                  printable(std::string{name.str()}) + "' in [" + title +
                  "]; settings belong in [" + title + ".igmp] and [" + title +
                  ".mld], a VLAN of a trunk in [interface.eth0.vlan.20], and a name with a dot "
                  "needs quotes: [interface.\"eth0.20\"]");
    }
    const auto& settings = *protocol.as_table();
    auto ok = is_mld ? read_options(settings, file, choices.mld)
                     : read_options(settings, file, choices.igmp);
    if (!ok) return fail(std::move(ok).error());
    choices.has_mld_table = choices.has_mld_table || is_mld;
  }
  return choices;
}

Result<Vlans> read_vlans(const toml::table& interface, const std::string& title,
                         const std::string& file) {
  Vlans vlans;
  if (const auto* node = interface.get("vlans")) {
    auto ranges = parse_vlans(as_written(*node));
    if (!ranges) return fail(at(file, node->source()) + ranges.error().message);
    vlans.ranges = *std::move(ranges);
  }
  const auto* node = interface.get("vlan");
  if (node == nullptr) return vlans;
  const auto* tables = node->as_table();
  if (tables == nullptr) {
    return fail(at(file, node->source()) + "vlan must be a table, as [" + title + ".vlan.20]");
  }
  std::vector<VlanRule> rules;
  for (const auto& [key, table] : *tables) {
    auto rule = read_vlan(table, std::string{key.str()}, title, file);
    if (!rule) return fail(std::move(rule).error());
    if (vlans.contains(rule->number)) {
      return fail(rule->place + ": VLAN " + std::to_string(rule->number) +
                  " is in vlans as well: leave it out there");
    }
    rules.push_back(*std::move(rule));
  }
  std::sort(rules.begin(), rules.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  vlans.rules = std::move(rules);
  return vlans;
}

}  // namespace mcq::config
