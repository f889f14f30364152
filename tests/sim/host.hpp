#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "sim/segment.hpp"

namespace mcq::sim {

/// A host that receives streams, after RFC 1112, RFC 2236 and RFC 9776 §5, or RFC 2710 and RFC 9777
/// §6. Of its newest version it says what it wants of each source, repeats what changed, and
/// answers every query. Of an older version it reports groups, twice when it joins, and keeps quiet
/// when a neighbour on its cable has answered. It speaks an older version for as long as an older
/// querier counts as present.
///
/// What it was about to say when that time ends it says in its newest version, as Linux does.
template <Family F>
class Host final : public Port<F> {
 public:
  using Address = typename F::Address;
  using Version = typename F::Version;

  Host(World& world, Address address, Version version)
      : world_(world), address_(address), version_(version) {}

  /// Joins, changes its mind, or leaves. Only the newest version knows of sources.
  void listen(const Address& group, const Filter<F>& filter);
  void join(const Address& group) { listen(group, excluding<F>({})); }
  void leave(const Address& group) { listen(group, {}); }

  /// Its link has come back: it reports every group as if it had just joined it.
  void report_again();

  bool has_joined(const Address& group) const;
  /// Calls `visit` with each group, what it wants of it, and since when.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& m : memberships_) {
      if (!m.filter.is_empty()) visit(m.group, m.filter, m.changed);
    }
  }

  /// From now on it answers after just this part of the response time, 0 to 100 percent.
  void answers_after(int percent_of_response_time) { percent_ = percent_of_response_time; }
  /// From now on it leaves in silence when a neighbour was the last to report (RFC 2236 §3).
  void leaves_only_as_last_reporter() { always_leaves_ = false; }

  const Address& address() const { return address_; }
  Version version() const { return version_; }
  /// The version that it speaks now.
  Version spoken() const;
  int queries_received() const { return queries_received_; }
  int reports_sent() const { return reports_sent_; }

  void receive(const Packet<F>& packet) override;

  /// RFC 2236 §8.10; also what an IGMPv1 query stands for (RFC 2236 §4).
  static constexpr Duration kUnsolicitedReportInterval = 10s;

 private:
  struct Membership {
    Address group;
    Filter<F> filter{};
    TimePoint changed{};
    bool was_last = false;  ///< to report, by the reports it received
    TimePoint answer_due = kNever;
    std::vector<Address> asked{};  ///< what the answer is to be about; none: all of the group
    TimePoint change_due = kNever;
    int mode_changes_left = 0;
    std::vector<std::pair<Address, int>> source_changes_left{};
  };
  static constexpr Duration kChangeInterval = 1s;           ///< RFC 9776 §8.11
  static constexpr Duration kVersion1RouterPresent = 400s;  ///< RFC 2236 §8.11

  void process(const Query<F>& query);
  void heed_version(const Query<F>& query, Duration longest);
  void receive_general(Duration longest);
  void receive_specific(const Query<F>& query, Duration longest);
  void suppress(const Report<F>& other);

  void promise_report(Membership& membership, Duration longest);
  void set_answer(Membership& membership, TimePoint due);
  void answer(const Address& group);
  void answer_all();
  std::optional<OwnRecord<F>> current_state(const Membership& membership,
                                            const std::vector<Address>& asked) const;

  void change_older(Membership& membership, bool was_member);
  void note_changes(Membership& membership, const Filter<F>& before);
  void send_changes(const Address& group);
  std::vector<OwnRecord<F>> take_changes(Membership& membership);

  void report(Membership& membership);
  void send_records(std::vector<OwnRecord<F>> records);
  void cancel_everything();

  Duration draw(Duration longest);
  auto find(const Address& group) {
    return std::find_if(memberships_.begin(), memberships_.end(),
                        [&](const auto& m) { return m.group == group; });
  }
  auto find_member(const Address& group) {
    const auto found = find(group);
    return found != memberships_.end() && found->filter.is_empty() ? memberships_.end() : found;
  }

  World& world_;
  Address address_;
  Version version_;
  bool always_leaves_ = true;
  /// Until when queriers of version 1, version 2 count as present.
  std::array<TimePoint, static_cast<std::size_t>(F::kNewest) - 1> older_until_{};
  int robustness_ = 2;
  TimePoint general_due_ = kNever;
  std::vector<Membership> memberships_;
  std::optional<int> percent_;
  int queries_received_ = 0, reports_sent_ = 0;
};

extern template class Host<Igmp>;
extern template class Host<Mld>;

}  // namespace mcq::sim
