#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/fd.hpp"

namespace mcq::app {

/// What systemd wants to hear (sd_notify(3)). Without systemd every call does nothing.
namespace service_manager {

void ready();
void reloading();
void stopping();
/// The line that `systemctl status` shows.
void status(const std::string& line);
/// Tells the watchdog that we are alive.
void alive();
/// How often alive() is due; nothing when there is no watchdog.
std::optional<Duration> watchdog_interval();

/// Leaves a descriptor with systemd, under a name, for the main process of this unit and for those
/// that follow it; replaces one left before (FileDescriptorStoreMax=).
Result<Ok> leave(const std::string& name, int fd);
/// Picks up what was left, by name. Only the first call finds anything.
std::map<std::string, os::Fd> pick_up();

}  // namespace service_manager
}  // namespace mcq::app
