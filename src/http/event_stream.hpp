#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace mcq::http {

/// A bounded buffer of the latest events, as server-sent events (WHATWG HTML). Its size does
/// not depend on the followers: a slow one loses the oldest events.
class EventStream {
 public:
  static constexpr std::size_t kMaxEvents = 4096;
  static constexpr std::size_t kMaxBytes = 1024UL * 1024;

  /// The next events for a follower.
  struct Batch {
    std::string text;        ///< server-sent events; empty when there are none
    std::uint64_t last = 0;  ///< pass this to the next behind()
    std::uint64_t lost = 0;  ///< events discarded before; `text` then begins with a "lost" event
    bool operator==(const Batch&) const = default;
  };

  /// ID of the next event. The first is 1.
  std::uint64_t next_id() const { return next_id_; }
  /// Appends an event with the ID next_id(). `json` must have no line break. A detail is sent only
  /// to followers with details.
  void push(std::string_view kind, std::string_view json, bool is_detail = false);

  /// Returns the events after ID `last`: as many as fit into `most` bytes, but at least one. An ID
  /// that is not assigned yet is from an earlier run of the daemon: returns all events then.
  Batch behind(std::uint64_t last, std::size_t most, bool details = true) const;

  /// Whether any follower wants details. If not, callers need not make detail events.
  bool wants_details() const { return with_details_ > 0; }
  void follow(bool details = true) { count(details, 1); }
  void unfollow(bool details = true) { count(details, -1); }
  int followers() const { return followers_; }

  /// Called after each push(). Set by the server.
  std::function<void()> on_push;
  /// Called after follow() and unfollow().
  std::function<void()> on_follow;

 private:
  struct Event {
    std::string text;  ///< a server-sent event
    bool is_detail = false;
  };
  void count(bool details, int change);

  std::deque<Event> events_;  ///< the last one has the ID next_id_ - 1
  std::size_t bytes_ = 0;     ///< of all events_
  std::uint64_t next_id_ = 1;
  int followers_ = 0, with_details_ = 0;
};

}  // namespace mcq::http
