#pragma once

#include <cstdint>

namespace mcq::test {

/// How often this process has asked for memory, and how many pieces and bytes it holds.
std::int64_t allocations();
std::int64_t pieces_held();
std::int64_t bytes_held();

}  // namespace mcq::test
