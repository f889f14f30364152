// Bytes to values and back: what one packet costs before and after the core.

#include <benchmark/benchmark.h>

#include <cstdlib>

#include "allocations.hpp"
#include "wire/igmp.hpp"
#include "wire/mld.hpp"
#include "wire/packet.hpp"
#include "wire/records.hpp"

namespace mcq::bench {
namespace {

constexpr Ipv4Address kSource{{192, 0, 2, 1}};
constexpr Ipv4Address kGroup{{239, 1, 2, 3}};
constexpr Ipv6Address kSource6{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6Address kGroup6{{0xff, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34}};
constexpr std::size_t kEthernetPayload = 1500;
constexpr std::size_t kMaxSources = (kEthernetPayload - Igmp::kQueryOverhead) / 4;

Query<Igmp> general_query(Igmp::Version version) {
  return {.version = version, .max_response = 10s, .query_interval = 60s, .robustness = 2};
}
Query<Mld> general_query(Mld::Version version) {
  return {.version = version, .max_response = 10s, .query_interval = 60s, .robustness = 2};
}

Query<Igmp> query_of_many_sources() {
  Query<Igmp> query{.group = kGroup, .max_response = 1s, .query_interval = 60s, .robustness = 2};
  query.sources.assign(kMaxSources, kSource);
  return query;
}

wire::Buffer packet(const auto& message, Ipv4Address destination) {
  return wire::ipv4_packet(kSource, destination, wire::Reach::kLink, wire::serialize(message));
}
wire::Buffer packet(const auto& message, const Ipv6Address& destination) {
  return wire::ipv6_packet(kSource6, destination, wire::serialize(message, kSource6, destination));
}

/// As many joins as one report holds.
template <Family F>
wire::Buffer longest_report(const typename F::Address& group, std::size_t overhead) {
  const auto count = (kEthernetPayload - overhead) / (4 + sizeof(group));
  const std::vector<Record<F>> records(count, {RecordType::kIsEx, group, {}});
  return packet(std::span{records}, group);
}

/// Reads a packet and walks its records, as what receives one does.
template <Family F>
std::size_t read(wire::Bytes bytes) {
  const auto packet = wire::parse_packet<F>(bytes);
  if (!packet) return 0;
  const auto* report = std::get_if<RecordReport<F>>(&packet->message);
  if (report == nullptr) return 1;
  std::size_t records = 0;
  wire::RecordReader<F> reader{*report};
  while (const auto record = reader.next()) {
    benchmark::DoNotOptimize(record->sources.data());
    ++records;
  }
  return records;
}

/// `told` is how much the packet says: a message that is not a report says one thing.
template <Family F>
void read_all(benchmark::State& state, const wire::Buffer& bytes, std::size_t told = 1) {
  if (read<F>(bytes) != told) std::abort();
  const CountAllocations count{state};
  for (auto _ : state) benchmark::DoNotOptimize(read<F>(bytes));
}

void parse_version2_query(benchmark::State& state) {
  read_all<Igmp>(state, packet(general_query(Igmp::Version::k2), Igmp::kAllNodes));
}
void parse_version3_query(benchmark::State& state) {
  read_all<Igmp>(state, packet(general_query(Igmp::Version::k3), Igmp::kAllNodes));
}
void parse_mld_query(benchmark::State& state) {
  read_all<Mld>(state, packet(general_query(Mld::Version::k2), Mld::kAllNodes));
}
void parse_query_of_366_sources(benchmark::State& state) {
  read_all<Igmp>(state, packet(query_of_many_sources(), kGroup));
}
void parse_version2_report(benchmark::State& state) {
  read_all<Igmp>(state, packet(Report<Igmp>{Igmp::Version::k2, kGroup}, kGroup));
}
void parse_version3_report(benchmark::State& state) {
  const std::vector<Record<Igmp>> join{{RecordType::kIsEx, kGroup, {}}};
  read_all<Igmp>(state, packet(std::span{join}, kGroup));
}
void parse_mld_report(benchmark::State& state) {
  const std::vector<Record<Mld>> join{{RecordType::kIsEx, kGroup6, {}}};
  read_all<Mld>(state, packet(std::span{join}, kGroup6));
}
void parse_report_of_183_records(benchmark::State& state) {
  read_all<Igmp>(state, longest_report<Igmp>(kGroup, 24 + 8), 183);
}
void parse_mld_report_of_72_records(benchmark::State& state) {
  read_all<Mld>(state, longest_report<Mld>(kGroup6, 48 + 8), 72);
}
void drop_bad_checksum(benchmark::State& state) {
  auto bytes = packet(general_query(Igmp::Version::k2), Igmp::kAllNodes);
  bytes.back() ^= 1U;
  read_all<Igmp>(state, bytes, 0);
}

void checksum_of_1500_bytes(benchmark::State& state) {
  const wire::Buffer bytes(kEthernetPayload, 0x5a);
  const CountAllocations count{state};
  for (auto _ : state) benchmark::DoNotOptimize(wire::checksum(bytes));
}

template <Family F>
void build(benchmark::State& state, const Query<F>& query, const typename F::Address& source) {
  const CountAllocations count{state};
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        wire::serialize_packet(query, source, F::kAllNodes, wire::Reach::kLink));
  }
}
void build_version2_query(benchmark::State& state) {
  build(state, general_query(Igmp::Version::k2), kSource);
}
void build_version3_query(benchmark::State& state) {
  build(state, general_query(Igmp::Version::k3), kSource);
}
void build_mld_query(benchmark::State& state) {
  build(state, general_query(Mld::Version::k2), kSource6);
}

BENCHMARK(parse_version2_query)->Apply(fix_iterations);
BENCHMARK(parse_version3_query)->Apply(fix_iterations);
BENCHMARK(parse_mld_query)->Apply(fix_iterations);
BENCHMARK(parse_query_of_366_sources)->Apply(fix_iterations);
BENCHMARK(parse_version2_report)->Apply(fix_iterations);
BENCHMARK(parse_version3_report)->Apply(fix_iterations);
BENCHMARK(parse_mld_report)->Apply(fix_iterations);
BENCHMARK(parse_report_of_183_records)->Apply(fix_iterations);
BENCHMARK(parse_mld_report_of_72_records)->Apply(fix_iterations);
BENCHMARK(drop_bad_checksum)->Apply(fix_iterations);
BENCHMARK(checksum_of_1500_bytes)->Apply(fix_iterations);
BENCHMARK(build_version2_query)->Apply(fix_iterations);
BENCHMARK(build_version3_query)->Apply(fix_iterations);
BENCHMARK(build_mld_query)->Apply(fix_iterations);

}  // namespace
}  // namespace mcq::bench
