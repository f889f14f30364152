#include "os/systemd.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr std::uint64_t kBarrierMicroseconds = 5'000'000;
constexpr std::uint64_t kMaxWatchdog = 365ULL * 24 * 3600 * 1'000'000;  ///< microseconds

/// A variable of the environment; empty if it is not set.
std::string variable(const char* name) {
  const char* value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole ? std::optional{number} : std::nullopt;
}

bool is_this_process(std::string_view pid) { return parse<pid_t>(pid) == ::getpid(); }

/// Functions of libsystemd. Loaded on demand, since the daemon itself needs none of it nor of the
/// compression and cryptography libraries that come with it.
struct Library {
  void* handle = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);

  template <class Function>
  Function* find(const char* name) const {
    return handle == nullptr ? nullptr : reinterpret_cast<Function*>(::dlsym(handle, name));
  }
};

}  // namespace

std::optional<Duration> watchdog_interval() {
  const auto microseconds = parse<std::uint64_t>(variable("WATCHDOG_USEC"));
  if (!microseconds || *microseconds == 0) return std::nullopt;
  if (*microseconds == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  const auto pid = variable("WATCHDOG_PID");
  if (!pid.empty() && !is_this_process(pid)) return std::nullopt;
  const std::chrono::microseconds time{std::min(*microseconds, kMaxWatchdog)};
  return Duration{time} / 2;  // as sd_watchdog_enabled(3) advises
}

Result<Ok> store_socket(const std::string& name, int fd) {
  const Library library;
  const auto notify = library.find<decltype(sd_notify)>("sd_notify");
  const auto notify_with_fds =
      library.find<decltype(sd_pid_notify_with_fds)>("sd_pid_notify_with_fds");
  const auto barrier = library.find<decltype(sd_notify_barrier)>("sd_notify_barrier");
  if (notify == nullptr || notify_with_fds == nullptr || barrier == nullptr) {
    return fail("cannot load libsystemd.so.0, which systemd has: is systemd installed?");
  }
  const auto field = "\nFDNAME=" + name;
  int status = notify(0, ("FDSTOREREMOVE=1" + field).c_str());
  if (status == 0) return fail("systemd does not run this: no NOTIFY_SOCKET");
  if (status > 0) status = notify_with_fds(0, 0, ("FDSTORE=1" + field).c_str(), &fd, 1);
  // systemd may ignore a message whose sender has exited: wait until it has read this one.
  if (status > 0) status = barrier(0, kBarrierMicroseconds);
  if (status < 0) return fail("cannot leave a socket with systemd: " + describe(-status));
  return Ok{};
}

std::map<std::string, Fd> take_stored_sockets() {
  const auto pid = variable("LISTEN_PID"), names = variable("LISTEN_FDNAMES");
  const auto count = parse<int>(variable("LISTEN_FDS")).value_or(0);
  for (const auto* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  }
  std::map<std::string, Fd> found;
  const bool is_complete = std::count(names.begin(), names.end(), ':') + 1 == count;
  if (!is_this_process(pid) || names.empty() || !is_complete) return found;
  std::string_view left = names;
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) break;
    const auto name = left.substr(0, left.find(':'));
    found.insert_or_assign(std::string{name}, Fd{fd});
    left.remove_prefix(std::min(name.size() + 1, left.size()));
  }
  return found;
}

}  // namespace mcq::os
