#pragma once

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "os/nonblocking_writer.hpp"
#include "process/retry.hpp"

namespace mcq::process {

/// Notifies systemd of our state (sd_notify(3)) and never waits for it. What it does not take at
/// once is sent again every second, the latest of each kind. Without systemd ($NOTIFY_SOCKET) every
/// call does nothing.
class Notifier {
 public:
  explicit Notifier(boost::asio::io_context& io);

  void ready() { change_state("READY=1"); }
  void reloading() { change_state("RELOADING=1"); }
  void stopping() { change_state("STOPPING=1"); }
  /// Tells the watchdog that we are alive.
  void alive();
  /// Sets the line that `systemctl status` shows, cut after 1024 octets. At most one line is sent
  /// in a second; of those that are given meanwhile, the last.
  void status(std::string_view line);

 private:
  void change_state(std::string_view state);
  bool send();
  bool take_turn();

  std::optional<os::DatagramWriter> socket_;
  std::string state_;      ///< not sent yet; empty if none
  bool is_alive_ = false;  ///< and systemd does not know yet
  std::string status_, sent_status_;
  Retry turn_;  ///< the next one of the status line, and of what systemd did not take
};

}  // namespace mcq::process
