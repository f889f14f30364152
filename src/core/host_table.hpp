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

/// A host of the link that reported a group.
template <Family F>
struct KnownHost {
  MacAddress mac{};
  typename F::Version version = F::kNewest;  ///< of its last report
  std::uint32_t answered = 0;                ///< number of General Queries it answered
  std::uint32_t round = 0;           ///< number of the last General Query before its last report
  std::uint32_t answered_round = 0;  ///< number of the last General Query it answered
  bool is_own = false;               ///< the host of the querier
  bool is_switch = false;            ///< reported kAllSnoopers
  bool is_awaited = true;            ///< has not left since its last report
  bool is_lost = false;  ///< since its last report a group of it expired without a leave
  TimePoint since{}, last_report{};
  bool operator==(const KnownHost&) const = default;

  /// Whether its answers show that queries get through to hosts: the querier's own host and a
  /// switch receive queries that no other host does.
  bool proves_link() const { return !is_own && !is_switch; }
};

/// The hosts of a link and which of them answer General Queries. For diagnosis only: no protocol
/// decision depends on it.
template <Family F>
class HostTable {
 public:
  using Address = typename F::Address;

  static constexpr std::size_t kMaxHosts = 16'384;  ///< further hosts are refused
  /// How long a host without a report is remembered, and longer while no host reports: a link whose
  /// members have fallen silent is not one that never had any. A table that is half full forgets
  /// hosts that never answered after three queries.
  static constexpr Duration kMaxSilence = 1h;
  /// Allowed delay of an answer beyond the time that hosts have to answer.
  static constexpr Duration kTransit = 1s;

  /// `random` seeds the hash of host addresses, which hosts choose.
  explicit HostTable(Random random) : hosts_(0, AddressHash{random}) {}

  /// Call when a General Query was sent or received. Forgets silent hosts from time to time.
  void queried(TimePoint now);
  enum class Insertion : std::uint8_t { kKnown, kNew, kNoRoom };
  enum class Reporter : std::uint8_t { kHost, kOwnHost, kSwitch };
  /// Call when a report was received.
  Insertion received_report(const Address& host, const MacAddress& mac, typename F::Version version,
                            TimePoint now, Reporter reporter = Reporter::kHost);
  /// Whether the report of the last received_report() can be the first answer of its host to the
  /// last General Query. `answer_time` is the time that hosts have to answer.
  bool may_answer(Duration answer_time, TimePoint now) const;
  /// Counts that report as an answer. Call only when may_answer() is true.
  void answered_now();
  /// Call when a host left a group: its silence is no fault from now on.
  void left_group(const Address& host);
  /// Call when a group expired that the host had not left. Returns false, and changes nothing, when
  /// no query has come since its last report whose time to answer is over.
  bool membership_expired(const Address& host, Duration answer_time, TimePoint now);
  /// Counts no query so far as missed: the answers may have gone to another port or querier.
  void forgive() { forgiven_ = round_; }
  void clear();

  std::size_t size() const { return hosts_.size(); }
  /// Number of hosts that reported at `since` or later.
  std::size_t reported_since(TimePoint since) const;
  const KnownHost<F>* find(const Address& host) const;
  /// Number of General Queries after the last report of a host and after forgive().
  std::uint32_t missed(const KnownHost<F>& host) const {
    return round_ - std::max(host.round, forgiven_);
  }
  /// Numbers of hosts by their answers to the General Queries whose time to answer is over. Without
  /// those that prove nothing about the link.
  struct Census {
    std::size_t answering = 0;       ///< answered one of the last two
    std::size_t silent = 0;          ///< see is_silent()
    std::size_t never_answered = 0;  ///< silent ones that never answered a query
  };
  /// `version` is that of the queries, `answer_time` the time that hosts have to answer.
  Census census(typename F::Version version, Duration answer_time, TimePoint now) const;
  /// Whether a host missed the last two General Queries without having left, and no other host can
  /// have answered for it: neither the queries nor the host have an older version, in which hosts
  /// suppress reports of groups that others reported (RFC 2236 §3, RFC 2710 §4); or a group of it
  /// expired, so nobody reported it.
  bool is_silent(const KnownHost<F>& host, typename F::Version version, Duration answer_time,
                 TimePoint now) const {
    return host.proves_link() && misses_queries(host, version, answer_time, now);
  }
  /// The same for the host of the querier, after several times to answer: Linux draws the delay of
  /// its answer in MLD anew at each query, and a burst of queries may put it off.
  bool is_own_silent(const KnownHost<F>& host, typename F::Version version, Duration answer_time,
                     TimePoint now) const {
    constexpr int kPatience = 5;
    return host.is_own && now - host.last_report >= kPatience * answer_time &&
           misses_queries(host, version, answer_time, now);
  }
  /// Number of General Queries, their time to answer being over, since a host other than the own
  /// one and switches reported.
  std::uint32_t unheard(Duration answer_time, TimePoint now) const;
  /// Time of that report.
  TimePoint last_report() const { return last_report_; }

  /// Time of the last General Query; kNever before the first.
  TimePoint last_query() const { return last_query_; }
  /// Numbers of hosts, without those that prove nothing about the link, that answered the last
  /// General Query and the one before.
  std::uint32_t answered() const { return answered_; }
  std::optional<std::uint32_t> answered_before() const { return answered_before_; }

  /// Whether the time to answer the last General Query is over.
  bool is_answer_over(Duration answer_time, TimePoint now) const {
    return last_query_ != kNever && now >= last_query_ + answer_time + kTransit;
  }

  /// Calls `visit` with the address and KnownHost of some hosts, from `place` on, first 0. Returns
  /// the place to continue from; none after the last host. May skip or repeat hosts when others are
  /// added between calls.
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

  /// Calls `visit` with the address and KnownHost of every host.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [address, host] : hosts_) visit(address, host);
  }

 private:
  /// Returns how many queries a host must have missed so that for `count` of them the time to
  /// answer is over.
  std::uint32_t rounds_over(std::uint32_t count, Duration answer_time, TimePoint now) const {
    return is_answer_over(answer_time, now) ? count : count + 1;
  }
  bool misses_queries(const KnownHost<F>& host, typename F::Version version, Duration answer_time,
                      TimePoint now) const;
  bool is_in_time(Duration answer_time, TimePoint now) const;
  void forget_silent(TimePoint now);

  using Hosts = std::unordered_map<Address, KnownHost<F>, AddressHash>;

  Hosts hosts_;
  typename Hosts::value_type* last_ = nullptr;  ///< the host of the last received_report()
  TimePoint last_query_ = kNever;
  TimePoint last_report_{};  ///< of a host that proves the link
  TimePoint next_sweep_{};
  std::uint32_t round_ = 0;     ///< number of General Queries so far
  std::uint32_t forgiven_ = 0;  ///< round_ at the last forgive()
  std::uint32_t heard_ = 0;     ///< round_ at last_report_
  std::uint32_t answered_ = 0;
  std::optional<std::uint32_t> answered_before_;
};

extern template class HostTable<Igmp>;
extern template class HostTable<Mld>;

}  // namespace mcq::core
