#include "cli/open_vswitch.hpp"

#include <chrono>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <utility>

#include "base/ip_address.hpp"
#include "cli/bridge_ports.hpp"
#include "os/command.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

constexpr auto kPatience = std::chrono::seconds{3};

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream{line};
  std::vector<std::string> all;
  for (std::string word; stream >> word;) all.push_back(word);
  return all;
}

std::optional<std::string> ask(std::vector<std::string> question) {
  question.insert(question.begin(), "ovs-appctl");
  return os::output_of(question, kPatience);
}

/// Its snooping, in the form of /v1/status. It filters from the beginning, without a querier.
json bridge_status(bool snoops) {
  return {{"snooping", snoops}, {"filtering", snoops}, {"querier", {}}};
}

}  // namespace

std::map<std::string, std::string> parse_port_numbers(const std::string& answer,
                                                      const std::string& bridge) {
  std::map<std::string, std::string> ports;
  std::istringstream lines{answer};
  bool is_it = false;
  for (std::string line; std::getline(lines, line);) {
    const auto fields = words(line);
    const auto depth = line.find_first_not_of(' ');
    if (fields.empty()) continue;
    if (depth == 2) is_it = fields[0] == bridge + ":";        // "  br0:"
    if (depth != 4 || !is_it || fields.size() < 2) continue;  // "    eth1 1/2: (system)"
    ports[fields[1].substr(0, fields[1].find('/'))] = text::printable(fields[0]);
  }
  return ports;
}

json parse_group_table(const std::string& answer, const std::string& bridge,
                       const std::map<std::string, std::string>& ports) {
  auto entries = json::array();
  std::istringstream lines{answer};
  for (std::string line; std::getline(lines, line);) {  // "    1     0  239.1.2.3           3"
    const auto fields = words(line);
    if (fields.size() < 4) continue;
    // Newer releases have the protocol between VLAN and group.
    const auto& group = fields[fields.size() - 2];
    const auto address = parse_address(group);
    const bool is_router = group == "querier";
    if (!address && !is_router) continue;
    const auto port = ports.find(fields[0]);
    const auto name = fields[0] == "LOCAL"  ? bridge
                      : port == ports.end() ? text::printable(fields[0])
                                            : port->second;
    const bool is_ipv6 = address && std::holds_alternative<Ipv6Address>(*address);
    json entry{{"interface-name", bridge},
               {"family", is_ipv6 ? "ipv6" : "ipv4"},
               {"port-name", name},
               {"type", is_router ? "router" : "group"},
               {"group-address", is_router ? json{} : json(to_string(*address))},
               {"source-address", {}},
               {"blocked", false},
               {"vlan", {}},
               {"expire", {}}};
    if (fields[1] != "0") entry["vlan"] = std::atoi(fields[1].c_str());
    entries.push_back(entry);
    if (!is_router) continue;
    entry["family"] = "ipv6";  // it does not tell the families of queriers apart
    entries.push_back(std::move(entry));
  }
  return entries;
}

void add_open_vswitch(json& status, json& table) {
  std::optional<std::string> bridges;
  std::map<std::string, bool> snoops;
  for (auto& interface : status.at("interfaces")) {
    if (!bridge_of(interface).is_null()) continue;
    if (!bridges) bridges = ask({"dpif/show"}).value_or("");
    const std::string name = interface.at("interface-name");
    const auto ports = parse_port_numbers(*bridges, name);
    if (ports.empty()) continue;
    if (!snoops.contains(name)) {
      const auto groups = ask({"mdb/show", name});  // fails when it does not snoop
      snoops[name] = groups.has_value();
      for (auto& entry : parse_group_table(groups.value_or(""), name, ports)) {
        table.at("entries").push_back(std::move(entry));
      }
    }
    interface["bridge"] = bridge_status(snoops[name]);
  }
}

}  // namespace mcq::cli
