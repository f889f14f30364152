#include "cli/would_query.hpp"

#include <algorithm>
#include <utility>

#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "eth0, eth1 and lan0"
std::string listed(const Names& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_last = i + 1 == names.size();
    if (i > 0) list += is_last ? " and " : ", ";
    list += printable(names[i]);
  }
  return list;
}

/// The links of a table that is no glob: "eth0", "VLANs 10,20-30 of eth0".
Names links_of(const config::InterfaceRule& rule) {
  Names names;
  if (rule.serves_untagged) names.push_back(rule.pattern);
  std::string numbers;
  if (!rule.vlans.ranges.empty()) numbers = to_string(rule.vlans.ranges);
  for (const auto& vlan : rule.vlans.rules) {
    numbers += (numbers.empty() ? "" : ",") + std::to_string(vlan.number);
  }
  const bool is_one = rule.vlans.size() == 1;
  if (!numbers.empty()) {
    names.push_back((is_one ? "VLAN " : "VLANs ") + numbers + " of " + rule.pattern);
  }
  return names;
}

/// The interfaces of this host that only a glob names.
Names of_globs(const config::Config& config, const Names& present) {
  Names names;
  for (const auto& name : present) {
    const auto* exact = config.table_of(name);
    const bool is_named = (exact != nullptr && !exact->is_glob()) || config.vlan_of(name);
    const bool fits =
        std::any_of(config.interfaces.begin(), config.interfaces.end(),
                    [&](const auto& rule) { return rule.is_glob() && rule.matches(name); });
    if (!is_named && fits) names.push_back(name);
  }
  return names;
}

}  // namespace

std::string would_query(const config::Config& config, const EthernetInterfaces& present) {
  if (config.interfaces.empty()) {
    return present.default_route.empty()
               ? "waits for a default route: no table names an interface"
               : "queries on " + printable(present.default_route) + ", which has the default route";
  }
  Names now, later;
  for (const auto& rule : config.interfaces) {
    if (rule.is_glob()) {
      later.push_back("interfaces called " + rule.pattern);
      continue;
    }
    auto& names = has(present.names, rule.pattern) ? now : later;
    for (auto& link : links_of(rule)) names.push_back(std::move(link));
  }
  for (auto& name : of_globs(config, present.names)) now.push_back(std::move(name));
  return (now.empty() ? "queries on no interface yet" : "queries on " + listed(now)) +
         (later.empty() ? "" : "; waits for " + listed(later));
}

}  // namespace mcq::cli
