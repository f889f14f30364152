#include "config/run_options.hpp"

#include <utility>

namespace mcq::config {
namespace {

/// The links of a table, of which those that have all options in common are one.
std::vector<std::string> different_links(const InterfaceRule& rule) {
  std::vector<std::string> names;
  if (rule.serves_untagged) names.push_back(rule.pattern);
  if (!rule.vlans.ranges.empty()) {
    names.push_back(vlan_name(rule.pattern, rule.vlans.ranges.front().first));
  }
  for (const auto& vlan : rule.vlans.rules) names.push_back(vlan_name(rule.pattern, vlan.number));
  return names;
}

/// Where an interface or VLAN has its options, for a message; empty if no table names it.
std::string table_title(const std::string& name, const Config& config) {
  if (const auto vlan = config.vlan_of(name)) {
    const auto place = vlan->rule == nullptr ? vlan->trunk->place : vlan->rule->place;
    return place + ": VLAN " + std::to_string(vlan->number) + ": ";
  }
  const auto* table = config.table_of(name);
  return table == nullptr ? "" : table->title() + ": ";
}

/// Fails for a VLAN from which IGMP cannot query.
Result<Ok> check_address(const std::string& name, const ProtocolSettings& protocols,
                         const Config& config) {
  const auto vlan = config.vlan_of(name);
  const bool needs_address = vlan && protocols.igmp && !protocols.igmp->proxy;
  if (!needs_address || (vlan->rule != nullptr && vlan->rule->address)) return Ok{};
  return fail("it has no address to query from: give it one in [interface." + vlan->trunk->pattern +
              ".vlan." + std::to_string(vlan->number) +
              "], as address = \"192.168.20.2/24\", or set proxy = true for it");
}

}  // namespace

Result<ProtocolSettings> settings_for(const std::string& name, const RunOptions& options,
                                      const Config& config) {
  return make_protocol_settings_in_use(options.choices.over(config.options_for(name)));
}

Result<Ok> check(const RunOptions& options, const Config& config) {
  std::vector<std::string> names = options.interfaces;
  if (names.empty()) {
    for (const auto& rule : config.interfaces) {
      for (auto& name : different_links(rule)) names.push_back(std::move(name));
    }
  }
  if (names.empty()) names.emplace_back();  // the default route's, which no table names
  for (const auto& name : names) {
    const auto protocols = settings_for(name, options, config);
    const auto checked = protocols ? check_address(name, *protocols, config)
                                   : Result<Ok>{fail(protocols.error().message)};
    if (checked) continue;
    const bool both = options.choices != ProtocolOptions{} && config != Config{};
    return fail((both ? "command line and configuration file together: " : "") +
                table_title(name, config) + checked.error().message);
  }
  return Ok{};
}

}  // namespace mcq::config
