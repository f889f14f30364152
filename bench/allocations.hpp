#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

namespace mcq::bench {

/// How often this process has asked for heap memory.
std::uint64_t allocations();
/// How many bytes of it are in use, with what the allocator adds.
std::uint64_t allocated_bytes();

/// Reports the allocations per iteration between its birth and its death.
class CountAllocations {
 public:
  explicit CountAllocations(benchmark::State& state) : state_(state) {}
  ~CountAllocations() {
    state_.counters["allocations"] = benchmark::Counter(
        static_cast<double>(allocations() - before_), benchmark::Counter::kAvgIterations);
  }
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;

 private:
  benchmark::State& state_;
  std::uint64_t before_ = allocations();
};

/// Runs a benchmark exactly BENCH_ITERATIONS times where the environment says so: the difference
/// between two such runs under an instruction counter is the operation alone.
void fix_iterations(benchmark::internal::Benchmark* benchmark);

}  // namespace mcq::bench
