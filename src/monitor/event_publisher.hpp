#pragma once

#include "http/event_stream.hpp"
#include "monitor/event_record.hpp"
#include "monitor/log.hpp"

namespace mcq::monitor {

/// Publishes events, with the same text, to the log and to the event stream.
class EventPublisher {
 public:
  explicit EventPublisher(http::EventStream& events) : events_(events) {}

  void publish(const EventRecord& record) {
    log(record);
    // Details are frequent: kept without a follower, they would displace other events.
    const bool is_detail = record.priority == Priority::kDebug;
    if (is_detail && !events_.wants_details()) return;
    events_.push(to_string(record.kind), to_json(record, events_.next_id()), is_detail);
  }

  /// Whether events of priority kDebug have a reader; if not, callers should not make them.
  bool wants_details() const { return events_.wants_details() || logs_details(); }

 private:
  http::EventStream& events_;
};

}  // namespace mcq::monitor
