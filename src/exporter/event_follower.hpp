#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/event_loop.hpp"
#include "client/api_client.hpp"
#include "process/timer.hpp"

namespace mcq::exporter {

/// Follows the event stream of a daemon, and reconnects when it ends. After a reconnect it
/// continues with the next event, or with the first one if the daemon was restarted.
class EventFollower {
 public:
  using Clock = std::chrono::steady_clock;
  struct Times {
    Clock::duration retry;       ///< before a reconnect, unless a working connection was lost
    Clock::duration slow_retry;  ///< the same after the daemon refused twice in a row
    Clock::duration linger;      ///< for which details are followed after they are not wanted
  };
  struct Callbacks {
    /// Reads a current Status and passes it to `then`; null if the daemon cannot be read.
    std::function<void(std::function<void(const nlohmann::json* status)> then)> read_status;
    /// The daemon's state may have changed: an event came, or events may have been missed.
    std::function<void()> on_change;
    /// An Event (docs/openapi.yaml) without priority debug came.
    std::function<void(const nlohmann::json& event)> on_event;
    /// A connection that has worked was lost; read_status follows at once.
    std::function<void()> on_lost;
  };

  /// `io` and `client` must outlive the follower.
  EventFollower(boost::asio::io_context& io, client::ApiClient& client, const Times& times,
                Callbacks callbacks);

  /// Reads the status, then connects. Call once.
  void start() { reconnect(); }
  bool is_following() const { return following_.has_value(); }
  /// Chooses whether detail events are followed too. They are kept for Times::linger, so that short
  /// changes cause no reconnects.
  void want_details(bool wanted);

 private:
  void reconnect();
  void follow();
  void switch_details();
  void on_daemon_event(const nlohmann::json& event);
  void retry();

  boost::asio::io_context& io_;
  client::ApiClient& client_;
  Times times_;
  Callbacks callbacks_;
  process::Timer retry_, linger_;
  std::optional<client::HttpGet> following_;
  Clock::time_point followed_since_{};
  bool wants_details_ = false;    ///< as want_details() chose
  bool follows_details_ = false;  ///< as the next connection asks for
  bool has_switched_ = false;     ///< reconnected to change details; no event since
  int refusals_ = 0;              ///< in a row
  std::uint64_t last_event_ = 0;  ///< its ID
  std::uint64_t pid_ = 0;         ///< of the daemon that last_event_ is from
  double up_time_ = 0;            ///< of that daemon, seconds
};

}  // namespace mcq::exporter
