#include "os/packet_ring.hpp"

#include <gtest/gtest.h>

namespace mcq::os {
namespace {

constexpr std::size_t kKiB = 1024;

/// The kernel takes blocks of whole pages alone, and there are pages of 4, 16 and 64 KiB.
TEST(RingLayout, HasBlocksOfWholePages) {
  struct Row {
    std::size_t bytes, page_size, blocks, block_size;
  };
  for (const auto& [bytes, page_size, blocks, block_size] :
       {Row{16 * kKiB, 4 * kKiB, 1, 16 * kKiB}, Row{16 * kKiB, 16 * kKiB, 1, 16 * kKiB},
        Row{16 * kKiB, 64 * kKiB, 1, 64 * kKiB}, Row{512 * kKiB, 4 * kKiB, 8, 64 * kKiB},
        Row{512 * kKiB, 64 * kKiB, 8, 64 * kKiB}}) {
    SCOPED_TRACE(testing::Message() << bytes << " bytes, pages of " << page_size);
    // Two headers of 32 and 20 bytes, 16 that the kernel leaves, all in line with 16.
    const RingLayout expected{.blocks = blocks, .block_size = block_size, .frame_size = 160};
    EXPECT_EQ(ring_layout(bytes, 80, page_size), expected);
  }
}

}  // namespace
}  // namespace mcq::os
