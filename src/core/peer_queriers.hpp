#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/family.hpp"
#include "base/time.hpp"
#include "core/event.hpp"
#include "wire/message.hpp"

namespace mcq::core {

/// Another querier on the link.
template <Family F>
struct OtherQuerier {
  typename F::Address address{};
  MacAddress mac{};
  typename F::Version version{};
  Duration query_interval{};     ///< as advertised; 0 if it advertises none
  std::uint8_t robustness = 0;   ///< as advertised; 0 if it advertises none
  Duration measured_interval{};  ///< between its last two queries; 0 before the second
  TimePoint last_query{};
  std::uint64_t queries = 0;
  std::uint64_t undue = 0;  ///< queries sent although it must have received ours
};

/// A General Query of another host that the core did not refuse, and the election after it.
template <Family F>
struct PeerQuery {
  typename F::Address source{};
  MacAddress sender{};
  const Query<F>& query;
  Role role{};                    ///< ours
  typename F::Address elected{};  ///< Querier::querier()
  TimePoint last_query = kNever;  ///< previous one of the elected querier; kNever without one
};

/// The meaning of a PeerQuery for the election.
enum class PeerFinding : std::uint8_t {
  kNothing,
  kElected,       ///< the elected querier sent it
  kOtherElected,  ///< the elected querier sent it, which took the place of another one
  kUndue,         ///< a rival sent it although it must have received our last query
};

/// The other queriers of a link: which one is elected, and whether others disturb the election. For
/// diagnosis only: no protocol decision depends on it.
template <Family F>
class PeerQueriers {
 public:
  static constexpr int kStorm = 100;        ///< queries of others within a second
  static constexpr std::size_t kFlaps = 6;  ///< elections lost or won within an hour
  /// How long a rival or a duplicate address is remembered after its last packet.
  static constexpr Duration kRemembered = 10min;

  PeerQueriers() { elections_.fill(TimePoint::min()); }

  /// Counts a query, refused or not: hosts answer them all. Returns whether more than kStorm came
  /// within the current second.
  bool count_query(TimePoint now);

  /// Keeps the elected querier, or a rival: a querier with a higher address that keeps querying,
  /// because it does not receive our queries or does not yield.
  PeerFinding received(const PeerQuery<F>& received, TimePoint now);

  /// Forgets the rival. `sender` is the link-layer sender of the query that caused the change, if
  /// one did. Returns whether another querier won the election.
  bool role_changed(const RoleChanged<F>& changed, const MacAddress& sender, TimePoint now);
  /// Forgets the rival and the host that used our address.
  void address_changed();
  /// Call when a host sent a query from our address.
  void duplicate_received(const MacAddress& sender, TimePoint now);

  /// The querier that was elected last.
  const OtherQuerier<F>& other_querier() const { return other_; }
  /// A querier with a higher address that keeps querying; null if there was none recently.
  const OtherQuerier<F>* rival(TimePoint now) const;
  /// MAC address of the last host that used our IP address; none if there was none recently.
  std::optional<MacAddress> duplicate(TimePoint now) const;
  /// Whether kFlaps elections changed our role within an hour.
  bool is_flapping(TimePoint now) const;

 private:
  struct Duplicate {
    MacAddress mac{};
    TimePoint last_seen{};
  };

  OtherQuerier<F> other_, rival_;
  std::optional<Duplicate> duplicate_;
  /// Times of the last ones that changed our role, oldest first.
  std::array<TimePoint, kFlaps> elections_{};
  TimePoint second_began_{};  ///< start of the second counted by count_query()
  int queries_of_the_second_ = 0;
};

extern template class PeerQueriers<Igmp>;
extern template class PeerQueriers<Mld>;

}  // namespace mcq::core
