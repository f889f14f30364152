#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/client.hpp"

namespace mcq::cli {

/// The "bridge" of an interface of /v1/status; null where it is no bridge.
const nlohmann::json& bridge_of(const nlohmann::json& interface);

/// "filters; its querier is 192.0.2.1 at port eth1, for another 4:10; routers at eth1". `routers`:
/// names of router ports.
std::string bridge_sentence(const nlohmann::json& bridge, const std::vector<std::string>& routers);

/// What the bridges of this host know: behind which port each group is, and routers are.
class BridgePorts {
 public:
  /// `status` and `table`: answers of /v1/status and /v1/bridge-table.
  BridgePorts(const nlohmann::json& status, const nlohmann::json& table);
  /// Asks the daemon, and Open vSwitch about an interface that is no Linux bridge. `parameters`:
  /// of the bridge table.
  static Result<BridgePorts> read(const Client& client, const nlohmann::json& status,
                                  const Parameters& parameters);

  struct Place {
    std::vector<std::string> ports;  ///< "this host" for its own programs
    std::string reason;              ///< why there is none, or more than these get it; or empty
    bool is_missing = false;         ///< the bridge filters and does not know the group
  };
  /// `group`: of /v1/groups.
  Place find(const nlohmann::json& group) const;
  std::vector<std::string> routers(const std::string& interface, const std::string& family) const;

 private:
  using Link = std::pair<std::string, std::string>;  ///< interface and family
  std::map<Link, std::string> floods_;               ///< why; empty while it filters
  std::map<std::pair<std::string, std::string>, std::vector<std::string>>
      groups_;  ///< by interface
  std::map<Link, std::vector<std::string>> routers_;
};

}  // namespace mcq::cli
