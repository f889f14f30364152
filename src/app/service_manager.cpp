#include "app/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "os/system_error.hpp"

namespace mcq::app::service_manager {
namespace {

constexpr std::chrono::seconds kTurn{1};
constexpr std::size_t kLongestStatus = 1024;  ///< systemd ignores messages of 4096 octets and more
constexpr std::uint64_t kBarrierMicroseconds = 5'000'000;
constexpr std::uint64_t kLongestWatchdog = 365ULL * 24 * 3600 * 1'000'000;  ///< microseconds

}  // namespace

Notifier::Notifier(boost::asio::io_context& io) : turn_(io, kTurn, [this] { return take_turn(); }) {
  const char* name = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe)
  if (name == nullptr) return;
  if (auto socket = os::DatagramWriter::open(name)) socket_ = *std::move(socket);
}

void Notifier::change_state(std::string_view state) {
  state_ = state;
  if (!send()) turn_.later();
}

void Notifier::alive() {
  is_alive_ = true;
  if (!send()) turn_.later();
}

void Notifier::status(std::string_view line) {
  status_ = line.substr(0, kLongestStatus);
  if (!turn_.is_due() && !take_turn()) turn_.later();
}

/// Sends all but the status line. Returns whether nothing is left to be sent.
bool Notifier::send() {
  std::string text = state_;
  if (is_alive_) text += text.empty() ? "WATCHDOG=1" : "\nWATCHDOG=1";
  if (!socket_ || text.empty()) return true;
  const auto sent = socket_->write(text);
  if (!sent && os::is_temporary(sent.error())) return false;
  state_.clear();
  is_alive_ = false;
  return true;
}

/// Sends what is due, the status line included. Returns whether no further turn is needed: one
/// follows each status line, for the next must not come earlier.
bool Notifier::take_turn() {
  const bool is_done = send();
  if (!socket_ || status_ == sent_status_) return is_done;
  const auto sent = socket_->write("STATUS=" + status_);
  if (sent || !os::is_temporary(sent.error())) sent_status_ = status_;
  return false;
}

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
