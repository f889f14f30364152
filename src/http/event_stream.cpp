#include "http/event_stream.hpp"

#include "text/utc_time.hpp"

namespace mcq::http {
namespace {

std::string server_sent(std::uint64_t id, std::string_view kind, std::string_view json) {
  const auto number = std::to_string(id);
  std::string text;
  text.reserve(number.size() + kind.size() + json.size() + 21);
  text.append("id: ").append(number).append("\nevent: ").append(kind);
  return text.append("\ndata: ").append(json).append("\n\n");
}

/// Has the ID of the last lost event, so that a follower that reconnects with it loses no more.
std::string lost_event(std::uint64_t last, std::uint64_t count) {
  const auto number = std::to_string(count);
  return server_sent(last, "lost",
                     R"({"id":)" + std::to_string(last) + R"(,"time":")" + text::utc_time() +
                         R"(","event":"lost","message":")" + number +
                         R"( events are no longer kept","count":)" + number + "}");
}

}  // namespace

void EventStream::count(bool details, int change) {
  followers_ += change;
  if (details) with_details_ += change;
  if (on_follow) on_follow();
}

void EventStream::push(std::string_view kind, std::string_view json, bool is_detail) {
  events_.push_back({server_sent(next_id_++, kind, json), is_detail});
  bytes_ += events_.back().text.size();
  while (events_.size() > kMaxEvents || bytes_ > kMaxBytes) {
    bytes_ -= events_.front().text.size();
    events_.pop_front();
  }
  if (on_push) on_push();
}

EventStream::Batch EventStream::behind(std::uint64_t last, std::size_t most, bool details) const {
  if (last >= next_id_) last = 0;
  const auto first = next_id_ - events_.size();
  Batch batch{.text = {}, .last = last, .lost = 0};
  if (last + 1 < first) {
    batch.last = first - 1;
    batch.lost = batch.last - last;
    batch.text = lost_event(batch.last, batch.lost);
  }
  for (auto next = static_cast<std::size_t>(batch.last + 1 - first); next < events_.size();
       ++next, ++batch.last) {
    const auto& [event, is_detail] = events_[next];
    if (is_detail && !details) continue;
    if (!batch.text.empty() && batch.text.size() + event.size() > most) break;
    batch.text += event;
  }
  return batch;
}

}  // namespace mcq::http
