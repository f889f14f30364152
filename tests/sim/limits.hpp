#pragma once

#include <algorithm>

#include "sim/referee.hpp"

namespace mcq::sim {

/// The longest of each kind of time among all queriers of a link: what its promises rest on.
struct Limits {
  Duration interval{};       ///< between two queries of one querier
  Duration response{};       ///< from a query to its answer
  Duration other_querier{};  ///< from a querier's last query to the next one's first

  void include(const Limits& other) {
    interval = std::max(interval, other.interval);
    response = std::max(response, other.response);
    other_querier = std::max(other_querier, other.other_querier);
  }
};

template <Family F, class Stations>
Limits limits_of(const Stations& stations) {
  Limits limits;
  for (const auto& asks : stations) {
    const core::Settings<F>& s = asks.settings();
    Query<F> query{.version = s.version, .max_response = s.response_interval.get()};
    if (s.version == F::kNoResponseTime) query.max_response = 10s;
    if (s.version == F::kNewest) {
      query.query_interval = s.query_interval.get();
      query.robustness = static_cast<std::uint8_t>(s.robustness.get());
    }
    limits.include({s.query_interval.get(), query.max_response, Duration{}});
    if (s.version == F::kNoResponseTime) query.max_response = {};
    for (const auto& listens : stations) {
      if (&listens == &asks) continue;
      limits.include({{}, {}, owed_silence(listens.settings(), query)});
    }
  }
  return limits;
}

}  // namespace mcq::sim
