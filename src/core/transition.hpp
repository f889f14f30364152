#pragma once

#include <array>
#include <cstdint>

#include "core/group.hpp"
#include "wire/message.hpp"

namespace mcq::core {

/// What a record does to a source.
enum class Fate : std::uint8_t {
  kDrop,
  kKeep,
  kRefresh,     ///< requested, for a membership interval
  kGroupTimer,  ///< requested, for as long as the group timer runs
  kExclude,     ///< on the exclude list
};

struct Cell {
  Fate fate = Fate::kDrop;
  bool query = false;  ///< ask whether anybody still listens to it
};

/// A row of the tables in RFC 9776 §6.4.1 and §6.4.2 (RFC 9777 §7.4 has the same): what a record
/// does to each source, by where that is now (nowhere, requested, excluded) and whether the record
/// lists it.
struct Transition {
  Cell listed_new, listed_requested, listed_excluded;
  Cell other_requested, other_excluded;
  bool to_exclude = false;   ///< the mode becomes EXCLUDE and the group timer starts
  bool query_group = false;  ///< ask whether anybody still listens to the group

  /// Of a source that the group has; null for one that it has not, which is listed.
  template <Family F>
  constexpr const Cell& cell(const Source<F>* source, bool listed) const {
    if (source == nullptr) return listed_new;
    if (source->is_requested()) return listed ? listed_requested : other_requested;
    return listed ? listed_excluded : other_excluded;
  }
};

namespace detail {

inline constexpr Cell kDrop{}, kKeep{Fate::kKeep}, kRefresh{Fate::kRefresh};
inline constexpr Cell kExclude{Fate::kExclude}, kAsk{Fate::kKeep, true};
inline constexpr Cell kDoubt{Fate::kGroupTimer, true};

// In the order of RecordType: IS_IN, IS_EX, TO_IN, TO_EX, ALLOW, BLOCK.
inline constexpr std::array<Transition, 6> kInInclude{{
    {kRefresh, kRefresh, kDrop, kKeep, kDrop},     // IGMP-S-01
    {kExclude, kKeep, kDrop, kDrop, kDrop, true},  // IGMP-S-02
    {kRefresh, kRefresh, kDrop, kAsk, kDrop},      // IGMP-S-08
    {kExclude, kAsk, kDrop, kDrop, kDrop, true},   // IGMP-S-07
    {kRefresh, kRefresh, kDrop, kKeep, kDrop},     // IGMP-S-05
    {kDrop, kAsk, kDrop, kKeep, kDrop},            // IGMP-S-06
}};
inline constexpr std::array<Transition, 6> kInExclude{{
    {kRefresh, kRefresh, kRefresh, kKeep, kKeep},              // IGMP-S-03
    {kRefresh, kKeep, kExclude, kDrop, kDrop, true},           // IGMP-S-04
    {kRefresh, kRefresh, kRefresh, kAsk, kKeep, false, true},  // IGMP-S-12
    {kDoubt, kAsk, kExclude, kDrop, kDrop, true},              // IGMP-S-11
    {kRefresh, kRefresh, kRefresh, kKeep, kKeep},              // IGMP-S-09
    {kDoubt, kAsk, kExclude, kKeep, kKeep},                    // IGMP-S-10
}};

}  // namespace detail

/// The row for a group in that mode and a record of that type.
constexpr const Transition& transition(FilterMode mode, RecordType type) {
  const auto& rows = mode == FilterMode::kInclude ? detail::kInInclude : detail::kInExclude;
  return rows[static_cast<std::size_t>(type) - 1];
}

/// RFC 9776 §7.3.2, RFC 9777 §8.3.2: older hosts cannot say such things, and do not hear what
/// would have to be asked in return.
template <Family F>
constexpr bool is_ignored(RecordType type, typename F::Version mode) {
  if (type == RecordType::kBlock) return mode != F::kNewest;
  return type == RecordType::kToIn && mode == F::kNoLeave;
}

/// Of an empty list of sources (IGMP-S-14).
constexpr bool changes_nothing(RecordType type, bool has_sources) {
  return !has_sources &&
         (type == RecordType::kIsIn || type == RecordType::kAllow || type == RecordType::kBlock);
}

/// Whether a record tells of somebody who listens.
constexpr bool says_who_listens(RecordType type, bool has_sources) {
  switch (type) {
    case RecordType::kIsEx:
    case RecordType::kToEx:
      return true;
    case RecordType::kIsIn:
    case RecordType::kToIn:
    case RecordType::kAllow:
      return has_sources;
    case RecordType::kBlock:
      break;
  }
  return false;
}

}  // namespace mcq::core
