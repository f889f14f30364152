#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/family.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "core/by_address.hpp"

namespace mcq::core {

/// A host of the link that has reported a group.
template <Family F>
struct KnownHost {
  MacAddress mac{};
  typename F::Version version = F::kNewest;  ///< of its last report
  std::uint32_t answered = 0;                ///< General Queries that it answered
  std::uint32_t round = 0;                   ///< General Queries up to its last report
  TimePoint since{}, last_report{};
  bool is_awaited = true;  ///< its last word was no leave, and it is not the querier's own host
  bool operator==(const KnownHost&) const = default;
};

/// The hosts of a link, whatever they listen to, and which of them answer General Queries. Kept for
/// those who look for what is wrong: no protocol decision rests on it.
template <Family F>
class HostTable {
 public:
  using Address = typename F::Address;

  /// Hosts beyond those are not remembered.
  static constexpr std::size_t kMostHosts = 16'384;
  /// How long a host that has fallen silent is remembered. In a table that is half full, one that
  /// has never answered is forgotten after three queries.
  static constexpr Duration kLongestSilence = 1h;
  /// A query and its answers take so long at most, beyond the time that hosts have to answer.
  static constexpr Duration kTransit = 1s;

  /// The seed keeps hosts from choosing where they are stored.
  explicit HostTable(Random random) : hosts_(0, AddressHash{random}) {}

  /// A General Query went out or was heard. Now and then forgets who has been silent for too long.
  void asked(TimePoint now);
  enum class Heard : std::uint8_t { kKnown, kNew, kNoRoom };
  /// A report came. `answer_time` is the time to answer a query. The querier's own host proves
  /// nothing about the link: it is not counted among those that answered.
  Heard heard(const Address& host, const MacAddress& mac, typename F::Version version,
              Duration answer_time, TimePoint now, bool is_own = false);
  /// A report came from nobody in particular.
  void heard_unnamed(Duration answer_time, TimePoint now);
  /// Its last word was a leave: it may be silent from now on.
  void left(const Address& host);
  void clear();

  std::size_t size() const { return hosts_.size(); }
  /// How many have reported at `since` or later.
  std::size_t heard_since(TimePoint since) const;
  const KnownHost<F>* find(const Address& host) const;
  /// General Queries that came after the last report of a host.
  std::uint32_t missed(const KnownHost<F>& host) const { return round_ - host.round; }

  /// When the last General Query was; kNever before the first.
  TimePoint last_query() const { return last_query_; }
  /// Other hosts that have reported since, and those that answered the one before.
  std::uint32_t answered() const { return answered_; }
  std::optional<std::uint32_t> answered_before() const { return answered_before_; }

  /// How many of those have missed so many queries since, although they had not left.
  std::size_t silent_since(TimePoint since, std::uint32_t queries) const;
  /// Whether the time to answer the last General Query is over.
  bool is_answer_over(Duration answer_time, TimePoint now) const {
    return last_query_ != kNever && now >= last_query_ + answer_time + kTransit;
  }

  /// Calls `visit` with the address and the KnownHost of some, from `place` on, first 0; returns
  /// the place to go on from, none when that was all. When hosts come meanwhile, some may be missed
  /// or visited twice.
  template <class Visit>
  std::optional<std::size_t> visit_some(std::size_t place, Visit visit) const {
    constexpr std::size_t kBuckets = 64;
    const auto end = std::min(hosts_.bucket_count(), place + kBuckets);
    for (; place < end; ++place) {
      for (auto host = hosts_.begin(place); host != hosts_.end(place); ++host) {
        visit(host->first, host->second);
      }
    }
    return place < hosts_.bucket_count() ? std::optional{place} : std::nullopt;
  }

 private:
  bool is_in_time(Duration answer_time, TimePoint now) const;
  void forget_silent(TimePoint now);

  using Hosts = std::unordered_map<Address, KnownHost<F>, AddressHash>;

  Hosts hosts_;
  typename Hosts::value_type* last_ = nullptr;  ///< the host that reported last
  TimePoint last_query_ = kNever;
  TimePoint next_sweep_{};
  std::uint32_t round_ = 0;  ///< General Queries so far
  std::uint32_t answered_ = 0;
  std::optional<std::uint32_t> answered_before_;
};

extern template class HostTable<Igmp>;
extern template class HostTable<Mld>;

}  // namespace mcq::core
