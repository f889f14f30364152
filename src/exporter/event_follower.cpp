#include "exporter/event_follower.hpp"

#include <string>
#include <utility>

#include "client/json_fields.hpp"

namespace mcq::exporter {
namespace {

using client::member;
using client::number;
using client::text;
using client::whole_number;
using nlohmann::json;

}  // namespace

EventFollower::EventFollower(boost::asio::io_context& io, client::ApiClient& client,
                             const Times& times, Callbacks callbacks)
    : io_(io),
      client_(client),
      times_(times),
      callbacks_(std::move(callbacks)),
      retry_(io),
      linger_(io) {}

void EventFollower::want_details(bool wanted) {
  wants_details_ = wanted;
  linger_.stop();
  if (wanted) {
    if (!std::exchange(follows_details_, true) && following_) switch_details();
    return;
  }
  linger_.start(times_.linger, [this] {
    follows_details_ = false;
    if (following_) switch_details();
  });
}

void EventFollower::switch_details() {
  has_switched_ = true;
  follow();
}

/// Follows once the daemon can be read. A daemon with another process ID or a lower up time has
/// restarted and numbers its events anew.
void EventFollower::reconnect() {
  callbacks_.read_status([this](const json* status) {
    if (status == nullptr) return retry();
    const auto pid = whole_number(member(status, "pid")).value_or(0);
    const auto up_time = number(member(status, "up-time")).value_or(0);
    if (pid != pid_ || up_time < up_time_) last_event_ = 0;
    pid_ = pid;
    up_time_ = up_time;
    has_switched_ = false;
    follow();
  });
}

void EventFollower::follow() {
  const auto target = "/v1/events?since=" + std::to_string(last_event_) +
                      "&details=" + (follows_details_ ? "true" : "false");
  const auto take = [this](const json& event) {
    on_daemon_event(event);
    return true;
  };
  followed_since_ = Clock::now();
  following_.emplace(client_.follow(io_, target, take, [this](const Result<Ok>&) { retry(); }));
  callbacks_.on_change();
}

void EventFollower::on_daemon_event(const json& event) {
  const auto is = [&](const char* name, const char* value) {
    const auto* found = text(member(&event, name));
    return found != nullptr && *found == value;
  };
  if (const auto id = whole_number(member(&event, "id"))) last_event_ = *id;
  callbacks_.on_change();
  // After a switch, "lost" counts details that were not wanted.
  const bool is_no_loss = std::exchange(has_switched_, false) && is("event", "lost");
  if (!is_no_loss && !is("priority", "debug")) callbacks_.on_event(event);
}

/// Reconnects: at once after a working connection was lost, since the daemon may have stopped;
/// later when the daemon refused, since its other clients may follow for long.
void EventFollower::retry() {
  const bool was_lost = following_ && Clock::now() - followed_since_ > times_.retry;
  refusals_ = following_ && !was_lost ? refusals_ + 1 : 0;
  following_.reset();
  if (was_lost) callbacks_.on_lost();
  const auto pause = was_lost        ? Clock::duration{}
                     : refusals_ > 1 ? times_.slow_retry
                                     : times_.retry;
  retry_.start(pause, [this] { reconnect(); });
}

}  // namespace mcq::exporter
