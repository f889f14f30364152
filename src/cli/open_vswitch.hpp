#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace mcq::cli {

/// Asks Open vSwitch, by ovs-appctl, about each interface of `status` that is no Linux bridge: adds
/// its snooping to `status`, and its table of groups and routers to `table`, the entries of
/// /v1/bridge-table. Adds nothing without that program, or where it may not ask.
void add_open_vswitch(nlohmann::json& status, nlohmann::json& table);

/// Names of ports by the number in the answer of `ovs-appctl dpif/show`, of one bridge.
std::map<std::string, std::string> parse_port_numbers(const std::string& answer,
                                                      const std::string& bridge);
/// The entries in the answer of `ovs-appctl mdb/show BRIDGE`. `ports`: of parse_port_numbers().
nlohmann::json parse_group_table(const std::string& answer, const std::string& bridge,
                                 const std::map<std::string, std::string>& ports);

}  // namespace mcq::cli
