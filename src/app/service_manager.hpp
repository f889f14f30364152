#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"

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

}  // namespace service_manager
}  // namespace mcq::app
