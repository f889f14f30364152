#pragma once

#include <cstddef>

namespace mcq {

/// Prefetches `size` bytes into the cache without waiting. Any address is allowed, mapped or not.
inline void prefetch(const void* memory, std::size_t size) {
  constexpr std::size_t kLine = 64;
  const auto* const begin = static_cast<const char*>(memory);
  for (std::size_t at = 0; at < size; at += kLine) __builtin_prefetch(begin + at);
  asm volatile("");  // else GCC removes calls of a function without side effects
}

}  // namespace mcq
