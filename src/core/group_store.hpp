#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "core/group.hpp"
#include "core/timer_wheel.hpp"

namespace mcq::core {

/// Holds the groups of a table: found by address, each with a timer. A group stays where it is for
/// as long as it lives; its number is for the timers.
template <Family F>
class GroupStore {
 public:
  using Address = typename F::Address;
  using Number = std::uint32_t;

  explicit GroupStore(Random random) : seeds_{random.next(), random.next()} {}
  GroupStore(const GroupStore&) = delete;
  GroupStore& operator=(const GroupStore&) = delete;

  std::size_t size() const { return size_; }

  const Group<F>* find(const Address& address) const {
    const auto number = number_of(address);
    return number == TimerLinks::kNone ? nullptr : &group(number);
  }
  Group<F>* find(const Address& address) {
    const auto number = number_of(address);
    return number == TimerLinks::kNone ? nullptr : &group(number);
  }

  /// A new group, which is not in the store yet.
  Group<F>& add(const Address& address) {
    if (4 * (size_ + 1) > 3 * index_.size()) grow();
    const auto number = free_ == TimerLinks::kNone ? new_number() : free_;
    auto& added = group(number);
    free_ = std::exchange(added.links.next, TimerLinks::kNone);
    added.address = address;
    put({hash_of(address), number});
    ++size_;
    return added;
  }

  void remove(Group<F>& group) {
    const auto at = place_of(group.address);
    const auto number = index_[at].number;
    wheel_.remove(number);
    close_gap(at);
    group = {};
    group.links.next = std::exchange(free_, number);
    if (--size_ == 0) clear();
  }

  /// Gives all memory back.
  void clear() {
    index_ = std::vector<Slot>{};
    chunks_ = std::vector<std::unique_ptr<Chunk>>{};
    free_ = TimerLinks::kNone;
    numbers_ = 0;
    size_ = 0;
    wheel_.clear();
  }

  /// Has take() give the group at `due`, or before.
  void set_timer(Group<F>& group, TimePoint due) {
    if (!wheel_.is_due_by(group.links, due)) {
      wheel_.set(index_[place_of(group.address)].number, due);
    }
  }
  TimePoint deadline() const { return wheel_.deadline(); }
  Group<F>* take(TimePoint now) {
    const auto number = wheel_.take(now);
    return number ? &group(*number) : nullptr;
  }

  /// Calls `visit` with every group, in no order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& slot : index_) {
      if (slot.number != TimerLinks::kNone) visit(group(slot.number));
    }
  }

  /// Visits groups from a number on, to the end of its chunk or until `visit` returns false, and
  /// says where to go on.
  template <class Visit>
  std::optional<Number> visit_some(Number from, Visit visit) const {
    const auto end = std::min<std::size_t>(numbers_, (from / kChunk + 1) * kChunk);
    std::size_t number = from;
    for (bool goes_on = true; goes_on && number < end; ++number) {
      const auto& g = group(static_cast<Number>(number));
      if (!g.address.is_unspecified()) goes_on = visit(g);
    }
    return number < numbers_ ? std::optional{static_cast<Number>(number)} : std::nullopt;
  }

  TimerLinks& links(Number number) { return group(number).links; }

 private:
  /// Open addressing with linear probing; at most three quarters are in use.
  struct Slot {
    std::uint32_t hash = 0;
    Number number = TimerLinks::kNone;
  };
  static constexpr std::size_t kSmallestIndex = 16;
  static constexpr std::size_t kChunk = 32;  ///< groups that are allocated at once
  using Chunk = std::array<Group<F>, kChunk>;

  std::uint32_t mask() const { return static_cast<std::uint32_t>(index_.size() - 1); }
  Group<F>& group(Number number) { return (*chunks_[number / kChunk])[number % kChunk]; }
  const Group<F>& group(Number number) const {
    return (*chunks_[number / kChunk])[number % kChunk];
  }

  Number new_number() {
    if (numbers_ % kChunk == 0) chunks_.push_back(std::make_unique<Chunk>());
    return numbers_++;
  }

  std::uint32_t hash_of(const Address& address) const {
    std::uint64_t low = 0, high = 0;
    for (std::size_t i = 0; i < address.octets.size(); ++i) {
      auto& word = i < 8 ? high : low;
      word = word << 8U | address.octets[i];
    }
    __extension__ using Wide = unsigned __int128;
    const auto product = Wide{high ^ seeds_[0]} * (low ^ seeds_[1]);
    return static_cast<std::uint32_t>((product >> 64U) ^ product ^ (product >> 32U));
  }

  /// The slot of an address, or the free one where the search for it ends.
  std::size_t place_of(const Address& address) const {
    const auto hash = hash_of(address);
    auto at = hash & mask();
    while (index_[at].number != TimerLinks::kNone &&
           (index_[at].hash != hash || group(index_[at].number).address != address)) {
      at = (at + 1) & mask();
    }
    return at;
  }

  Number number_of(const Address& address) const {
    return index_.empty() ? TimerLinks::kNone : index_[place_of(address)].number;
  }

  void grow() {
    const auto old =
        std::exchange(index_, std::vector<Slot>(std::max(kSmallestIndex, 2 * index_.size())));
    for (const auto& slot : old) {
      if (slot.number != TimerLinks::kNone) put(slot);
    }
  }

  /// Puts it into the first free slot from its own on.
  void put(const Slot& slot) {
    auto at = slot.hash & mask();
    while (index_[at].number != TimerLinks::kNone) at = (at + 1) & mask();
    index_[at] = slot;
  }

  /// Moves up what was pushed past the slot that becomes free, so that no search ends too early.
  void close_gap(std::size_t gap) {
    for (auto at = (gap + 1) & mask(); index_[at].number != TimerLinks::kNone;
         at = (at + 1) & mask()) {
      const auto home = index_[at].hash & mask();
      if (((at - home) & mask()) >= ((at - gap) & mask())) {
        index_[gap] = index_[at];
        gap = at;
      }
    }
    index_[gap] = {};
  }

  std::array<std::uint64_t, 2> seeds_;
  std::vector<Slot> index_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  Number free_ = TimerLinks::kNone;
  Number numbers_ = 0;  ///< given out so far
  std::size_t size_ = 0;
  TimerWheel<GroupStore> wheel_{*this};
};

}  // namespace mcq::core
