#pragma once

#include <array>
#include <cstdint>

#include "core/group.hpp"
#include "wire/message.hpp"

namespace mcq::core {

/// The effect of a record on a source.
enum class Fate : std::uint8_t {
  kDrop,
  kKeep,
  kRefresh,     ///< requested; its timer is set to the membership interval
  kGroupTimer,  ///< requested; its timer is set to the group timer
  kExclude,     ///< in the exclude list
};

struct Cell {
  Fate fate = Fate::kDrop;
  bool query = false;  ///< send a query about it
};

/// A row of the tables in RFC 9776 §6.4.1 and §6.4.2 (RFC 9777 §7.4 has the same): the effect of a
/// record on each source, by its present list (none, requested, excluded) and by whether the record
/// lists it.
struct Transition {
  Cell listed_new, listed_requested, listed_excluded;
  Cell other_requested, other_excluded;
  bool to_exclude = false;   ///< the mode becomes EXCLUDE and the group timer starts
  bool query_group = false;  ///< send a query about the group

  /// Returns the cell of a source of the group; null: a listed source that the group does not have.
  template <Family F>
  constexpr const Cell& cell(const Source<F>* source, bool listed) const {
    if (source == nullptr) return listed_new;
    if (source->is_requested()) return listed ? listed_requested : other_requested;
    return listed ? listed_excluded : other_excluded;
  }
};

namespace detail {

inline constexpr Cell kDrop{}, kKeep{Fate::kKeep}, kRefresh{Fate::kRefresh};
inline constexpr Cell kExclude{Fate::kExclude}, kQuery{Fate::kKeep, true};
inline constexpr Cell kAddAndQuery{Fate::kGroupTimer, true};

// In the order of RecordType: IS_IN, IS_EX, TO_IN, TO_EX, ALLOW, BLOCK.
inline constexpr std::array<Transition, 6> kInInclude{{
    {kRefresh, kRefresh, kDrop, kKeep, kDrop},      // IGMP-S-01
    {kExclude, kKeep, kDrop, kDrop, kDrop, true},   // IGMP-S-02
    {kRefresh, kRefresh, kDrop, kQuery, kDrop},     // IGMP-S-08
    {kExclude, kQuery, kDrop, kDrop, kDrop, true},  // IGMP-S-07
    {kRefresh, kRefresh, kDrop, kKeep, kDrop},      // IGMP-S-05
    {kDrop, kQuery, kDrop, kKeep, kDrop},           // IGMP-S-06
}};
inline constexpr std::array<Transition, 6> kInExclude{{
    {kRefresh, kRefresh, kRefresh, kKeep, kKeep},                // IGMP-S-03
    {kRefresh, kKeep, kExclude, kDrop, kDrop, true},             // IGMP-S-04
    {kRefresh, kRefresh, kRefresh, kQuery, kKeep, false, true},  // IGMP-S-12
    {kAddAndQuery, kQuery, kExclude, kDrop, kDrop, true},        // IGMP-S-11
    {kRefresh, kRefresh, kRefresh, kKeep, kKeep},                // IGMP-S-09
    {kAddAndQuery, kQuery, kExclude, kKeep, kKeep},              // IGMP-S-10
}};

}  // namespace detail

/// Returns the row for a group in a filter mode and a record of a type.
constexpr const Transition& transition(FilterMode mode, RecordType type) {
  const auto& rows = mode == FilterMode::kInclude ? detail::kInInclude : detail::kInExclude;
  return rows[static_cast<std::size_t>(type) - 1];
}

/// Whether the compatibility mode of a group ignores a record (RFC 9776 §7.3.2, RFC 9777 §8.3.2):
/// hosts of older versions would not understand the query in return.
template <Family F>
constexpr bool is_ignored(RecordType type, typename F::Version mode) {
  if (type == RecordType::kBlock) return mode != F::kNewest;
  return type == RecordType::kToIn && mode == F::kNoLeave;
}

/// Whether a record has no effect because it lists no sources (IGMP-S-14).
constexpr bool changes_nothing(RecordType type, bool has_sources) {
  return !has_sources &&
         (type == RecordType::kIsIn || type == RecordType::kAllow || type == RecordType::kBlock);
}

/// Whether the sender of a record listens to the group.
constexpr bool reports_listener(RecordType type, bool has_sources) {
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
