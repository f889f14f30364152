#include "core/slot_allocator.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"

namespace mcq::core {
namespace {

TEST(SlotAllocator, CountsFromZero) {
  SlotAllocator pool;
  EXPECT_EQ(pool.blocks(), 0U);
  for (std::uint32_t n = 0; n < 10'000; ++n) {
    ASSERT_EQ(pool.take(), n);
    ASSERT_TRUE(pool.is_taken(n));
  }
  EXPECT_EQ(pool.blocks(), 157U) << "of 64 numbers each";
}

TEST(SlotAllocator, GivesTheLowestFreeNumber) {
  SlotAllocator pool;
  for (int n = 0; n < 10'000; ++n) pool.take();
  for (const std::uint32_t n : {9'999U, 4'096U, 63U, 64U, 0U}) pool.give_back(n);
  EXPECT_FALSE(pool.is_taken(64));
  EXPECT_TRUE(pool.is_taken(65));
  for (const std::uint32_t n : {0U, 63U, 64U, 4'096U, 9'999U, 10'000U}) EXPECT_EQ(pool.take(), n);
}

TEST(SlotAllocator, KnowsWhichBlocksAreFree) {
  SlotAllocator pool;
  for (int n = 0; n < 200; ++n) pool.take();
  for (std::uint32_t n = 64; n < 127; ++n) pool.give_back(n);
  EXPECT_FALSE(pool.is_block_free(1));
  pool.give_back(127);
  EXPECT_TRUE(pool.is_block_free(1));
  EXPECT_FALSE(pool.is_block_free(0));
  EXPECT_EQ(pool.take(), 64U);
  EXPECT_FALSE(pool.is_block_free(1));
}

TEST(SlotAllocator, AgreesWithASet) {
  constexpr std::uint32_t kNumbers = 20'000;
  Random random{1};
  SlotAllocator pool;
  std::set<std::uint32_t> free;
  for (std::uint32_t n = 0; n < kNumbers; ++n) free.insert(n);
  for (int step = 0; step < 60'000; ++step) {
    const auto n = static_cast<std::uint32_t>(random.below(kNumbers));
    const bool fills = step / 20'000 != 1;
    if (!free.contains(n) && n < pool.blocks() * SlotAllocator::kBlock &&
        (!fills || random.below(8) == 0)) {
      ASSERT_TRUE(pool.is_taken(n));
      pool.give_back(n);
      free.insert(n);
    } else if (!free.empty() && (fills || random.below(8) == 0)) {
      ASSERT_EQ(pool.take(), *free.begin());
      free.erase(free.begin());
    }
  }
}

}  // namespace
}  // namespace mcq::core
