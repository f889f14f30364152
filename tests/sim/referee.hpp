#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/event.hpp"
#include "sim/ledger.hpp"
#include "sim/step.hpp"
#include "sim/verdict.hpp"

namespace mcq::sim {

/// How long a querier that heard `query` owes silence; written anew from RFC 9776 §8.5, so that it
/// checks the querier and does not repeat it.
template <Family F>
Duration owed_silence(const core::Settings<F>& own, const Query<F>& query) {
  if (own.other_querier_interval) return own.other_querier_interval->get();
  const auto or_own = [](auto value, auto ours) {
    return value == decltype(value){} ? ours : value;
  };
  const int robustness = or_own(int{query.robustness}, own.robustness.get());
  const auto interval = or_own(query.query_interval, own.query_interval.get());
  const auto response = or_own(query.max_response, own.response_interval.get());
  const Duration least = query.query_interval == Duration{} ? 255s : 0s;
  return std::max(least, robustness * interval + response / 2);
}

/// Watches one querier, by that querier's own clock, and knows what it may do from what it was
/// told.
template <Family F>
class Referee {
 public:
  using Address = typename F::Address;

  Referee(Verdict& verdict, const core::Settings<F>& settings)
      : verdict_(verdict), settings_(settings), ledger_(verdict) {}

  void watch(const Step<F>& step, TimePoint own_now, TimePoint now);

  /// To be called whenever time has passed while the querier was awake.
  void check_silence(TimePoint own_now, TimePoint now);

 private:
  void on(core::Tick);

  void on(const core::QueryHeard<F>& heard);

  template <class Heard>
  void on(const Heard&) {}  // the ledger sees to members

  void on(const core::LinkChanged<F>& changed);

  void on(const core::SettingsChanged<F>& changed);
  void on(core::QueryRequested) {}
  void on(const core::QueryFailed<F>&) {}

  void end_silence();

  void allow_burst();

  /// Within which the next query must follow the last one.
  void set_gaps();

  /// Whether a querier at `other` silences this one.
  bool is_below(const Address& other) const;

  void check_query(const core::SendQuery<F>& sent, core::Role role);

  void expect(bool holds, Rule rule, const char* otherwise);

  Verdict& verdict_;
  core::Settings<F> settings_;
  core::Link<F> link_;
  core::Timing adopted_;  ///< the silencer's, as far as it says them
  Ledger<F> ledger_;
  core::Role role_ = core::Role::kWaiting;
  TimePoint own_now_{}, now_{};
  TimePoint silent_until_ = TimePoint::min();
  Address silencer_{};
  std::optional<TimePoint> last_asked_;
  bool must_ask_ = false;
  int burst_allowed_ = 0, burst_owed_ = 0;
  bool has_taken_over_ = false;  ///< with the burst that is owed
  Duration shortest_gap_{}, longest_gap_{};
};

extern template class Referee<Igmp>;
extern template class Referee<Mld>;

}  // namespace mcq::sim
