#include "cli/bridge_ports.hpp"

#include <algorithm>

#include "cli/open_vswitch.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

/// Why a bridge forwards every group to all ports; empty if it does not, or does not tell.
std::string reason_to_flood(const json& bridge) {
  if (!bridge.at("snooping").get<bool>()) return "does not snoop";
  const auto& filtering = bridge.at("filtering");
  return filtering.is_boolean() && !filtering.get<bool>() ? "knows no querier" : "";
}

std::string querier_clause(const json& querier) {
  if (querier.at("expire").is_null()) return "its querier is itself";
  const auto& port = querier.at("port-name");
  return "its querier is " + text(querier.at("address")) +
         (port.is_null() ? " (this host)" : " at port " + text(port)) + ", for another " +
         clock_time(querier.at("expire"));
}

}  // namespace

const json& bridge_of(const json& interface) {
  static const json kNone;
  const auto found = interface.find("bridge");
  return found == interface.end() ? kNone : *found;
}

std::string bridge_sentence(const json& bridge, const std::vector<std::string>& routers) {
  const auto reason = reason_to_flood(bridge);
  const auto& querier = bridge.at("querier");
  auto sentence = reason.empty() ? bridge.at("filtering").is_null() ? "snoops" : "filters"
                                 : reason + ": every group goes to all ports";
  if (reason.empty() && !querier.is_null()) sentence += "; " + querier_clause(querier);
  if (reason.empty() && !routers.empty()) sentence += "; routers at " + joined(routers);
  return sentence;
}

BridgePorts::BridgePorts(const json& status, const json& table) {
  for (const auto& interface : status.at("interfaces")) {
    const auto& bridge = bridge_of(interface);
    if (bridge.is_null()) continue;
    floods_[{interface.at("interface-name"), interface.at("family")}] = reason_to_flood(bridge);
  }
  for (const auto& entry : table.at("entries")) {
    const std::string interface = entry.at("interface-name"), port = entry.at("port-name");
    if (entry.at("type") == "router") {
      add_once(routers_[{interface, entry.at("family")}], port);
    } else if (!entry.at("blocked").get<bool>()) {
      const std::string group = entry.at("group-address");
      add_once(groups_[{interface, group}], port == interface ? "this host" : port);
    }
  }
  for (auto& [group, ports] : groups_) std::sort(ports.begin(), ports.end());
  for (auto& [link, ports] : routers_) std::sort(ports.begin(), ports.end());
}

Result<BridgePorts> BridgePorts::read(const Client& client, const json& status,
                                      const Parameters& parameters) {
  auto told = status;
  auto table = json{{"entries", json::array()}};
  const auto& interfaces = told.at("interfaces");
  const bool has_bridge = std::any_of(interfaces.begin(), interfaces.end(),
                                      [](const json& one) { return !bridge_of(one).is_null(); });
  if (has_bridge) {
    auto answer = client.get("/v1/bridge-table", parameters);
    if (!answer) return fail(answer.error());
    table = *std::move(answer);
  }
  add_open_vswitch(told, table);
  return BridgePorts{told, table};
}

BridgePorts::Place BridgePorts::find(const json& group) const {
  const std::string interface = group.at("interface-name");
  const auto bridge = floods_.find({interface, group.at("family")});
  if (bridge == floods_.end()) return {{}, "no bridge"};
  const auto found = groups_.find({interface, group.at("group-address")});
  Place place;
  if (found != groups_.end()) place.ports = found->second;
  if (!bridge->second.empty()) {
    place.reason = "all: it " + bridge->second;
  } else if (place.ports.empty()) {
    place.reason = "none";
    place.is_missing = true;
  }
  return place;
}

std::vector<std::string> BridgePorts::routers(const std::string& interface,
                                              const std::string& family) const {
  const auto found = routers_.find({interface, family});
  return found == routers_.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace mcq::cli
