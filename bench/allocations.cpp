#include "allocations.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

// One thread.
std::uint64_t g_allocations = 0;
std::uint64_t g_bytes = 0;
constexpr std::size_t kOverhead = sizeof(std::size_t);  // of glibc's allocator, per block

void give_back(void* memory) noexcept {
  if (memory != nullptr) g_bytes -= ::malloc_usable_size(memory) + kOverhead;
  std::free(memory);  // NOLINT
}

void* count(void* memory) {
  if (memory == nullptr) throw std::bad_alloc{};
  ++g_allocations;
  g_bytes += ::malloc_usable_size(memory) + kOverhead;
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return count(std::malloc(size == 0 ? 1 : size));  // NOLINT
}
/// What is skipped to get an aligned place counts as lost.
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto bytes = static_cast<std::size_t>(alignment);
  void* memory = count(std::aligned_alloc(bytes, size));
  g_bytes += bytes;
  return memory;
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t alignment) noexcept {
  g_bytes -= static_cast<std::size_t>(alignment);
  give_back(memory);
}

namespace mcq::bench {

std::uint64_t allocations() { return g_allocations; }
std::uint64_t allocated_bytes() { return g_bytes; }

void fix_iterations(benchmark::internal::Benchmark* benchmark) {
  const char* given = std::getenv("BENCH_ITERATIONS");  // NOLINT(concurrency-mt-unsafe)
  if (given != nullptr) benchmark->Iterations(std::atoll(given));
}

}  // namespace mcq::bench
