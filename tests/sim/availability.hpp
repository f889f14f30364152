#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "sim/link.hpp"

namespace mcq::sim {

/// What all queriers of a link run. What is not said here is as the program has it.
struct Contender {
  enum class Speaks : std::uint8_t { kDefault, kOlder, kNewest };

  std::string name;
  Duration query_interval = 60s;
  Duration response = 10s;
  int robustness = 2;
  int startup_count = 3;
  Duration startup_interval = 5s;
  int jitter = 25;
  std::optional<Duration> other_querier{};
  Speaks version = Speaks::kDefault;
  bool router_discovery = false;
  bool to_the_letter = false;  ///< whoever takes over sends one query and no burst

  template <Family F>
  core::Settings<F> settings() const;
};

/// The program as it is installed.
Contender ours();
/// The same with `-t 130`: two queries and a margin.
Contender ours_impatient();
/// The same with the newest version, where queries say how often they come.
Contender ours_newest();
/// RFC 2236 §7 and §8, or RFC 2710 §6 and §7.
Contender rfc_2236();
/// RFC 9776 §6.6.2 and §8, or RFC 9777 §7.6.2 and §9.
Contender rfc_9776();

/// What they have to stand.
struct Ordeal {
  int loss = 0;                   ///< percent of what each cable carries, either way
  int queriers = 0;               ///< 0: two to five
  bool in_pairs = false;          ///< queriers fail two at a time
  Duration remembered = 260s;     ///< by switches, after a report
  std::ostream* story = nullptr;  ///< where to tell what happens
};

/// What became of the streams.
struct Tally {
  int schedules = 0;
  int failovers = 0;         ///< failures of the querier that asks
  int outages = 0;           ///< of a joined stream at the port of its host
  int without_failover = 0;  ///< of those, how many owe nothing to a failover
  Duration out{}, longest{};
  // When a querier takes over, but for those to the letter.
  std::size_t groups_known = 0;   ///< in its table, of all takeovers
  std::size_t groups_joined = 0;  ///< on the link, likewise
  std::vector<Violation> violations{};

  Tally& operator+=(const Tally& other);
};

/// A link with queriers, one to four hosts and one or two switches, and six failures, all drawn
/// from the seed: a querier is killed, frozen, unplugged, cut off unawares or rebooted, half the
/// time the one that asks. The next failure comes when the network has got over the last. The same
/// seed brings the same failures to every contender.
template <Family F>
Tally try_out(const Contender& contender, const Ordeal& ordeal, std::uint64_t seed);

extern template Tally try_out<Igmp>(const Contender&, const Ordeal&, std::uint64_t);
extern template Tally try_out<Mld>(const Contender&, const Ordeal&, std::uint64_t);

}  // namespace mcq::sim
