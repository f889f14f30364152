#pragma once

#include <libmnl/libmnl.h>

#include <vector>

#include "os/bridge.hpp"

namespace mcq::os {

/// Parses the IFLA_INFO_DATA of a bridge; null gives a bridge that tells nothing.
Bridge parse_bridge(const nlattr* data);

/// Appends the entries of a message of a table (RTM_NEWMDB). Skips what is cut short, and groups of
/// neither family.
void parse_bridge_entries(const nlmsghdr& message, std::vector<BridgeEntry>& entries);

}  // namespace mcq::os
