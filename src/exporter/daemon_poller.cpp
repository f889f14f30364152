#include "exporter/daemon_poller.hpp"

#include <algorithm>
#include <concepts>
#include <utility>

#include "monitor/event_record.hpp"
#include "text/utc_time.hpp"

namespace mcq::exporter {
namespace {

using nlohmann::json;

/// How long fewer groups are asked for, once their list was too long.
constexpr std::chrono::minutes kFewerFor{10};

std::size_t index(Depth depth) { return static_cast<std::size_t>(depth); }

/// Whether it is as much of a Status as we must rely on.
bool is_status(const json& answer) {
  if (!answer.is_object()) return false;
  const auto interfaces = answer.find("interfaces");
  return interfaces != answer.end() && interfaces->is_array();
}

bool is_too_long(const Result<json>& answer) {
  return !answer && answer.error().message == client::kTooLong;
}

/// The list of that name in an answer; empty when there is none.
json list_in(Result<json> answer, const char* name) {
  if (!answer || !answer->is_object()) return json::array();
  const auto list = answer->find(name);
  return list != answer->end() && list->is_array() ? std::move(*list) : json::array();
}

/// A number that is not negative; 0 when there is none.
template <class Number>
Number number_in(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  constexpr bool kIsWhole = std::integral<Number>;
  const bool is_number = found != object.end() && *found >= 0 &&
                         (kIsWhole ? found->is_number_integer() : found->is_number());
  return is_number ? found->get<Number>() : Number{};
}

}  // namespace

DaemonPoller::DaemonPoller(boost::asio::io_context& io, const std::string& socket,
                           const Times& times)
    : io_(io),
      client_(socket, times.patience),
      times_(times),
      next_(io),
      give_up_(io),
      retry_(io),
      repeat_(io),
      linger_(io) {}

bool DaemonPoller::is_read(Depth depth, Clock::time_point since) const {
  return std::all_of(
      read_at_.begin(), read_at_.begin() + 1 + static_cast<int>(index(depth)),
      [&](Clock::time_point at) { return at >= since && at != Clock::time_point{}; });
}

void DaemonPoller::when_fresh(Depth depth, std::function<void()> then) {
  const auto now = Clock::now();
  // A page is told of each change: what it has not been told of is as it was.
  const bool is_told = is_watched_closely_ && following_ && !is_outdated_;
  const bool is_late = !is_reading_ && not_before_ > now + times_.longest_wait;
  const auto since = is_late                             ? oldest(now)
                     : is_told && depth == Depth::kHosts ? now - times_.repeat
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
  next_.expires_at(not_before_);
  next_.async_wait([this](const auto& error) {
    if (!error && !is_reading_) read();
  });
}

void DaemonPoller::read() {
  is_reading_ = true;
  depth_ = Depth::kStatus;
  for (const auto& waiter : waiters_) depth_ = std::max(depth_, waiter.depth);
  began_ = Clock::now();
  is_outdated_ = false;  // what happens from now on may not be in it
  found_problem_.reset();
  found_status_ = found_groups_ = found_hosts_ = json{};
  if (began_ >= more_at_) most_listed_ = kMostListed;
  give_up_.expires_after(times_.patience);
  give_up_.async_wait([this](const auto& error) {
    if (!error && is_reading_) give_up("the daemon does not answer in time: it may be busy");
  });
  read_status();
}

void DaemonPoller::read_status() {
  const auto on_answer = [this](Result<json> answer) {
    if (answer && !is_status(*answer)) answer = fail("the daemon's answer is no status");
    if (!answer) return give_up(answer.error().message);
    found_status_ = *std::move(answer);
    depth_ >= Depth::kGroups ? read_groups() : end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/status", on_answer, kLongestAnswer));
}

void DaemonPoller::read_groups() {
  const auto on_answer = [this](Result<json> answer) {
    if (is_too_long(answer) && most_listed_ > 1) {  // groups may have very many hosts
      most_listed_ /= 2;
      more_at_ = Clock::now() + kFewerFor;
      return read_groups();
    }
    found_groups_ = list_in(std::move(answer), "groups");
    depth_ >= Depth::kHosts ? read_hosts() : end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/groups?limit=" + std::to_string(most_listed_), on_answer,
                               kLongestAnswer));
}

void DaemonPoller::read_hosts() {
  const auto on_answer = [this](Result<json> answer) {
    found_hosts_ = list_in(std::move(answer), "hosts");
    end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/hosts?limit=" + std::to_string(kMostListed), on_answer,
                               kLongestAnswer));
}

/// There is no more to be had of this reading. Without a status there is nothing; else what could
/// not be read is empty.
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
  give_up_.cancel();
  reading_.reset();
  ++state_.id;
  state_.time = text::utc_time();
  state_.problem = std::move(found_problem_);
  state_.status = std::move(found_status_);
  if (!found_groups_.is_null()) state_.groups = std::move(found_groups_);
  if (!found_hosts_.is_null()) state_.hosts = std::move(found_hosts_);
  if (!was_there) read_at_.fill({});  // lists of the time without a daemon are none
  std::fill_n(read_at_.begin(), index(depth_) + 1, began_);
  is_reading_ = false;
  const bool has_come_or_gone = was_there == state_.problem.has_value() || state_.id == 1;
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

/// What is known is not true any more.
void DaemonPoller::read_anew() {
  if (!is_watched_closely_ || std::exchange(is_outdated_, true)) return;
  wait({.depth = Depth::kHosts, .since = Clock::now(), .is_patient = true, .then = [] {}});
}

void DaemonPoller::repeat() {
  repeat_.expires_after(times_.repeat);
  repeat_.async_wait([this](const auto& error) {
    if (error) return;
    read_anew();
    repeat();
  });
}

/// Details go on for a while, so that pages that open and close do not have the daemon followed
/// anew each time.
void DaemonPoller::watch_closely(bool closely) {
  if (std::exchange(is_watched_closely_, closely) == closely) return;
  linger_.cancel();
  repeat_.cancel();
  if (closely) {
    if (!std::exchange(wants_details_, true) && following_) switch_details();
    read_anew();
    return repeat();
  }
  linger_.expires_after(times_.linger);
  linger_.async_wait([this](const auto& error) {
    if (error || is_watched_closely_) return;
    wants_details_ = false;
    if (following_) switch_details();
  });
}

void DaemonPoller::switch_details() {
  has_switched_ = true;
  follow();
}

/// Follows the daemon once it answers. One that was started since has other events.
void DaemonPoller::reconnect() {
  const auto on_status = [this] {
    if (state_.problem) return retry();
    const auto pid = number_in<std::uint64_t>(state_.status, "pid");
    const auto up_time = number_in<double>(state_.status, "up-time");
    if (pid != pid_ || up_time < up_time_) last_event_ = 0;
    pid_ = pid;
    up_time_ = up_time;
    has_switched_ = false;
    follow();
  };
  wait({.depth = Depth::kStatus, .since = Clock::now(), .is_patient = true, .then = on_status});
}

void DaemonPoller::follow() {
  const auto target = "/v1/events?since=" + std::to_string(last_event_) +
                      "&details=" + (wants_details_ ? "true" : "false");
  const auto take = [this](const json& event) {
    on_event_of_daemon(event);
    return true;
  };
  followed_since_ = Clock::now();
  following_.emplace(client_.follow(io_, target, take, [this](const Result<Ok>&) { retry(); }));
  read_anew();
}

void DaemonPoller::on_event_of_daemon(const json& event) {
  const auto is = [&](const char* name, const char* value) {
    const auto found = event.is_object() ? event.find(name) : event.end();
    return found != event.end() && *found == value;
  };
  if (const auto id = number_in<std::uint64_t>(event, "id")) last_event_ = id;
  read_anew();
  // Details that went by while nobody wanted them are no loss.
  const bool is_no_loss = std::exchange(has_switched_, false) && is("event", "lost");
  if (!is_no_loss && !is("priority", "debug") && on_event) on_event(event);
}

/// When the daemon has just gone, whoever watches wants to know at once. When it does not let us
/// follow, others do, and will for a while.
void DaemonPoller::retry() {
  const bool has_just_gone = following_ && Clock::now() - followed_since_ > times_.retry;
  refusals_ = following_ && !has_just_gone ? refusals_ + 1 : 0;
  following_.reset();
  if (has_just_gone) not_before_ = std::min(not_before_, Clock::now() + times_.gap);
  retry_.expires_after(has_just_gone   ? Clock::duration{}
                       : refusals_ > 1 ? times_.repeat
                                       : times_.retry);
  retry_.async_wait([this](const auto& error) {
    if (!error) reconnect();
  });
}

}  // namespace mcq::exporter
