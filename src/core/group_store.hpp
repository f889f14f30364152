#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/prefetch.hpp"
#include "base/random.hpp"
#include "core/by_address.hpp"
#include "core/group.hpp"
#include "core/settings.hpp"
#include "core/slot_allocator.hpp"
#include "core/timer_wheel.hpp"

namespace mcq::core {

/// Owns the groups of a table, indexed by address, with a timer each. References to a group stay
/// valid until it is removed; its number identifies it to the index and the timer wheel. Frees
/// memory that no group uses.
template <Family F>
class GroupStore {
 public:
  using Address = typename F::Address;
  using Number = std::uint32_t;

  explicit GroupStore(Random random) : hash_(random) {}
  GroupStore(const GroupStore&) = delete;
  GroupStore& operator=(const GroupStore&) = delete;

  std::size_t size() const { return size_; }

  const Group<F>* find(const Address& address) const {
    const auto slot = slot_of(address);
    return slot == kFree ? nullptr : &group(number_in(slot));
  }
  Group<F>* find(const Address& address) {
    const auto slot = slot_of(address);
    return slot == kFree ? nullptr : &group(number_in(slot));
  }

  /// Prefetches for two lookups that follow: for the later one the index slot where its search
  /// begins, for the earlier one, whose slot is in the cache by now, the group in it.
  void prefetch(const Address& soon, const Address& later) const {
    if (size_ < kInCache) return;
    mcq::prefetch(&index_[home_of(hash_(later))], sizeof(Slot));
    const auto slot = index_[home_of(hash_(soon))];
    if (slot != kFree) mcq::prefetch(&group(number_in(slot)), sizeof(Group<F>));
  }

  /// Adds a group, which must not be in the store yet.
  Group<F>& add(const Address& address) {
    if (4 * (size_ + 1) > 3 * index_.size()) {
      resize_index(std::max(kSmallestIndex, 2 * index_.size()));
    }
    const auto number = numbers_.take();
    if (chunks_.size() < numbers_.blocks()) chunks_.resize(numbers_.blocks());
    auto& chunk = chunks_[number / kChunk];
    if (chunk == nullptr) chunk = std::make_unique<Chunk>();
    group(number).address = address;
    put(number);
    ++size_;
    return group(number);
  }

  /// Removes a group and its timer. The reference becomes invalid.
  void remove(Group<F>& group) {
    const auto at = place_of(group.address);
    const auto number = number_in(index_[at]);
    wheel_.remove(number);
    close_gap(at);
    group = {};
    numbers_.give_back(number);
    if (numbers_.is_block_free(number / kChunk)) chunks_[number / kChunk].reset();
    if (--size_ == 0) {
      clear();
    } else if (index_.size() > kSmallestIndex && 8 * size_ < index_.size()) {
      resize_index(index_.size() / 2);
    }
  }

  /// Removes all groups and frees all memory.
  void clear() {
    index_ = std::vector<Slot>{};
    chunks_ = std::vector<std::unique_ptr<Chunk>>{};
    numbers_ = {};
    size_ = 0;
    wheel_.clear();
  }

  /// Schedules the timer of a group for `due`. It may fire earlier.
  void set_timer(Group<F>& group, TimePoint due) {
    if (!wheel_.is_due_by(group.links, due)) wheel_.set(number_in(slot_of(group.address)), due);
  }
  TimePoint deadline() const { return wheel_.deadline(); }
  /// Returns a group whose timer has fired and stops that timer; null when none has.
  Group<F>* take(TimePoint now) {
    const auto number = wheel_.take(now);
    return number ? &group(*number) : nullptr;
  }

  /// Calls `visit` with every group, in unspecified order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto slot : index_) {
      if (slot != kFree) visit(group(number_in(slot)));
    }
  }

  /// Visits groups from a number on, to the end of a chunk or until `visit` returns false. Returns
  /// the number to continue from; none after the last group.
  template <class Visit>
  std::optional<Number> visit_some(Number from, Visit visit) const {
    return visit_some(*this, from, visit);
  }
  template <class Visit>
  std::optional<Number> visit_some(Number from, Visit visit) {
    return visit_some(*this, from, visit);
  }

  /// For the timer wheel.
  TimerLinks& links(Number number) { return group(number).links; }

 private:
  /// The index is a hash table with open addressing and linear probing, at most three quarters
  /// full. A slot holds the number of a group in its lower 24 bits, as many as max-groups needs,
  /// and 8 bits of the hash above them: a search reads few other groups than its own.
  using Slot = std::uint32_t;
  static constexpr Slot kFree = 0;
  static constexpr unsigned kNumberBits = 24;
  static_assert(MaxGroups::kMax <= 1 << kNumberBits);
  static constexpr std::size_t kSmallestIndex = 16;
  static constexpr std::size_t kInCache = 2048;  ///< fewer groups need no prefetch

  static constexpr std::size_t kChunk = SlotAllocator::kBlock;  ///< groups allocated at once
  /// Aligned to cache lines.
  struct alignas(64) Chunk {
    std::array<Group<F>, kChunk> groups;
  };

  template <class Store, class Visit>
  static std::optional<Number> visit_some(Store& store, Number from, Visit& visit) {
    const auto& chunks = store.chunks_;
    std::size_t number = from;
    const auto last = chunks.size() * kChunk;
    while (number < last && chunks[number / kChunk] == nullptr) {
      number = (number / kChunk + 1) * kChunk;
    }
    const auto end = std::min(last, (number / kChunk + 1) * kChunk);
    for (bool goes_on = true; goes_on && number < end; ++number) {
      const auto n = static_cast<Number>(number);
      if (store.numbers_.is_taken(n)) goes_on = visit(store.group(n));
    }
    return number < last ? std::optional{static_cast<Number>(number)} : std::nullopt;
  }

  static Number number_in(Slot slot) { return slot & ((1U << kNumberBits) - 1); }
  static std::uint32_t tag_in(Slot slot) { return slot >> kNumberBits; }
  /// Returns the bits of a hash that a slot holds; never 0, so that no slot equals kFree.
  static std::uint32_t tag_of(std::uint64_t hash) {
    return std::max(1U, static_cast<std::uint32_t>(hash >> 56U));
  }

  std::size_t mask() const { return index_.size() - 1; }
  /// Returns the slot where the search for a hash begins.
  std::size_t home_of(std::uint64_t hash) const { return static_cast<std::size_t>(hash) & mask(); }
  Group<F>& group(Number number) { return chunks_[number / kChunk]->groups[number % kChunk]; }
  const Group<F>& group(Number number) const {
    return chunks_[number / kChunk]->groups[number % kChunk];
  }

  /// Returns the position of the slot of an address, or of the free slot where its search ends.
  std::size_t place_of(const Address& address) const {
    const auto hash = hash_(address);
    auto at = home_of(hash);
    while (index_[at] != kFree && (tag_in(index_[at]) != tag_of(hash) ||
                                   group(number_in(index_[at])).address != address)) {
      at = (at + 1) & mask();
    }
    return at;
  }

  Slot slot_of(const Address& address) const {
    return index_.empty() ? kFree : index_[place_of(address)];
  }

  void resize_index(std::size_t size) {
    index_ = std::vector<Slot>(size);
    for (std::size_t block = 0; block < chunks_.size(); ++block) {
      if (chunks_[block] == nullptr) continue;
      for (std::size_t n = block * kChunk; n < (block + 1) * kChunk; ++n) {
        if (numbers_.is_taken(static_cast<Number>(n))) put(static_cast<Number>(n));
      }
    }
  }

  /// Puts a group into the first free slot from its home on.
  void put(Number number) {
    const auto hash = hash_(group(number).address);
    auto at = home_of(hash);
    while (index_[at] != kFree) at = (at + 1) & mask();
    index_[at] = tag_of(hash) << kNumberBits | number;
  }

  /// Frees a slot. Moves entries that lie past it back, so that no search for them ends too early.
  void close_gap(std::size_t gap) {
    for (auto at = (gap + 1) & mask(); index_[at] != kFree; at = (at + 1) & mask()) {
      const auto home = home_of(hash_(group(number_in(index_[at])).address));
      if (((at - home) & mask()) >= ((at - gap) & mask())) {
        index_[gap] = index_[at];
        gap = at;
      }
    }
    index_[gap] = kFree;
  }

  AddressHash hash_;
  std::vector<Slot> index_;
  std::vector<std::unique_ptr<Chunk>> chunks_;  ///< null where all groups are free
  SlotAllocator numbers_;
  std::size_t size_ = 0;
  TimerWheel<GroupStore> wheel_{*this};
};

}  // namespace mcq::core
