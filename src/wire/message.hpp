#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/family.hpp"

namespace mcq {

/// A Query, independent of its bytes.
template <Family F>
struct Query {
  typename F::Version version = F::kNewest;
  typename F::Address group{};  ///< unspecified in a General Query
  std::vector<typename F::Address> sources{};
  Duration max_response{};      ///< 0 in IGMPv1, which has no such field
  Duration query_interval{};    ///< QQIC; 0 when not advertised
  std::uint8_t robustness = 0;  ///< QRV, 0 to 7; 0 when not advertised
  bool suppress = false;        ///< the S flag
  bool operator==(const Query&) const = default;
  bool is_general() const { return group.is_unspecified(); }
};

/// An IGMPv1 or IGMPv2 Membership Report, or an MLDv1 Multicast Listener Report.
template <Family F>
struct Report {
  typename F::Version version{};
  typename F::Address group{};
  bool operator==(const Report&) const = default;
};

/// An IGMPv2 Leave Group, or an MLDv1 Multicast Listener Done.
template <Family F>
struct Leave {
  typename F::Address group{};  ///< unspecified, in IGMP alone: see is_solicitation()
  bool operator==(const Leave&) const = default;
  /// Whether a switch solicits a General Query: snooping switches send a leave for 0.0.0.0 after a
  /// change of the topology.
  bool is_solicitation() const { return group.is_unspecified(); }
};

/// The type of a group record, with the values sent (RFC 9776 §4.2.13, RFC 9777 §5.2).
enum class RecordType : std::uint8_t {
  kIsIn = 1,   ///< MODE_IS_INCLUDE: the host listens to these sources
  kIsEx = 2,   ///< MODE_IS_EXCLUDE: the host listens to all sources but these
  kToIn = 3,   ///< CHANGE_TO_INCLUDE_MODE; without sources: a leave
  kToEx = 4,   ///< CHANGE_TO_EXCLUDE_MODE
  kAllow = 5,  ///< ALLOW_NEW_SOURCES
  kBlock = 6,  ///< BLOCK_OLD_SOURCES
};

/// A group record. `sources` refers to the packet.
template <Family F>
struct Record {
  RecordType type{};
  typename F::Address group{};
  std::span<const typename F::Address> sources{};
  bool operator==(const Record& other) const {
    return type == other.type && group == other.group && std::ranges::equal(sources, other.sources);
  }
};

/// An IGMPv3 or MLDv2 report. `records` refers to their bytes in the packet; wire::RecordReader
/// parses them.
template <Family F>
struct RecordReport {
  std::uint16_t count = 0;  ///< number of records the report claims to have
  std::span<const std::uint8_t> records{};
  bool operator==(const RecordReport& other) const {
    return count == other.count && std::ranges::equal(records, other.records);
  }
};

/// A message of Multicast Router Discovery (RFC 4286), alike in both families.
struct RouterMessage {
  enum class Type : std::uint8_t { kAdvertisement, kSolicitation, kTermination };
  Type type{};
  // Of an advertisement; 0 in the others.
  Duration interval{};        ///< between advertisements; whole seconds, as the next
  Duration query_interval{};  ///< 0 where no group management protocol is in use
  std::uint16_t robustness = 0;
  bool operator==(const RouterMessage&) const = default;
};

/// A parsed message.
template <Family F>
using Message = std::variant<Query<F>, Report<F>, Leave<F>, RecordReport<F>, RouterMessage>;

}  // namespace mcq
