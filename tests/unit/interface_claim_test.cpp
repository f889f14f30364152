#include "os/interface_claim.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace mcq::os {
namespace {

// No interface has such an index.
constexpr int kIndex = 2'000'000'001;

TEST(InterfaceClaim, IsRefusedWhileAnotherHoldsIt) {
  auto first = claim_interface(kIndex, "ipv4");
  ASSERT_TRUE(first);
  const auto second = claim_interface(kIndex, "ipv4");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), EADDRINUSE);
  *first = Fd{};
  EXPECT_TRUE(claim_interface(kIndex, "ipv4"));
}

TEST(InterfaceClaim, IsForOneInterfaceAndProtocol) {
  const auto first = claim_interface(kIndex, "ipv4");
  EXPECT_TRUE(claim_interface(kIndex, "ipv6"));
  EXPECT_TRUE(claim_interface(kIndex + 1, "ipv4"));
}

}  // namespace
}  // namespace mcq::os
