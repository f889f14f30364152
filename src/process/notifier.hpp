#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/event_loop.hpp"
#include "os/nonblocking_writer.hpp"
#include "process/retry.hpp"

namespace mcq::process {

/// Notifies systemd of the state of the process (sd_notify(3)) without blocking. Sends again every
/// second what systemd could not accept: the latest state, watchdog and status line. Without
/// $NOTIFY_SOCKET every call does nothing.
class Notifier {
 public:
  explicit Notifier(boost::asio::io_context& io);

  void ready() { change_state("READY=1"); }
  void reloading() { change_state("RELOADING=1"); }
  void stopping() { change_state("STOPPING=1"); }
  /// Resets the watchdog.
  void alive();
  /// Sets the line that `systemctl status` shows, cut after 1024 bytes. Sends at most one line per
  /// second: the last one set.
  void status(std::string_view line);

 private:
  void change_state(std::string_view state);
  bool send();
  bool take_turn();

  std::optional<os::DatagramWriter> socket_;
  std::string state_;      ///< to be sent; empty if none
  bool is_alive_ = false;  ///< a watchdog message is to be sent
  std::string status_, sent_status_;
  Retry turn_;  ///< sends the next status line, and what systemd did not accept
};

}  // namespace mcq::process
