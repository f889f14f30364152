#include "app/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "os/system_error.hpp"

namespace mcq::app::service_manager {
namespace {

constexpr std::uint64_t kBarrierMicroseconds = 5'000'000;
constexpr std::uint64_t kLongestWatchdog = 365ULL * 24 * 3600 * 1'000'000;  ///< microseconds

}  // namespace

void ready() { sd_notify(0, "READY=1"); }
void reloading() { sd_notify(0, "RELOADING=1"); }
void stopping() { sd_notify(0, "STOPPING=1"); }
void status(const std::string& line) { sd_notify(0, ("STATUS=" + line).c_str()); }
void alive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<Duration> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  const std::chrono::microseconds time{std::min(microseconds, kLongestWatchdog)};
  return Duration{time} / 2;  // as sd_watchdog_enabled(3) advises
}

Result<Ok> leave(const std::string& name, int fd) {
  const auto field = "\nFDNAME=" + name;
  int status = sd_notify(0, ("FDSTOREREMOVE=1" + field).c_str());
  if (status == 0) return fail("systemd does not run this: no NOTIFY_SOCKET");
  if (status > 0) status = sd_pid_notify_with_fds(0, 0, ("FDSTORE=1" + field).c_str(), &fd, 1);
  // systemd takes the sender's word only while the sender lives.
  if (status > 0) status = sd_notify_barrier(0, kBarrierMicroseconds);
  if (status < 0) return fail("cannot leave a socket with systemd: " + os::describe(-status));
  return Ok{};
}

std::map<std::string, os::Fd> pick_up() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  std::map<std::string, os::Fd> found;
  for (int i = 0; i < count; ++i) {
    found.insert_or_assign(names[i], os::Fd{SD_LISTEN_FDS_START + i});
    std::free(names[i]);
  }
  std::free(names);
  return found;
}

}  // namespace mcq::app::service_manager
