#include "app/daemon_view.hpp"

#include <algorithm>
#include <utility>

#include "app/happening.hpp"

namespace mcq::app {
namespace {

using nlohmann::json;

std::size_t index(Depth depth) { return static_cast<std::size_t>(depth); }

/// Whether it is as much of a Status as we must rely on.
bool is_status(const json& answer) {
  if (!answer.is_object()) return false;
  const auto interfaces = answer.find("interfaces");
  return interfaces != answer.end() && interfaces->is_array();
}

/// Whether there is no answer, for another reason than that it would be too long.
bool is_failure(const Result<json>& answer) {
  return !answer && answer.error().message != kTooLong;
}

/// The list of that name in an answer.
std::optional<json> list_in(Result<json> answer, const char* name) {
  if (!answer || !answer->is_object()) return std::nullopt;
  const auto list = answer->find(name);
  if (list == answer->end() || !list->is_array()) return std::nullopt;
  return std::move(*list);
}

std::uint64_t number_in(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

DaemonView::DaemonView(boost::asio::io_context& io, const std::string& socket, const Times& times)
    : io_(io),
      client_(socket, times.patience),
      times_(times),
      next_(io),
      give_up_(io),
      retry_(io),
      repeat_(io) {}

bool DaemonView::is_read(Depth depth, Clock::time_point since) const {
  return std::all_of(
      read_at_.begin(), read_at_.begin() + 1 + static_cast<int>(index(depth)),
      [&](Clock::time_point at) { return at >= since && at != Clock::time_point{}; });
}

void DaemonView::when_fresh(Depth depth, std::function<void()> then) {
  const auto now = Clock::now();
  const bool is_late = !is_reading_ && not_before_ > now + times_.longest_wait;
  const auto since = is_late ? Clock::time_point{} : now - times_.fresh;
  is_read(depth, since) ? then() : wait(depth, since, std::move(then));
}

void DaemonView::wait(Depth depth, Clock::time_point since, std::function<void()> then) {
  waiters_.push_back({depth, since, std::move(then)});
  schedule();
}

void DaemonView::schedule() {
  if (is_reading_ || is_due_ || waiters_.empty()) return;
  is_due_ = true;
  next_.expires_at(not_before_);
  next_.async_wait([this](const auto& error) {
    if (error) return;
    is_due_ = false;
    read();
  });
}

void DaemonView::read() {
  is_reading_ = true;
  depth_ = Depth::kStatus;
  for (const auto& waiter : waiters_) depth_ = std::max(depth_, waiter.depth);
  began_ = Clock::now();
  found_ = {};
  give_up_.expires_after(times_.patience);
  give_up_.async_wait([this](const auto& error) {
    if (!error && is_reading_) fail_reading("the daemon does not answer in time: it may be busy");
  });
  read_status();
}

void DaemonView::read_status() {
  const auto on_answer = [this](Result<json> answer) {
    if (answer && !is_status(*answer)) answer = fail("the daemon's answer is no status");
    if (!answer) return fail_reading(answer.error().message);
    found_.status = *std::move(answer);
    depth_ >= Depth::kGroups ? read_groups() : end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/status", on_answer, kLongestAnswer));
}

void DaemonView::fail_reading(std::string problem) {
  found_ = {std::move(problem), {}, json::array(), json::array()};
  depth_ = Depth::kHosts;  // there is nothing more to know
  end_reading();
}

void DaemonView::read_groups() {
  const auto on_answer = [this](Result<json> answer) {
    if (is_failure(answer)) return fail_reading(answer.error().message);
    auto list = list_in(std::move(answer), "groups");
    // Groups with very many hosts make a long list.
    most_listed_ = list ? std::min(most_listed_ * 2, kMostListed) : most_listed_ / 2 + 1;
    found_.groups = list ? *std::move(list) : json::array();
    depth_ >= Depth::kHosts ? read_hosts() : end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/groups?limit=" + std::to_string(most_listed_), on_answer,
                               kLongestAnswer));
}

void DaemonView::read_hosts() {
  const auto on_answer = [this](Result<json> answer) {
    if (is_failure(answer)) return fail_reading(answer.error().message);
    auto list = list_in(std::move(answer), "hosts");
    found_.hosts = list ? *std::move(list) : json::array();
    end_reading();
  };
  reading_.emplace(client_.get(io_, "/v1/hosts?limit=" + std::to_string(kMostListed), on_answer,
                               kLongestAnswer));
}

void DaemonView::end_reading() {
  const bool was_there = !state_.problem.has_value();
  const auto now = Clock::now();
  // A daemon that does not answer has no work with it.
  const auto gap = found_.problem ? times_.gap : (now - began_) * kPause;
  not_before_ = now + std::clamp(gap, times_.gap, times_.widest_gap);
  give_up_.cancel();
  reading_.reset();
  ++state_.id;
  state_.time = utc_time();
  state_.problem = std::move(found_.problem);
  state_.status = std::move(found_.status);
  if (found_.groups) state_.groups = *std::move(found_.groups);
  if (found_.hosts) state_.hosts = *std::move(found_.hosts);
  std::fill_n(read_at_.begin(), index(depth_) + 1, began_);
  is_reading_ = false;
  const bool has_come_or_gone = was_there == state_.problem.has_value() || state_.id == 1;
  if (on_state && (has_come_or_gone || (is_watched_closely_ && depth_ == Depth::kHosts))) {
    on_state();
  }
  const auto served = std::stable_partition(
      waiters_.begin(), waiters_.end(),
      [&](const Waiter& waiter) { return !is_read(waiter.depth, waiter.since); });
  std::vector<Waiter> done{std::make_move_iterator(served),
                           std::make_move_iterator(waiters_.end())};
  waiters_.erase(served, waiters_.end());
  for (const auto& waiter : done) waiter.then();
  schedule();
}

/// What is known is not true any more.
void DaemonView::read_anew() {
  if (!is_watched_closely_ || std::exchange(is_outdated_, true)) return;
  wait(Depth::kHosts, Clock::now(), [this] { is_outdated_ = false; });
}

void DaemonView::repeat() {
  repeat_.expires_after(times_.repeat);
  repeat_.async_wait([this](const auto& error) {
    if (error) return;
    read_anew();
    repeat();
  });
}

void DaemonView::watch_closely(bool closely) {
  if (std::exchange(is_watched_closely_, closely) == closely) return;
  if (following_) follow();  // with details, or without
  repeat_.cancel();
  if (closely) repeat();
}

/// Follows the daemon once it answers. One that was started since has other events.
void DaemonView::reconnect() {
  wait(Depth::kStatus, Clock::now(), [this] {
    if (state_.problem) return retry();
    const auto pid = static_cast<std::int64_t>(number_in(state_.status, "pid"));
    if (std::exchange(pid_, pid) != pid) last_event_ = 0;
    follow();
  });
}

void DaemonView::follow() {
  const auto target = "/v1/events?since=" + std::to_string(last_event_) +
                      "&details=" + (is_watched_closely_ ? "true" : "false");
  const auto take = [this](const json& event) {
    on_event_of_daemon(event);
    return true;
  };
  followed_since_ = Clock::now();
  following_.emplace(client_.follow(io_, target, take, [this](const Result<Ok>&) { retry(); }));
  read_anew();
}

void DaemonView::on_event_of_daemon(const json& event) {
  last_event_ = std::max(last_event_, number_in(event, "id"));
  read_anew();
  const auto priority = event.is_object() ? event.find("priority") : event.end();
  const bool is_detail = priority != event.end() && *priority == "debug";
  if (!is_detail && on_event) on_event(event);
}

void DaemonView::retry() {
  // When it has just gone, whoever watches wants to know at once.
  const bool has_just_gone = following_ && Clock::now() - followed_since_ > times_.retry;
  following_.reset();
  retry_.expires_after(has_just_gone ? Clock::duration{} : times_.retry);
  retry_.async_wait([this](const auto& error) {
    if (!error) reconnect();
  });
}

}  // namespace mcq::app
