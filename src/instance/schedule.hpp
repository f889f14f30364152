#pragma once

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace mcq::instance {

/// Runs at a deadline.
class Scheduled {
 public:
  virtual void tick(TimePoint now) = 0;

 protected:
  ~Scheduled() = default;
};

/// Deadlines, of which the earliest is found without a look at the others.
class Schedule {
 public:
  using OnMove = std::function<void(TimePoint before, TimePoint after)>;

  /// `on_move` is called after each move().
  explicit Schedule(OnMove on_move) : on_move_(std::move(on_move)) {}

  /// Replaces a deadline; kNever is none.
  void move(Scheduled& who, TimePoint before, TimePoint after);
  /// kNever without deadlines.
  TimePoint earliest() const { return entries_.empty() ? kNever : entries_.begin()->first; }
  /// Calls tick() of each whose deadline has passed, once, even if its next one has passed as well.
  void run(TimePoint now);

 private:
  std::set<std::pair<TimePoint, Scheduled*>> entries_;
  std::vector<Scheduled*> due_;
  OnMove on_move_;
};

}  // namespace mcq::instance
