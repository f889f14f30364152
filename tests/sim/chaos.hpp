#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/link.hpp"

namespace mcq::sim {

/// What may go wrong in a random run, and what is promised in return where a switch remembers for
/// 260 s.
enum class Climate : std::uint8_t {
  /// Queriers crash, restart, sleep, leap in time, change address and lose their link, in any
  /// order,
  /// but one at least can always ask, and no packet is lost. No stream is out for longer than the
  /// other-querier-present interval and a response interval exceed 260 s: 5 s with the defaults.
  kFailures,
  /// No querier fails, but every 15 minutes a cable loses up to three deliveries in a row. No
  /// stream
  /// is out for longer than four intervals and a response interval exceed 260 s: never with the
  /// defaults.
  kLosses,
  /// Everything fails, on hosts and trunks too. Once it is over, a quiet network recovers within
  /// the other-querier-present interval and one round.
  kEverything,
  /// Hosts join, leave and change their minds every few seconds, and now and then a delivery is
  /// lost: one, since specific queries are sent twice. No querier fails. Every table has what hosts
  /// want, and where the newest version is spoken no stream is out for longer than two intervals
  /// and a response interval exceed 260 s: never.
  kLeaves,
};

/// A link, everything on it and everything that befalls it, drawn from a seed.
template <Family F>
class Chaos {
 public:
  Chaos(Climate climate, std::uint64_t seed, MakeBrain<F> make_brain = sim::make_brain<F>)
      : climate_(climate),
        random_(seed),
        link_(seed, {.knows_routers = seed % 2 == 0}, std::move(make_brain)) {}

  const std::vector<Violation>& violations() const { return link_.violations(); }
  Link<F>& link() { return link_; }

  void play();

 private:
  static constexpr Duration kUnrest = 1h, kCalm = 10min;
  static constexpr int kLostInARow = 3;

  std::uint64_t pick(std::uint64_t choices) { return random_.below(choices); }
  int number(int low, int high);
  template <class T>
  T& one_of(std::deque<T>& all) {
    return all[pick(all.size())];
  }

  void build();

  /// Half of all links have the program's defaults. The others have what an administrator may
  /// choose, with a time for the other querier that survives one lost query.
  core::Settings<F> settings();
  static int newest() { return static_cast<int>(F::kNewest); }

  typename F::Address group() { return sim::group<F>(static_cast<std::uint8_t>(number(1, 3))); }
  typename F::Address free_address();

  void promise();

  void mishap();

  void lose_some();

  void trouble_host(Host<F>& host);
  Filter<F> filter();
  void play_leaves();

  /// Who is in trouble gets out of it; who is not gets into it.
  void trouble(Station<F>& station);
  bool is_dispensable(const Station<F>& station);
  /// The values on which the promise rests stay.
  void reconfigure(Station<F>& station);

  void end_all_mishaps();

  Climate climate_;
  Random random_;
  Link<F> link_;
  TimePoint next_losses_{};
};

extern template class Chaos<Igmp>;
extern template class Chaos<Mld>;

}  // namespace mcq::sim
