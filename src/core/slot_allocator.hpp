#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace mcq::core {

/// Allocates the lowest free index, so that indices in use stay close together and whole blocks
/// become free.
class SlotAllocator {
 public:
  static constexpr std::uint32_t kBlock = 64;

  /// Returns an index that is not in use.
  std::uint32_t take() {
    while (first_ < full_.size() && full_[first_] == kAll) ++first_;
    if (first_ == full_.size()) full_.push_back(0);
    const auto block = first_ * kBlock + static_cast<std::size_t>(std::countr_one(full_[first_]));
    if (block == taken_.size()) taken_.push_back(0);
    const auto number = block * kBlock + static_cast<std::size_t>(std::countr_one(taken_[block]));
    taken_[block] |= bit_of(number);
    if (taken_[block] == kAll) full_[first_] |= bit_of(block);
    return static_cast<std::uint32_t>(number);
  }

  /// Frees an index that take() returned.
  void give_back(std::uint32_t number) {
    const auto block = number / kBlock;
    taken_[block] &= ~bit_of(number);
    full_[block / kBlock] &= ~bit_of(block);
    first_ = std::min<std::size_t>(first_, block / kBlock);
  }

  bool is_taken(std::uint32_t number) const {
    return (taken_[number / kBlock] & bit_of(number)) != 0;
  }
  /// Number of blocks that indices were ever taken from.
  std::size_t blocks() const { return taken_.size(); }
  bool is_block_free(std::size_t block) const { return taken_[block] == 0; }

 private:
  static constexpr auto kAll = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t bit_of(std::size_t n) { return std::uint64_t{1} << n % kBlock; }

  std::vector<std::uint64_t> taken_;  ///< a bit for each index, a word for each block; 1: in use
  std::vector<std::uint64_t> full_;   ///< a bit for each block; 1: no index free
  std::size_t first_ = 0;             ///< all words of full_ before this one are kAll
};

}  // namespace mcq::core
