#include "support/heap.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::int64_t> g_allocations = 0, g_held = 0;

void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  --g_held;
  std::free(memory);  // NOLINT
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(size == 0 ? 1 : size);  // NOLINT
  if (memory == nullptr) return nullptr;
  ++g_allocations;
  ++g_held;
  return memory;
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace mcq::test {

std::int64_t allocations() { return g_allocations; }
std::int64_t pieces_held() { return g_held; }

}  // namespace mcq::test
