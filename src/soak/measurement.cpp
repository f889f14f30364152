#include "soak/measurement.hpp"

#include <algorithm>

namespace mcq::soak {
namespace {

std::size_t whole_seconds(Duration time) {
  return static_cast<std::size_t>(std::chrono::floor<std::chrono::seconds>(time).count());
}

}  // namespace

Measurement::Measurement(TimePoint joined, bool sees_reports)
    : report_(joined), report_before_last_(joined) {
  result_.joined = joined;
  result_.sees_reports = sees_reports;
}

void Measurement::received(const Packet& packet, const IpAddress& sender, TimePoint now) {
  if (!belongs(packet, sender)) return;
  if (result_.rejoined) {
    if (!result_.back_after_rejoin) result_.back_after_rejoin = now - *result_.rejoined;
    return;
  }
  if (packet.is_end) {
    result_.is_ended_by_sender = true;
    sent_ = packet.sequence;
  }
  if (!packet.is_end && !window_->add(packet.sequence)) return;
  close_gap(now);
  if (!packet.is_end) count(now);
}

/// The first packet of all decides which run is measured.
bool Measurement::belongs(const Packet& packet, const IpAddress& sender) {
  if (!has_begun() && !packet.is_end) {
    window_.emplace(packet.sequence);
    run_ = packet.run;
    first_sent_ = packet.sent;
    result_.plan = packet.plan;
    result_.sender = sender;
  }
  if (has_begun() && run_ == packet.run && result_.sender == sender) return true;
  auto& others = result_.other_senders;
  const bool is_known = std::find(others.begin(), others.end(), sender) != others.end();
  if (has_begun() && !is_known && others.size() < kMaxSenders) others.push_back(sender);
  return false;
}

/// A gap ends with the packet that arrives at `now`.
void Measurement::close_gap(TimePoint now) {
  if (result_.first == TimePoint{}) result_.first = result_.last = now;
  const auto gap = now - result_.last;
  if (gap > result_.longest_gap) {
    result_.longest_gap = gap;
    result_.gap_begin = result_.last;
  }
  if (gap >= silence() && result_.outages.size() < kMaxOutages) {
    result_.outages.push_back({.begin = result_.last,
                               .end = now,
                               .report = report_before_last_,
                               .query = query_since_last_,
                               .answer = answer_since_last_});
  }
  result_.last = now;
  report_before_last_ = report_;
  query_since_last_.reset();
  answer_since_last_.reset();
}

void Measurement::count(TimePoint now) {
  const auto second = whole_seconds(now - result_.first);
  if (result_.seconds.size() <= second) result_.seconds.resize(second + 1);
  ++result_.seconds[second];
}

void Measurement::received_foreign(const IpAddress& sender) {
  if (result_.foreign++ == 0) result_.foreign_sender = sender;
}

void Measurement::reported(TimePoint now) {
  ++result_.reports;
  report_ = now;
  if (!answer_since_last_) answer_since_last_ = now;
}

void Measurement::queried(const IpAddress& querier, TimePoint now) {
  ++result_.queries;
  result_.querier = querier;
  query_since_last_ = now;
}

TimePoint Measurement::planned_end() const {
  return has_begun() ? result_.first + (result_.plan.duration - first_sent_) : kNever;
}

std::vector<std::uint32_t> Measurement::seconds(TimePoint now) const {
  auto whole = result_.seconds;
  whole.resize(whole_seconds(std::max(now - result_.first, Duration{})));
  return whole;
}

Reception Measurement::finish(TimePoint now) const {
  auto result = result_;
  result.ended = now;
  if (!window_) return result;
  result.received = window_->received();
  result.duplicates = window_->duplicates();
  result.reordered = window_->reordered();
  result.lost = window_->lost(sent_);
  const auto until = is_ended() ? result.last : std::min(now, planned_end());
  if (until - result.last >= silence()) {
    result.outages.push_back({.begin = result.last,
                              .report = report_before_last_,
                              .query = query_since_last_,
                              .answer = answer_since_last_});
  }
  result.seconds = seconds(until);
  return result;
}

}  // namespace mcq::soak
