#pragma once

#include <string>

#include "base/result.hpp"

namespace mcq::os {

/// Returns the ruleset of nftables, that of iptables-nft included, in JSON (libnftables-json(5)).
/// libnftables is loaded for it: the daemon does not need it. Requires CAP_NET_ADMIN. The error
/// says what to do.
Result<std::string> firewall_rules();

}  // namespace mcq::os
