#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace mcq::sim {

/// Virtual time: a queue of things to do, in the order of their time and then of their asking.
class Timeline {
 public:
  using Deed = std::function<void()>;

  TimePoint now() const { return now_; }

  void at(TimePoint when, Deed deed) {
    queue_.push_back({std::max(when, now_), order_++, std::move(deed)});
    std::push_heap(queue_.begin(), queue_.end());
  }
  void after(Duration delay, Deed deed) { at(now_ + delay, std::move(deed)); }

  /// Does everything that is due until `end`, which included, and calls `check` after each deed.
  template <class Check>
  void run_until(TimePoint end, Check check) {
    while (!queue_.empty() && queue_.front().when <= end) {
      std::pop_heap(queue_.begin(), queue_.end());
      const auto next = std::move(queue_.back());
      queue_.pop_back();
      now_ = next.when;
      next.deed();
      check();
    }
    now_ = std::max(now_, end);
  }

 private:
  struct Entry {
    TimePoint when;
    std::uint64_t order;
    Deed deed;
    bool operator<(const Entry& other) const {  // the heap's top is the largest
      return std::pair(when, order) > std::pair(other.when, other.order);
    }
  };

  TimePoint now_{};
  std::uint64_t order_ = 0;
  std::vector<Entry> queue_;
};

}  // namespace mcq::sim
