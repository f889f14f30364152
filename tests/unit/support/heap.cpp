#include "support/heap.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::int64_t> g_allocations = 0, g_held = 0, g_bytes = 0;

std::int64_t size_of(void* memory) {
  return static_cast<std::int64_t>(::malloc_usable_size(memory));
}

void* count(void* memory) noexcept {
  if (memory == nullptr) return nullptr;
  ++g_allocations;
  ++g_held;
  g_bytes += size_of(memory);
  return memory;
}

void* require(void* memory) {
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  --g_held;
  g_bytes -= size_of(memory);
  std::free(memory);  // NOLINT
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return count(std::malloc(size == 0 ? 1 : size));  // NOLINT
}
void* operator new(std::size_t size) { return require(operator new(size, std::nothrow)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return require(count(std::aligned_alloc(static_cast<std::size_t>(alignment), size)));
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }

namespace mcq::test {

std::int64_t allocations() { return g_allocations; }
std::int64_t pieces_held() { return g_held; }
std::int64_t bytes_held() { return g_bytes; }

}  // namespace mcq::test
