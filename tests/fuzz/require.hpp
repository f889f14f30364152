#pragma once

#include <cstdio>
#include <cstdlib>

namespace mcq::fuzz {

/// Ends the run where a promise is broken; libFuzzer keeps the input that did it.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace mcq::fuzz
