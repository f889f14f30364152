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

/// RFC 9776 §8.5
inline Duration other_querier_present(const core::Timing& t) {
  return t.robustness * t.query_interval + t.response_interval / 2;
}

/// The values of a querier that says nothing: those of `own`, or the RFC's defaults, whichever may
/// be silent for longer. An untrusted one may be silent for as long, or for `-t`, and no longer.
template <Family F>
core::Timing unannounced(const core::Settings<F>& own) {
  const core::Timing ours{own.robustness.get(), own.query_interval.get(),
                          own.response_interval.get()};
  const core::Timing defaults{2, 125s, 10s};
  return other_querier_present(ours) < other_querier_present(defaults) ? defaults : ours;
}

/// The values of a querier that has asked so; written anew from RFC 9776 §4.1.6, §4.1.7 and from
/// what an untrusted one is granted, so that it checks the querier and does not repeat it.
template <Family F>
core::Timing announced(const core::Settings<F>& own, const Query<F>& query) {
  auto timing = unannounced(own);
  if (query.query_interval != Duration{}) {
    timing = {own.robustness.get(), query.query_interval, own.response_interval.get()};
  }
  if (query.robustness != 0) timing.robustness = query.robustness;
  if (query.max_response != Duration{}) timing.response_interval = query.max_response;
  const Duration given =
      own.other_querier_interval ? own.other_querier_interval->get() : Duration{};
  const auto longest = std::max(given, other_querier_present(unannounced(own)));
  return other_querier_present(timing) > longest ? unannounced(own) : timing;
}

/// How long a querier that received `query` must not query.
template <Family F>
Duration owed_silence(const core::Settings<F>& own, const Query<F>& query) {
  if (own.other_querier_interval) return own.other_querier_interval->get();
  if (query.query_interval == Duration{}) return other_querier_present(unannounced(own));
  return other_querier_present(announced(own, query));
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

  void on(const core::QueryReceived<F>& received);

  template <class Received>
  void on(const Received&) {}  // the ledger sees to members

  void on(const core::LinkChanged<F>& changed);

  void on(const core::SettingsChanged<F>& changed);
  void on(core::QueryRequested) {}
  void on(core::BpduReceived) {}
  void on(const core::QueryFailed<F>&) {}
  void on(const core::RouterMessageReceived<F>&) {}
  void on(core::Stopped) {}

  void end_silence();

  void allow_burst();

  /// Within which the next query must follow the last one.
  void set_gaps();
  void begin_pair();
  bool is_of_pair();

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
  std::optional<TimePoint> pair_begun_;  ///< the last pair after a change of the topology
  int pair_left_ = 0;                    ///< queries of it still to come
  bool must_ask_ = false;
  int burst_allowed_ = 0, burst_owed_ = 0;
  bool has_taken_over_ = false;  ///< with the burst that is owed
  Duration shortest_gap_{}, longest_gap_{};
};

extern template class Referee<Igmp>;
extern template class Referee<Mld>;

}  // namespace mcq::sim
