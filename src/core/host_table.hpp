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
  std::uint32_t answered_round = 0;          ///< General Queries up to the last that it answered
  bool is_own = false;     ///< the querier's own host: it proves nothing about the link
  bool is_awaited = true;  ///< not the querier's own host, and its last report was no leave
  bool is_lost = false;    ///< a group has ended without its leave since its last report
  TimePoint since{}, last_report{};
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
  /// A report came. `is_own`: from the querier's own host.
  Heard heard(const Address& host, const MacAddress& mac, typename F::Version version,
              TimePoint now, bool is_own = false);
  /// Whether the report that was heard last would be the first answer of its host to the last
  /// General Query, if it is an answer. `answer_time` is the time to answer a query.
  bool may_answer(Duration answer_time, TimePoint now) const;
  /// It is one. Call only where may_answer() is true.
  void answered_now();
  /// Its last word was a leave: it may be silent from now on.
  void left(const Address& host);
  /// A group that it had not left has ended, because nobody reported it. False, and nothing is
  /// done, when the host has had no query to answer since its last report.
  bool lost(const Address& host, Duration answer_time, TimePoint now);
  /// Queries so far do not count as missed: what hosts answered may have gone elsewhere.
  void forgive() { forgiven_ = round_; }
  void clear();

  std::size_t size() const { return hosts_.size(); }
  /// How many have reported at `since` or later.
  std::size_t heard_since(TimePoint since) const;
  const KnownHost<F>* find(const Address& host) const;
  /// General Queries that came after the last report of a host, and after forgive().
  std::uint32_t missed(const KnownHost<F>& host) const {
    return round_ - std::max(host.round, forgiven_);
  }
  /// How hosts take the General Queries whose time to answer is over.
  struct Census {
    std::size_t answering = 0;       ///< others that have answered one of the last two
    std::size_t silent = 0;          ///< is_silent()
    std::size_t never_answered = 0;  ///< silent ones that have not answered any query
  };
  /// `version` is that of the queries, `answer_time` the time to answer one.
  Census census(typename F::Version version, Duration answer_time, TimePoint now) const;
  /// Whether a host has missed the last two General Queries though it has not left, and no other
  /// host can have answered for it: it does not speak, and is not asked in, a version in which
  /// hosts keep quiet about a group that another has reported (RFC 2236 §3, RFC 2710 §4); or nobody
  /// has reported a group of it, which has ended.
  bool is_silent(const KnownHost<F>& host, typename F::Version version, Duration answer_time,
                 TimePoint now) const;

  /// When the last General Query was; kNever before the first.
  TimePoint last_query() const { return last_query_; }
  /// Other hosts than the querier's own that have answered it, and those that answered the one
  /// before.
  std::uint32_t answered() const { return answered_; }
  std::optional<std::uint32_t> answered_before() const { return answered_before_; }

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

  /// Calls `visit` with the address and the KnownHost of each.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [address, host] : hosts_) visit(address, host);
  }

 private:
  /// How many queries a host must have missed for `count` of them to be over.
  std::uint32_t rounds_over(std::uint32_t count, Duration answer_time, TimePoint now) const {
    return is_answer_over(answer_time, now) ? count : count + 1;
  }
  bool is_in_time(Duration answer_time, TimePoint now) const;
  void forget_silent(TimePoint now);

  using Hosts = std::unordered_map<Address, KnownHost<F>, AddressHash>;

  Hosts hosts_;
  typename Hosts::value_type* last_ = nullptr;  ///< the host that reported last
  TimePoint last_query_ = kNever;
  TimePoint next_sweep_{};
  std::uint32_t round_ = 0;     ///< General Queries so far
  std::uint32_t forgiven_ = 0;  ///< of them; forgive()
  std::uint32_t answered_ = 0;
  std::optional<std::uint32_t> answered_before_;
};

extern template class HostTable<Igmp>;
extern template class HostTable<Mld>;

}  // namespace mcq::core
