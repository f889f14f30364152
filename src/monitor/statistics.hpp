#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/family.hpp"
#include "core/topology_queries.hpp"
#include "wire/message.hpp"

namespace mcq::monitor {

/// Counted since the interface is served.
template <Family F>
struct Statistics {
  using PerVersion = std::array<std::uint64_t, static_cast<std::size_t>(F::kNewest)>;
  std::uint64_t general_queries_sent = 0, specific_queries_sent = 0;
  PerVersion queries{}, reports{};  ///< received, from version 1 on
  std::uint64_t leaves = 0;
  using PerRouterMessage = std::array<std::uint64_t, 3>;  ///< by RouterMessage::Type
  PerRouterMessage router_messages{}, router_messages_sent{};
  std::uint64_t elections_lost = 0, role_changes = 0;
  /// Pairs of queries after a change of the topology, by core::TopologySign.
  std::array<std::uint64_t, core::kTopologySignCount> topology_changes{};

  /// Counts a received message.
  void count(const Message<F>& message) {
    struct Count {
      Statistics& statistics;
      void operator()(const Query<F>& q) { ++of(statistics.queries, q.version); }
      void operator()(const Report<F>& r) { ++of(statistics.reports, r.version); }
      void operator()(const Leave<F>& l) {
        if (!l.is_solicitation()) ++statistics.leaves;
      }
      void operator()(const RecordReport<F>&) { ++of(statistics.reports, F::kNewest); }
      void operator()(const RouterMessage& m) { ++of(statistics.router_messages, m.type); }
      static std::uint64_t& of(PerRouterMessage& counters, RouterMessage::Type type) {
        return counters.at(static_cast<std::size_t>(type));
      }
      static std::uint64_t& of(PerVersion& counters, typename F::Version version) {
        return counters.at(static_cast<std::size_t>(version) - 1);
      }
    };
    std::visit(Count{*this}, message);
  }
};

}  // namespace mcq::monitor
