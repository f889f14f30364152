#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <memory>

namespace mcq::soak {

/// Counts which sequence numbers have arrived, in constant memory: a packet that is kSize or more
/// behind the newest counts as a duplicate.
class SequenceWindow {
 public:
  static constexpr std::uint64_t kSize = 65536;

  /// Numbers below `first` do not count.
  explicit SequenceWindow(std::uint64_t first) : first_(first), next_(first) {}

  /// Returns whether the number is a new one.
  bool add(std::uint64_t number) {
    if (number < first_) return false;
    if (number >= next_) {
      const auto skipped = std::min(number - next_, kSize);
      for (std::uint64_t i = 0; i < skipped; ++i) seen_->reset((number - 1 - i) % kSize);
      next_ = number + 1;
    } else if (next_ - number > kSize || seen_->test(number % kSize)) {
      ++duplicates_;
      return false;
    } else {
      ++reordered_;
    }
    seen_->set(number % kSize);
    ++received_;
    return true;
  }

  /// One more than the highest number.
  std::uint64_t next() const { return next_; }
  std::uint64_t received() const { return received_; }
  std::uint64_t duplicates() const { return duplicates_; }
  /// Number of packets that arrived after one with a higher number.
  std::uint64_t reordered() const { return reordered_; }
  /// Number of missing packets below `end`.
  std::uint64_t lost(std::uint64_t end) const { return std::max(end, next_) - first_ - received_; }

 private:
  std::uint64_t first_, next_, received_ = 0, duplicates_ = 0, reordered_ = 0;
  std::unique_ptr<std::bitset<kSize>> seen_ = std::make_unique<std::bitset<kSize>>();
};

}  // namespace mcq::soak
