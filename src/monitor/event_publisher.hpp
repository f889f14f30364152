#pragma once

#include "http/event_stream.hpp"
#include "monitor/event_record.hpp"
#include "monitor/log.hpp"

namespace mcq::monitor {

/// Tells what happens, in the same words, to the log and to those who follow the events.
class EventPublisher {
 public:
  explicit EventPublisher(http::EventStream& events) : events_(events) {}

  void tell(const EventRecord& record) {
    log(record);
    // Details are many: kept for nobody, they would push out what matters.
    const bool is_detail = record.priority == Priority::kDebug;
    if (is_detail && !events_.wants_details()) return;
    events_.push(to_string(record.kind), to_json(record, events_.next_id()), is_detail);
  }

  /// Whether anybody wants to know of happenings of priority kDebug, which are not worth making
  /// otherwise.
  bool tells_details() const { return events_.wants_details() || logs_details(); }

 private:
  http::EventStream& events_;
};

}  // namespace mcq::monitor
