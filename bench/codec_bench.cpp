// Bytes to values and back: what one packet costs before and after the core.

#include <benchmark/benchmark.h>

#include <cstdlib>

#include "allocations.hpp"
#include "wire/frame.hpp"
#include "wire/igmp.hpp"

namespace mcq::bench {
namespace {

constexpr Ipv4Address kSource{{192, 0, 2, 1}};
constexpr Ipv4Address kGroup{{239, 1, 2, 3}};
constexpr std::size_t kMostSources = 366;  // what one Ethernet frame holds

Query<Igmp> general_query(Igmp::Version version) {
  return {.version = version, .max_response = 10s, .query_interval = 60s, .robustness = 2};
}

Query<Igmp> query_of_many_sources() {
  Query<Igmp> query{.group = kGroup, .max_response = 1s, .query_interval = 60s, .robustness = 2};
  query.sources.assign(kMostSources, kSource);
  return query;
}

template <class Message>
wire::Buffer packet(const Message& message, Ipv4Address destination) {
  return wire::ipv4_packet(kSource, destination, wire::Reach::kLink, wire::serialize(message));
}

/// What a packet becomes: a message, or the reason to drop it.
Result<Message<Igmp>, wire::ParseError> parse(wire::Bytes bytes) {
  const auto ip = wire::parse_ipv4(bytes);
  if (!ip) return fail(ip.error());
  return wire::parse_igmp(ip->payload);
}

void parse_all(benchmark::State& state, const wire::Buffer& bytes, bool valid = true) {
  if (parse(bytes).has_value() != valid) std::abort();
  const CountAllocations count{state};
  for (auto _ : state) benchmark::DoNotOptimize(parse(bytes));
}

void parse_version2_query(benchmark::State& state) {
  parse_all(state, packet(general_query(Igmp::Version::k2), Igmp::kAllNodes));
}
void parse_version3_query(benchmark::State& state) {
  parse_all(state, packet(general_query(Igmp::Version::k3), Igmp::kAllNodes));
}
void parse_query_of_366_sources(benchmark::State& state) {
  parse_all(state, packet(query_of_many_sources(), kGroup));
}
void parse_version2_report(benchmark::State& state) {
  parse_all(state, packet(Report<Igmp>{Igmp::Version::k2, kGroup}, kGroup));
}
void drop_bad_checksum(benchmark::State& state) {
  auto bytes = packet(general_query(Igmp::Version::k2), Igmp::kAllNodes);
  bytes.back() ^= 1U;
  parse_all(state, bytes, false);
}

void build(benchmark::State& state, const Query<Igmp>& query) {
  const CountAllocations count{state};
  for (auto _ : state) benchmark::DoNotOptimize(packet(query, Igmp::kAllNodes));
}
void build_version2_query(benchmark::State& state) {
  build(state, general_query(Igmp::Version::k2));
}
void build_version3_query(benchmark::State& state) {
  build(state, general_query(Igmp::Version::k3));
}

BENCHMARK(parse_version2_query)->Apply(fix_iterations);
BENCHMARK(parse_version3_query)->Apply(fix_iterations);
BENCHMARK(parse_query_of_366_sources)->Apply(fix_iterations);
BENCHMARK(parse_version2_report)->Apply(fix_iterations);
BENCHMARK(drop_bad_checksum)->Apply(fix_iterations);
BENCHMARK(build_version2_query)->Apply(fix_iterations);
BENCHMARK(build_version3_query)->Apply(fix_iterations);

}  // namespace
}  // namespace mcq::bench
