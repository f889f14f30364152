#include "app/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace mcq::app::service_manager {

void ready() { sd_notify(0, "READY=1"); }
void reloading() { sd_notify(0, "RELOADING=1"); }
void stopping() { sd_notify(0, "STOPPING=1"); }
void status(const std::string& line) { sd_notify(0, ("STATUS=" + line).c_str()); }
void alive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<Duration> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return Duration{std::chrono::microseconds{microseconds}} /
         2;  // as sd_watchdog_enabled(3) advises
}

}  // namespace mcq::app::service_manager
