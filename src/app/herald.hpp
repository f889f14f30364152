#pragma once

#include "app/event_stream.hpp"
#include "app/happening.hpp"
#include "app/log.hpp"

namespace mcq::app {

/// Tells what happens, in the same words, to the log and to those who follow the events.
class Herald {
 public:
  explicit Herald(EventStream& events) : events_(events) {}

  void tell(const Happening& happening) {
    log(happening);
    // Details are many: kept for nobody, they would push out what matters.
    const bool is_detail = happening.priority == Priority::kDebug;
    if (is_detail && !events_.wants_details()) return;
    events_.push(to_string(happening.kind), to_json(happening, events_.next_id()), is_detail);
  }

  /// Whether anybody wants to know of happenings of priority kDebug, which are not worth making
  /// otherwise.
  bool tells_details() const { return events_.wants_details() || logs_details(); }

 private:
  EventStream& events_;
};

}  // namespace mcq::app
