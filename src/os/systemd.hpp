#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Interval at which the service manager expects to be notified; none when it has no watchdog
/// (sd_watchdog_enabled(3)).
std::optional<Duration> watchdog_interval();

/// Stores a descriptor with the service manager, under a name, for the main process of this unit
/// and those that follow it; replaces one of that name (FileDescriptorStoreMax=). Fails when
/// systemd does not run this process.
Result<Ok> store_socket(const std::string& name, int fd);
/// Takes the stored descriptors, by name. A second call returns none.
std::map<std::string, Fd> take_stored_sockets();

}  // namespace mcq::os
