#include "exporter/daemon_poller.hpp"

#include <algorithm>
#include <utility>

#include "monitor/event_record.hpp"
#include "text/utc_time.hpp"

namespace mcq::exporter {
namespace {

using nlohmann::json;

/// How long the limit on groups stays lowered after their list was too long.
constexpr std::chrono::minutes kFewerFor{10};

std::size_t index(Depth depth) { return static_cast<std::size_t>(depth); }

/// Whether the answer has the one member of a Status (docs/openapi.yaml) that the code requires.
bool is_status(const json& answer) {
  if (!answer.is_object()) return false;
  const auto interfaces = answer.find("interfaces");
  return interfaces != answer.end() && interfaces->is_array();
}

bool is_too_long(const Result<json>& answer) {
  return !answer && answer.error().message == client::kTooLong;
}

/// The list named `name` in an answer; empty when there is none.
json list_in(Result<json> answer, const char* name) {
  if (!answer || !answer->is_object()) return json::array();
  const auto list = answer->find(name);
  return list != answer->end() && list->is_array() ? std::move(*list) : json::array();
}

}  // namespace

DaemonPoller::DaemonPoller(boost::asio::io_context& io, const std::string& socket,
                           const Times& times)
    : io_(io),
      client_(socket, times.patience),
      times_(times),
      next_(io),
      give_up_(io),
      repeat_(io),
      follower_(io, client_,
                {.retry = times.retry, .slow_retry = times.repeat, .linger = times.linger},
                follower_callbacks()) {}

bool DaemonPoller::is_read(Depth depth, Clock::time_point since) const {
  return std::all_of(
      read_at_.begin(), read_at_.begin() + 1 + static_cast<int>(index(depth)),
      [&](Clock::time_point at) { return at >= since && at != Clock::time_point{}; });
}

void DaemonPoller::when_fresh(Depth depth, std::function<void()> then) {
  const auto now = Clock::now();
  // An event reports each change: without one since, the lists are still correct.
  const bool is_current = is_watched_closely_ && follower_.is_following() && !is_outdated_;
  const bool is_late = !is_reading_ && not_before_ > now + times_.longest_wait;
  const auto since = is_late                                ? oldest(now)
                     : is_current && depth == Depth::kHosts ? now - times_.repeat
                                                            : now - times_.fresh;
  if (is_read(depth, since)) return then();
  wait({.depth = depth, .since = since, .is_patient = false, .then = std::move(then)});
}

void DaemonPoller::wait(Waiter waiter) {
  waiters_.push_back(std::move(waiter));
  schedule();
}

void DaemonPoller::schedule() {
  if (is_reading_ || waiters_.empty()) return;
  next_.start(not_before_ - Clock::now(), [this] {
    if (!is_reading_) read();
  });
}

void DaemonPoller::read() {
  is_reading_ = true;
  depth_ = Depth::kStatus;
  for (const auto& waiter : waiters_) depth_ = std::max(depth_, waiter.depth);
  began_ = Clock::now();
  is_outdated_ = false;  // later changes may be missing in this reading
  found_problem_.reset();
  found_status_ = found_groups_ = found_hosts_ = json{};
  if (began_ >= more_at_) most_groups_ = kMaxGroups;
  give_up_.start(times_.patience, [this] {
    if (is_reading_) give_up("the daemon does not answer in time: it may be busy");
  });
  read_status();
}

void DaemonPoller::read_status() {
  const auto on_answer = [this](Result<json> answer) {
    if (answer && !is_status(*answer)) answer = fail("the daemon's answer is not a status");
    if (!answer) return give_up(answer.error().message);
    found_status_ = *std::move(answer);
    depth_ >= Depth::kGroups ? read_groups() : end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/status?limit=" + std::to_string(kMaxInterfaces), on_answer,
                               kMaxAnswer));
}

/// How many groups to read. State that Depth::kHosts may still be answered with has all of them.
std::size_t DaemonPoller::groups_limit() const {
  const bool needs_all = depth_ == Depth::kHosts || is_read(Depth::kHosts, oldest(began_));
  return needs_all ? most_groups_ : std::min(most_groups_, kMaxGroupsAlone);
}

void DaemonPoller::read_groups() {
  const auto on_answer = [this](Result<json> answer) {
    if (is_too_long(answer) && most_groups_ > 1) {  // a group may have very many hosts
      most_groups_ = groups_limit() / 2;
      more_at_ = Clock::now() + kFewerFor;
      return read_groups();
    }
    found_groups_ = list_in(std::move(answer), "groups");
    depth_ >= Depth::kHosts ? read_hosts() : end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/groups?limit=" + std::to_string(groups_limit()), on_answer,
                               kMaxAnswer));
}

void DaemonPoller::read_hosts() {
  const auto on_answer = [this](Result<json> answer) {
    found_hosts_ = list_in(std::move(answer), "hosts");
    end_reading();
  };
  reading_.emplace(
      client_.get(io_, "/v1/hosts?limit=" + std::to_string(kMaxHosts), on_answer, kMaxAnswer));
}

/// Ends the reading early. Without a status it fails with `problem`; lists not read yet are empty.
void DaemonPoller::give_up(std::string problem) {
  if (found_status_.is_null()) {
    found_problem_ = std::move(problem);
    depth_ = Depth::kHosts;
  }
  if (depth_ >= Depth::kGroups && found_groups_.is_null()) found_groups_ = json::array();
  if (depth_ >= Depth::kHosts && found_hosts_.is_null()) found_hosts_ = json::array();
  end_reading();
}

void DaemonPoller::end_reading() {
  const bool was_there = !state_.problem.has_value();
  const auto now = Clock::now();
  not_before_ = now + std::clamp((now - began_) * kPause, times_.gap, times_.widest_gap);
  give_up_.stop();
  reading_.reset();
  ++state_.id;
  state_.time = text::utc_time();
  state_.problem = std::move(found_problem_);
  state_.status = std::move(found_status_);
  if (!found_groups_.is_null()) state_.groups = std::move(found_groups_);
  if (!found_hosts_.is_null()) state_.hosts = std::move(found_hosts_);
  if (!was_there) read_at_.fill({});  // the lists are from before the failure
  std::fill_n(read_at_.begin(), index(depth_) + 1, began_);
  is_reading_ = false;
  const bool has_come_or_gone = was_there == state_.problem.has_value() || state_.id == 1;
  if (has_come_or_gone) state_.since = state_.time;
  if (on_state && (has_come_or_gone || (is_watched_closely_ && depth_ == Depth::kHosts))) {
    on_state();
  }
  serve_waiters();
  schedule();
}

void DaemonPoller::serve_waiters() {
  const auto now = Clock::now();
  const bool is_late = not_before_ > now + times_.longest_wait;
  const auto first_served =
      std::stable_partition(waiters_.begin(), waiters_.end(), [&](const Waiter& waiter) {
        const auto since = is_late && !waiter.is_patient ? oldest(now) : waiter.since;
        return !is_read(waiter.depth, since);
      });
  std::vector<Waiter> answered{std::make_move_iterator(first_served),
                               std::make_move_iterator(waiters_.end())};
  waiters_.erase(first_served, waiters_.end());
  for (const auto& waiter : answered) waiter.then();
}

/// Reads everything again, if watched closely, after the state changed.
void DaemonPoller::read_anew() {
  if (!is_watched_closely_ || std::exchange(is_outdated_, true)) return;
  wait({.depth = Depth::kHosts, .since = Clock::now(), .is_patient = true, .then = [] {}});
}

void DaemonPoller::repeat() {
  repeat_.start(times_.repeat, [this] {
    read_anew();
    repeat();
  });
}

void DaemonPoller::watch_closely(bool closely) {
  if (std::exchange(is_watched_closely_, closely) == closely) return;
  repeat_.stop();
  follower_.want_details(closely);
  if (!closely) return;
  read_anew();
  repeat();
}

EventFollower::Callbacks DaemonPoller::follower_callbacks() {
  const auto read_status = [this](std::function<void(const json*)> then) {
    wait({.depth = Depth::kStatus,
          .since = Clock::now(),
          .is_patient = true,
          .then = [this, then = std::move(then)] {
            then(state_.problem ? nullptr : &state_.status);
          }});
  };
  return {.read_status = read_status,
          .on_change = [this] { read_anew(); },
          .on_event =
              [this](const json& event) {
                if (on_event) on_event(event);
              },
          .on_lost = [this] { not_before_ = std::min(not_before_, Clock::now() + times_.gap); }};
}

}  // namespace mcq::exporter
