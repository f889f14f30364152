#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "support/querier_rig.hpp"

namespace mcq::test {

/// The version before the newest: IGMPv2 or MLDv1. Its hosts can leave.
template <Family F>
inline constexpr
    typename F::Version kOlder = static_cast<typename F::Version>(static_cast<int>(F::kNewest) - 1);

/// What a group is like, with what is left of its timers.
template <Family F>
struct State {
  using Address = typename F::Address;

  core::FilterMode mode{};
  Duration timer{};  ///< of the group; 0 in include mode, where it does not run
  std::map<Address, Duration> requested{};
  std::set<Address> excluded{};
  bool operator==(const State&) const = default;

  friend void PrintTo(const State& state, std::ostream* out) {
    *out << (state.mode == core::FilterMode::kExclude ? "EXCLUDE " : "INCLUDE ")
         << seconds(state.timer) << " s, requested";
    for (const auto& [source, left] : state.requested) {
      *out << ' ';
      PrintTo(source, out);
      *out << ": " << seconds(left) << " s";
    }
    *out << ", excluded";
    for (const auto& source : state.excluded) {
      *out << ' ';
      PrintTo(source, out);
    }
  }
};

/// A querier whose link is up from 0 s on, and hosts that report to it.
template <Family F>
class TableRig : public Rig<F> {
 public:
  using Address = typename F::Address;
  using Version = typename F::Version;
  using Actions = core::Actions<F>;
  using Type = RecordType;
  using Addresses = std::vector<Address>;
  using Asked = std::pair<Duration, core::SendQuery<F>>;
  using Told = std::pair<Duration, core::MembershipChanged<F>>;

  static constexpr Address kGroup = Lan<F>::kGroup;
  static constexpr Address kHost = Lan<F>::host(50);
  static constexpr Address a = Lan<F>::source(1), b = Lan<F>::source(2), c = Lan<F>::source(3),
                           d = Lan<F>::source(4), e = Lan<F>::source(5);

  explicit TableRig(core::Settings<F> settings = rfc_settings<F>()) : Rig<F>(settings) {
    this->link_up();
  }

  Actions report(Duration at, Version version = kOlder<F>, Address group = kGroup,
                 Address from = kHost) {
    return this->apply(at, core::ReportReceived<F>{from, {version, group}});
  }
  Actions leave(Duration at, Address group = kGroup, Address from = kHost) {
    return this->apply(at, core::LeaveReceived<F>{from, {group}});
  }
  Actions record(Duration at, Type type, const Addresses& sources = {}, Address group = kGroup,
                 Address from = kHost) {
    return this->apply(at, core::RecordReceived<F>{from, {type, group, sources}});
  }
  /// Another querier asks about a group, in that group.
  Actions receive_specific(Duration at, Query<F> query, Address from = Rig<F>::kLower) {
    const auto group = query.group;
    return this->receive_at(at, from, group, std::move(query));
  }
  void lose(Duration at) {
    this->receive(at, this->kLower);
    ASSERT_EQ(this->role(), core::Role::kNonQuerier);
  }

  /// EXCLUDE({a: 250 s, b: 260 s}, {c, d}) with 240 s on the group timer, seen at 40 s.
  void exclude_five() {
    record(10s, Type::kToEx, {c, d});
    record(20s, Type::kAllow, {a});
    record(30s, Type::kAllow, {b});
    this->run_until(40s);
  }
  /// INCLUDE({a: 240 s, b: 250 s, c: 260 s}), seen at 40 s.
  void include_three() {
    record(10s, Type::kAllow, {a});
    record(20s, Type::kAllow, {b});
    record(30s, Type::kAllow, {c});
    this->run_until(40s);
  }

  const core::GroupTable<F>& groups() const { return this->querier().groups(); }
  const core::Group<F>* find(Address group = kGroup) const { return groups().find(group); }
  std::vector<core::Host<F>> hosts(Address group = kGroup) const {
    const auto hosts = find(group)->hosts();
    return {hosts.begin(), hosts.end()};
  }
  /// Nothing when nobody listens.
  std::optional<State<F>> state(Address group = kGroup) const {
    const auto* found = find(group);
    if (found == nullptr) return std::nullopt;
    for (std::size_t i = 1; i < found->sources().size(); ++i) {
      EXPECT_LT(found->sources()[i - 1].address, found->sources()[i].address) << "not by address";
    }
    State<F> state{.mode = found->mode()};
    if (found->mode() == core::FilterMode::kExclude) state.timer = found->expires - this->now();
    for (const auto& source : found->sources()) {
      if (source.is_requested()) {
        state.requested[source.address] = source.expires - this->now();
      } else {
        state.excluded.insert(source.address);
      }
    }
    return state;
  }
  Version compatibility(Address group = kGroup) const {
    return find(group)->compatibility(this->now());
  }

  /// The specific query it should send: about a group, or about sources of it.
  core::SendQuery<F> asks(Addresses sources = {}, bool suppress = false,
                          Address group = kGroup) const {
    const auto& settings = this->settings();
    Query<F> query{.version = settings.version,
                   .group = group,
                   .sources = std::move(sources),
                   .max_response = settings.last_member_interval.get()};
    if (query.version == F::kNewest) {
      query.query_interval = settings.query_interval.get();
      query.robustness = static_cast<std::uint8_t>(settings.robustness.get());
      query.suppress = suppress;
    }
    return {this->kSelf, group, query};
  }
  /// All specific queries so far.
  std::vector<Asked> asked() const {
    std::vector<Asked> specific;
    for (const auto& send : this->sent) {
      if (!send.second.query.is_general()) specific.push_back(send);
    }
    return specific;
  }
  Moments asked_at() const {
    Moments moments;
    for (const auto& [at, send] : asked()) moments.push_back(at);
    return moments;
  }

  static core::MembershipChanged<F> added(Address group = kGroup, Address reporter = kHost) {
    return {core::Change::kGroupAdded, group, {}, reporter};
  }
  static core::MembershipChanged<F> removed(Address group = kGroup) {
    return {core::Change::kGroupRemoved, group, {}, {}};
  }
  static core::MembershipChanged<F> gone(Address source, Address group = kGroup) {
    return {core::Change::kSourceRemoved, group, source, {}};
  }
};

/// A group-specific query of another router with the RFC's numbers, or one about sources.
template <Family F>
Query<F> specific_query(std::vector<typename F::Address> sources = {}, bool suppress = false) {
  return {.group = Lan<F>::kGroup,
          .sources = std::move(sources),
          .max_response = 1s,
          .query_interval = 125s,
          .robustness = 2,
          .suppress = suppress};
}

/// The names that each test of the group table uses.
namespace table {

using test::kOlder;
using test::Lan;
using test::Moments;
using test::rfc_settings;
using test::specific_query;
using test::State;
using test::TableRig;
using Type = RecordType;
inline constexpr auto kInclude = core::FilterMode::kInclude;
inline constexpr auto kExclude = core::FilterMode::kExclude;

}  // namespace table
}  // namespace mcq::test
