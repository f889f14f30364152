#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/time.hpp"

namespace mcq::core {

/// The links of a table's element in the slot list of a wheel. Elements are identified by number.
struct TimerLinks {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t next = kNone, previous = kNone;
  std::uint16_t slot = kUnlinked;

  static constexpr std::uint16_t kUnlinked = 0xffff;
};

/// A hierarchical timing wheel (Varghese and Lauck, 1987): the cost of setting, moving and ending a
/// timer does not depend on their number. Six levels of 64 slots; a slot of the lowest level covers
/// a millisecond, so a timer fires up to that late and never early.
///
/// A slot may begin before its timers are due: the caller of take() checks whether the element is
/// due, and sets its timer again otherwise. A timer moved to a later time can thus stay in its
/// slot, and refreshing it changes nothing but the element itself.
template <class Table>
class TimerWheel {
 public:
  /// `table.links(number)` must return the TimerLinks of an element.
  explicit TimerWheel(Table& table) : table_(table) { heads_.fill(TimerLinks::kNone); }

  /// Whether take() returns an element at `due` or before.
  bool is_due_by(const TimerLinks& links, TimePoint due) const {
    return links.slot != TimerLinks::kUnlinked && begin_of(links.slot) <= ceiling_of(due);
  }

  /// Schedules take() to return `number` at `due` or before. Replaces its earlier timer.
  void set(std::uint32_t number, TimePoint due) {
    const auto place = place_of(due);
    remove(number);
    auto& links = table_.links(number);
    links.slot = place;
    links.previous = TimerLinks::kNone;
    links.next = heads_[place];
    if (links.next != TimerLinks::kNone) table_.links(links.next).previous = number;
    heads_[place] = number;
    occupied_[place / kSlots] |= std::uint64_t{1} << place % kSlots;
  }

  void remove(std::uint32_t number) {
    auto& links = table_.links(number);
    if (links.slot == TimerLinks::kUnlinked) return;
    auto& before = links.previous == TimerLinks::kNone ? heads_[links.slot]
                                                       : table_.links(links.previous).next;
    before = links.next;
    if (links.next != TimerLinks::kNone) table_.links(links.next).previous = links.previous;
    if (heads_[links.slot] == TimerLinks::kNone) {
      occupied_[links.slot / kSlots] &= ~(std::uint64_t{1} << links.slot % kSlots);
    }
    links = {};
  }

  /// Stops all timers without access to the elements, which may be gone.
  void clear() {
    heads_.fill(TimerLinks::kNone);
    occupied_.fill(0);
  }

  /// When take() will return an element; kNever while the wheel is empty.
  TimePoint deadline() const {
    const auto slot = first_slot();
    return slot ? TimePoint{std::chrono::milliseconds{begin_of(*slot)}} : kNever;
  }

  /// Removes an element whose slot has begun and returns its number; none when no slot has.
  std::optional<std::uint32_t> take(TimePoint now) {
    const auto tick = floor_of(now);
    const auto slot = first_slot();
    if (!slot || begin_of(*slot) > tick) {
      tick_ = std::max(tick_, tick);
      return std::nullopt;
    }
    tick_ = std::max(tick_, begin_of(*slot));
    const auto number = heads_[*slot];
    remove(number);
    return number;
  }

 private:
  static constexpr unsigned kLevels = 6, kBits = 6, kSlots = 1U << kBits;
  static constexpr std::uint64_t kHorizon = std::uint64_t{1} << (kLevels * kBits - 1);

  static std::uint64_t floor_of(TimePoint time) {
    return static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
  }

  static std::uint64_t ceiling_of(TimePoint time) {
    return static_cast<std::uint64_t>(
        std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count());
  }

  /// Returns the slot of a time relative to tick_. Its level is that of the highest bit in which
  /// the two differ, so that all slots of a level begin before those of the next.
  std::uint16_t place_of(TimePoint due) const {
    const auto tick = std::clamp(ceiling_of(due), tick_, tick_ + kHorizon);
    const auto differing = static_cast<unsigned>(std::bit_width((tick ^ tick_) | (kSlots - 1)));
    const auto level = std::min((differing - 1) / kBits, kLevels - 1);
    const auto slot = static_cast<unsigned>((tick >> (level * kBits)) % kSlots);
    return static_cast<std::uint16_t>(level * kSlots + slot);
  }

  /// Returns the first tick of a slot.
  std::uint64_t begin_of(std::uint16_t place) const {
    const auto level = place / kSlots, slot = place % kSlots;
    const auto turn = std::uint64_t{1} << ((level + 1) * kBits);
    auto begin = tick_ / turn * turn + (std::uint64_t{slot} << (level * kBits));
    // Only the highest level wraps: a slot of another level that has passed is empty.
    if (level == kLevels - 1 && slot < (tick_ >> (level * kBits)) % kSlots) begin += turn;
    return begin;
  }

  /// Returns the occupied slot that begins first. One being emptied by take() may be of any level.
  std::optional<std::uint16_t> first_slot() const {
    std::optional<std::uint16_t> first;
    for (unsigned level = 0; level < kLevels; ++level) {
      if (occupied_[level] == 0) continue;
      const auto now = static_cast<unsigned>((tick_ >> (level * kBits)) % kSlots);
      const auto ahead = std::countr_zero(std::rotr(occupied_[level], static_cast<int>(now)));
      const auto slot = (now + static_cast<unsigned>(ahead)) % kSlots;
      const auto place = static_cast<std::uint16_t>(level * kSlots + slot);
      if (!first || begin_of(place) < begin_of(*first)) first = place;
    }
    return first;
  }

  Table& table_;
  std::uint64_t tick_ = 0;  ///< milliseconds; earlier slots are empty
  std::array<std::uint32_t, kLevels * kSlots> heads_;
  std::array<std::uint64_t, kLevels> occupied_{};
};

}  // namespace mcq::core
