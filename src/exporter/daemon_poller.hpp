#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "client/api_client.hpp"

namespace mcq::exporter {

/// How much of the daemon's state is read. Each has what those before it have.
enum class Depth : std::uint8_t { kStatus, kGroups, kHosts };

/// The daemon as it was when it was read last (docs/openapi.yaml).
struct DaemonState {
  std::uint64_t id = 0;  ///< of the reading
  std::string time{};    ///< of the reading
  /// Why the daemon cannot be read, in a sentence; then there is nothing of the rest.
  std::optional<std::string> problem = "the daemon has not been asked yet";
  nlohmann::json status{};                          ///< a Status, or null
  nlohmann::json groups = nlohmann::json::array();  ///< of Group, kMostListed at most
  nlohmann::json hosts = nlohmann::json::array();   ///< of Host, the same
};

/// Watches a daemon through its API, from another process, and asks no more of it than a daemon can
/// bear: whoever wants to know gets what was read last, which is read anew when it is too old, and
/// readings keep a distance that grows with the time they take.
class DaemonPoller {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t kMostListed = 1000;  ///< groups, and hosts
  static constexpr std::size_t kLongestAnswer = 8UL * 1024 * 1024;
  struct Times {
    Clock::duration fresh = std::chrono::seconds{1};       ///< how old a state may be
    Clock::duration gap = std::chrono::milliseconds{400};  ///< between readings, at least
    Clock::duration widest_gap = std::chrono::seconds{10};
    Clock::duration longest_wait = std::chrono::seconds{1};  ///< for a reading to begin
    Clock::duration retry = std::chrono::seconds{1};         ///< when the daemon is away
    Clock::duration repeat = std::chrono::seconds{10};       ///< while it is watched closely
    Clock::duration linger = std::chrono::seconds{10};       ///< details are followed after that
    std::chrono::milliseconds patience{4000};                ///< for a reading
  };
  /// A pause is so many times as long as the reading before it.
  static constexpr int kPause = 10;

  DaemonPoller(boost::asio::io_context& io, const std::string& socket, const Times& times);
  DaemonPoller(boost::asio::io_context& io, const std::string& socket)
      : DaemonPoller(io, socket, Times{}) {}
  /// Begins to follow the daemon's events, and its coming and going.
  void start() { reconnect(); }

  const DaemonState& state() const { return state_; }
  /// Calls back when the state is fresh, to that depth: at once, or after the next reading. If that
  /// cannot begin soon, with what is known, unless that is older than some seconds.
  void when_fresh(Depth depth, std::function<void()> then);
  /// Somebody looks: each change is read within moments, and called on_state.
  void watch_closely(bool closely);

  /// There is a new state, while it is watched closely; or the daemon came or went.
  std::function<void()> on_state;
  /// An Event of the daemon has come; none of those that come with every join.
  std::function<void(const nlohmann::json& event)> on_event;

 private:
  struct Waiter {
    Depth depth{};
    Clock::time_point since{};  ///< the reading must have begun then, or later
    bool is_patient = false;    ///< and nothing older will do, however long that takes
    std::function<void()> then;
  };

  bool is_read(Depth depth, Clock::time_point since) const;
  /// When what is known began to be too old, even for those who cannot wait.
  Clock::time_point oldest(Clock::time_point now) const {
    return now - times_.widest_gap - times_.patience;
  }
  void wait(Waiter waiter);
  void schedule();
  void read();
  void read_status();
  void read_groups();
  void read_hosts();
  void end_reading();
  void give_up(std::string problem);
  void serve_waiters();
  void read_anew();
  void repeat();

  void reconnect();
  void follow();
  void switch_details();
  void on_event_of_daemon(const nlohmann::json& event);
  void retry();

  boost::asio::io_context& io_;
  client::ApiClient client_;
  Times times_;
  boost::asio::steady_timer next_, give_up_, retry_, repeat_, linger_;
  std::optional<client::HttpGet> reading_, following_;

  DaemonState state_;
  // What the reading under way has found so far; null: not read.
  std::optional<std::string> found_problem_;
  nlohmann::json found_status_, found_groups_, found_hosts_;
  std::array<Clock::time_point, 3> read_at_{};  ///< when the reading of each depth began
  std::vector<Waiter> waiters_;
  Depth depth_{};  ///< of the reading under way
  bool is_reading_ = false;
  Clock::time_point began_{}, not_before_{}, followed_since_{};
  std::size_t most_listed_ = kMostListed;  ///< fewer groups when their list is too long
  Clock::time_point more_at_{};            ///< when to try again with all of them

  bool is_watched_closely_ = false, is_outdated_ = false;
  bool wants_details_ = false;  ///< of the daemon; for some time after it is watched closely
  bool has_switched_ = false;   ///< that, and no event has come since
  int refusals_ = 0;            ///< to let us follow, one after the other
  std::uint64_t last_event_ = 0;
  std::uint64_t pid_ = 0;  ///< of the daemon whose events we know
  double up_time_ = 0;     ///< its own, seconds
};

}  // namespace mcq::exporter
