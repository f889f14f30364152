#pragma once

#include <string>
#include <vector>

#include "config/config_file.hpp"

namespace mcq::cli {

/// The interfaces of this host, as far as they can be served.
struct EthernetInterfaces {
  std::vector<std::string> names{};
  std::string default_route{};  ///< that of the default route; empty without one
};

/// Where `run` would query with this configuration and no option: "queries on eth0 and lan1; waits
/// for eth9 and for interfaces called lan*".
std::string would_query(const config::Config& config, const EthernetInterfaces& present);

}  // namespace mcq::cli
