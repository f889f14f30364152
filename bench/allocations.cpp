#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

std::uint64_t g_allocations = 0;  // one thread

}  // namespace

void* operator new(std::size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;  // NOLINT
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }               // NOLINT
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }  // NOLINT

namespace mcq::bench {

std::uint64_t allocations() { return g_allocations; }

void fix_iterations(benchmark::internal::Benchmark* benchmark) {
  const char* given = std::getenv("BENCH_ITERATIONS");  // NOLINT(concurrency-mt-unsafe)
  if (given != nullptr) benchmark->Iterations(std::atoll(given));
}

}  // namespace mcq::bench
