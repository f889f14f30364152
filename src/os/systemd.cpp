#include "os/systemd.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr std::uint64_t kBarrierMicroseconds = 5'000'000;
constexpr std::uint64_t kLongestWatchdog = 365ULL * 24 * 3600 * 1'000'000;  ///< microseconds

}  // namespace

std::optional<Duration> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  const std::chrono::microseconds time{std::min(microseconds, kLongestWatchdog)};
  return Duration{time} / 2;  // as sd_watchdog_enabled(3) advises
}

Result<Ok> store_socket(const std::string& name, int fd) {
  const auto field = "\nFDNAME=" + name;
  int status = sd_notify(0, ("FDSTOREREMOVE=1" + field).c_str());
  if (status == 0) return fail("systemd does not run this: no NOTIFY_SOCKET");
  if (status > 0) status = sd_pid_notify_with_fds(0, 0, ("FDSTORE=1" + field).c_str(), &fd, 1);
  // systemd takes the sender's word only while the sender lives.
  if (status > 0) status = sd_notify_barrier(0, kBarrierMicroseconds);
  if (status < 0) return fail("cannot leave a socket with systemd: " + describe(-status));
  return Ok{};
}

std::map<std::string, Fd> take_stored_sockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  std::map<std::string, Fd> found;
  for (int i = 0; i < count; ++i) {
    found.insert_or_assign(names[i], Fd{SD_LISTEN_FDS_START + i});
    std::free(names[i]);
  }
  std::free(names);
  return found;
}

}  // namespace mcq::os
