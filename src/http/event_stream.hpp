#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace mcq::http {

/// The latest events, as they are told to whoever follows them. However many follow, and however
/// slowly they read, it holds a bounded number of octets: who falls behind loses events.
class EventStream {
 public:
  static constexpr std::size_t kMostEvents = 4096;
  static constexpr std::size_t kMostOctets = 1024UL * 1024;

  /// What a follower is to be sent next.
  struct Batch {
    std::string text;        ///< server-sent events, ready for the wire; empty when there are none
    std::uint64_t last = 0;  ///< the number to go on behind
    std::uint64_t lost = 0;  ///< events that are no longer kept; `text` begins with telling so
    bool operator==(const Batch&) const = default;
  };

  /// The number of the next event; they count from 1.
  std::uint64_t next_id() const { return next_id_; }
  /// Appends the event of number next_id(). `json` is on one line. A detail is for those alone who
  /// want details.
  void push(std::string_view kind, std::string_view json, bool is_detail = false);

  /// What has happened behind event `last`: as many events as fit into `most` octets, but one at
  /// least. A number that is yet to come was given by a daemon that ran before: all is news then.
  Batch behind(std::uint64_t last, std::size_t most, bool details = true) const;

  /// Whether anybody who follows wants details. They are many, and made for those alone.
  bool wants_details() const { return with_details_ > 0; }
  void follow(bool details = true) { count(details, 1); }
  void unfollow(bool details = true) { count(details, -1); }
  /// How many follow.
  int followers() const { return followers_; }

  /// Called after each push; the server sends what is new.
  std::function<void()> on_push;
  /// Called when the number of followers has changed.
  std::function<void()> on_follow;

 private:
  struct Event {
    std::string text;  ///< as a server-sent event
    bool is_detail = false;
  };
  void count(bool details, int change);

  std::deque<Event> events_;  ///< the last one is number next_id_ - 1
  std::size_t octets_ = 0;
  std::uint64_t next_id_ = 1;
  int followers_ = 0, with_details_ = 0;
};

}  // namespace mcq::http
