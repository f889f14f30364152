#pragma once

#include <cstddef>

namespace mcq {

/// Has the processor fetch memory that is soon to be read, and goes on meanwhile. Does no harm
/// where nothing is.
inline void prefetch(const void* memory, std::size_t octets) {
  constexpr std::size_t kLine = 64;
  const auto* const begin = static_cast<const char*>(memory);
  for (std::size_t at = 0; at < octets; at += kLine) __builtin_prefetch(begin + at);
  asm volatile("");  // a function without any effect would be left out, with those that call it
}

}  // namespace mcq
