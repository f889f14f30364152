// One step of the querier: what an event costs without any packet around it.

#include <benchmark/benchmark.h>

#include <cstdlib>

#include "allocations.hpp"
#include "core/querier.hpp"

namespace mcq::bench {
namespace {

using core::Querier;
using core::Role;

constexpr Ipv4Address kLower{{192, 0, 2, 1}};
constexpr Ipv4Address kSelf{{192, 0, 2, 10}};
constexpr Ipv4Address kHigher{{192, 0, 2, 20}};
constexpr TimePoint kStart{1h};

struct Asking : Querier<Igmp> {
  Asking() : Querier<Igmp>({}, Random{1}) {
    const core::Link<Igmp> link{.up = true, .self = kSelf, .subnets = {{{{192, 0, 2, 0}}, 24}}};
    if (step(core::LinkChanged<Igmp>{link}, kStart).empty()) std::abort();
  }
};

core::Event<Igmp> query_from(Ipv4Address from) {
  const Query<Igmp> query{.version = Igmp::Version::k2, .max_response = 10s};
  return core::QueryReceived<Igmp>{from, Igmp::kAllNodes, query};
}

void receive(benchmark::State& state, Ipv4Address from, Role role) {
  Asking instance;
  const auto event = query_from(from);
  auto now = kStart;
  auto actions = instance.step(event, now);  // the first of its kind may change the role
  if (instance.role() != role) std::abort();
  const CountAllocations count{state};
  for (auto _ : state) benchmark::DoNotOptimize(instance.step(event, now += 1us));
}

void receive_query_of_winner(benchmark::State& state) { receive(state, kLower, Role::kNonQuerier); }
void receive_query_of_loser(benchmark::State& state) { receive(state, kHigher, Role::kQuerier); }

void tick_with_nothing_due(benchmark::State& state) {
  Asking instance;
  const core::Event<Igmp> tick = core::Tick{};
  const CountAllocations count{state};
  for (auto _ : state) benchmark::DoNotOptimize(instance.step(tick, kStart));
}

void tick_with_query_due(benchmark::State& state) {
  Asking instance;
  const core::Event<Igmp> tick = core::Tick{};
  const CountAllocations count{state};
  for (auto _ : state) benchmark::DoNotOptimize(instance.step(tick, instance.deadline()));
}

BENCHMARK(receive_query_of_winner)->Apply(fix_iterations);
BENCHMARK(receive_query_of_loser)->Apply(fix_iterations);
BENCHMARK(tick_with_nothing_due)->Apply(fix_iterations);
BENCHMARK(tick_with_query_due)->Apply(fix_iterations);

}  // namespace
}  // namespace mcq::bench
