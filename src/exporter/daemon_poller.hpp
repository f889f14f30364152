#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "client/api_client.hpp"
#include "exporter/event_follower.hpp"
#include "process/timer.hpp"

namespace mcq::exporter {

/// How much of the daemon's state is read. Each depth includes those before it.
enum class Depth : std::uint8_t { kStatus, kGroups, kHosts };

/// The daemon's state at the last reading (docs/openapi.yaml).
struct DaemonState {
  std::uint64_t id = 0;  ///< number of the reading
  std::string time{};    ///< when the reading ended, as text::utc_time()
  /// When the first of the readings ended that all succeeded, or all failed, as this one.
  std::string since{};
  /// Why the daemon cannot be read; status, groups and hosts are empty then.
  std::optional<std::string> problem = "the daemon has not answered yet";
  nlohmann::json status{};                          ///< a Status, or null
  nlohmann::json groups = nlohmann::json::array();  ///< of Group, at most kMaxGroups
  nlohmann::json hosts = nlohmann::json::array();   ///< of Host, at most kMaxHosts
};

/// Reads the state of a daemon in another process through its API, and limits the load on it: all
/// users share one state, which is read again only when too old, and the pause after a reading
/// grows with its duration.
class DaemonPoller {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t kMaxInterfaces = 1024;  ///< pairs of interface and family
  static constexpr std::size_t kMaxGroups = 8192;
  static constexpr std::size_t kMaxGroupsAlone = 1000;  ///< while nobody asks for Depth::kHosts
  static constexpr std::size_t kMaxHosts = 1000;
  static constexpr std::size_t kMaxAnswer = 8UL * 1024 * 1024;  ///< bytes
  struct Times {
    Clock::duration fresh = std::chrono::seconds{1};  ///< age of a state that needs no new reading
    Clock::duration gap = std::chrono::milliseconds{400};    ///< shortest pause between readings
    Clock::duration widest_gap = std::chrono::seconds{10};   ///< longest pause
    Clock::duration longest_wait = std::chrono::seconds{1};  ///< until a reading begins
    Clock::duration retry = std::chrono::seconds{1};         ///< between attempts to connect
    Clock::duration repeat = std::chrono::seconds{10};  ///< between readings, while watched closely
    Clock::duration linger =
        std::chrono::seconds{10};              ///< details are followed after watch_closely(false)
    std::chrono::milliseconds patience{4000};  ///< limit for one reading
  };
  /// Ratio of a pause to the duration of the reading before it.
  static constexpr int kPause = 10;

  DaemonPoller(boost::asio::io_context& io, const std::string& socket, const Times& times);
  DaemonPoller(boost::asio::io_context& io, const std::string& socket)
      : DaemonPoller(io, socket, Times{}) {}
  /// Begins to follow the daemon's events and whether it can be read. Call once.
  void start() { follower_.start(); }

  const DaemonState& state() const { return state_; }
  /// Calls `then` when state() is fresh to `depth`: at once, or after the next reading. If no
  /// reading can begin within Times::longest_wait, accepts a state up to some seconds old.
  void when_fresh(Depth depth, std::function<void()> then);
  /// While `closely`, reads everything after each event of the daemon and calls on_state.
  void watch_closely(bool closely);

  /// Called after each full reading while watched closely, and when the daemon becomes readable or
  /// unreadable.
  std::function<void()> on_state;
  /// Called for each Event of the daemon without priority debug.
  std::function<void(const nlohmann::json& event)> on_event;

 private:
  struct Waiter {
    Depth depth{};
    Clock::time_point since{};  ///< earliest start of an acceptable reading
    bool is_patient = false;    ///< never accepts an older one, however long it waits
    std::function<void()> then;
  };

  bool is_read(Depth depth, Clock::time_point since) const;
  /// Earliest start of a reading that waiters accept when no new one can begin soon.
  Clock::time_point oldest(Clock::time_point now) const {
    return now - times_.widest_gap - times_.patience;
  }
  void wait(Waiter waiter);
  void schedule();
  void read();
  void read_status();
  std::size_t groups_limit() const;
  void read_groups();
  void read_hosts();
  void end_reading();
  void give_up(std::string problem);
  void serve_waiters();
  void read_anew();
  void repeat();

  EventFollower::Callbacks follower_callbacks();

  boost::asio::io_context& io_;
  client::ApiClient client_;
  Times times_;
  process::Timer next_, give_up_, repeat_;
  std::optional<client::HttpGet> reading_;

  DaemonState state_;
  // Results of the current reading so far; null: not read.
  std::optional<std::string> found_problem_;
  nlohmann::json found_status_, found_groups_, found_hosts_;
  std::array<Clock::time_point, 3> read_at_{};  ///< when the last reading of each depth began
  std::vector<Waiter> waiters_;
  Depth depth_{};  ///< of the current reading
  bool is_reading_ = false;
  Clock::time_point began_{}, not_before_{};
  std::size_t most_groups_ = kMaxGroups;  ///< lowered while their list is too long
  Clock::time_point more_at_{};           ///< when to return to kMaxGroups

  bool is_watched_closely_ = false;
  bool is_outdated_ = false;  ///< changed since the last reading began; only while watched closely
  EventFollower follower_;
};

}  // namespace mcq::exporter
