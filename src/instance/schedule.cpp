#include "instance/schedule.hpp"

namespace mcq::instance {

/// Allocates only for a deadline where there was none: storms of reports move deadlines.
void Schedule::move(Scheduled& who, TimePoint before, TimePoint after) {
  auto entry = entries_.extract({before, &who});
  if (after != kNever && entry) {
    entry.value().first = after;
    entries_.insert(std::move(entry));
  } else if (after != kNever) {
    entries_.emplace(after, &who);
  }
  on_move_(before, after);
}

void Schedule::run(TimePoint now) {
  due_.clear();
  for (const auto& [deadline, who] : entries_) {
    if (deadline > now) break;
    due_.push_back(who);
  }
  for (auto* who : due_) who->tick(now);
}

}  // namespace mcq::instance
