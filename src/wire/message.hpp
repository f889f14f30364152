#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/family.hpp"

namespace mcq {

/// A Query as a value. Only the codec knows its bytes; only the core knows what it means.
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
  typename F::Address group{};
  bool operator==(const Leave&) const = default;
};

/// Everything a packet can say. Reports of IGMPv3 and MLDv2 get their value here.
template <Family F>
using Message = std::variant<Query<F>, Report<F>, Leave<F>>;

}  // namespace mcq
