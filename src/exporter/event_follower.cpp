#include "exporter/event_follower.hpp"

#include <concepts>
#include <string>
#include <utility>

namespace mcq::exporter {
namespace {

using nlohmann::json;

/// Reads a non-negative number; 0 when there is none.
template <class Number>
Number number_in(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  constexpr bool kIsWhole = std::integral<Number>;
  const bool is_number = found != object.end() && *found >= 0 &&
                         (kIsWhole ? found->is_number_integer() : found->is_number());
  return is_number ? found->get<Number>() : Number{};
}

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
  linger_.cancel();
  if (wanted) {
    if (!std::exchange(follows_details_, true) && following_) switch_details();
    return;
  }
  linger_.expires_after(times_.linger);
  linger_.async_wait([this](const auto& error) {
    if (error || wants_details_) return;
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
    const auto pid = number_in<std::uint64_t>(*status, "pid");
    const auto up_time = number_in<double>(*status, "up-time");
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
    const auto found = event.is_object() ? event.find(name) : event.end();
    return found != event.end() && *found == value;
  };
  if (const auto id = number_in<std::uint64_t>(event, "id")) last_event_ = id;
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
  retry_.expires_after(was_lost        ? Clock::duration{}
                       : refusals_ > 1 ? times_.slow_retry
                                       : times_.retry);
  retry_.async_wait([this](const auto& error) {
    if (!error) reconnect();
  });
}

}  // namespace mcq::exporter
