#pragma once

#include <vector>

#include "sim/link.hpp"

namespace mcq::sim {

/// A large link: a switch, a querier and its standbys, and hosts on ports of their own, which join
/// within the first minute. Queriers and hosts speak the same version. In the middle of its time
/// the elected querier ends without a word.
template <Family F>
struct Campus {
  std::size_t hosts = 10'000;
  std::size_t groups = 3;  ///< of each host; one is common to a hundred
  std::size_t queriers = 3;
  typename F::Version version = F::kNewest;
  Duration length = 1h;
  std::uint64_t seed = 1;
};

/// What passes on it.
struct Traffic {
  std::size_t queries = 0, most_queries = 0;  ///< on each cable; the most in one second
  std::size_t reports = 0, most_reports = 0;  ///< of all hosts; the most on one cable in one second
  std::size_t known = 0;       ///< groups in the table of the last querier, at the end
  Duration longest_silence{};  ///< between two queries
  Duration longest_outage{};   ///< of a joined stream
  std::vector<Violation> violations{};
};

template <Family F>
Traffic watch(const Campus<F>& campus);

extern template Traffic watch<Igmp>(const Campus<Igmp>&);
extern template Traffic watch<Mld>(const Campus<Mld>&);

}  // namespace mcq::sim
