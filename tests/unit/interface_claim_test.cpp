#include "os/interface_claim.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

namespace mcq::os {
namespace {

// No interface has such an index.
constexpr int kIndex = 2'000'000'001;

int error_of(int index, std::string_view protocol) {
  const auto claim = InterfaceClaim::make(index, protocol);
  return claim ? 0 : claim.error();
}

TEST(InterfaceClaim, IsRefusedWhileAnotherHoldsIt) {
  auto first = InterfaceClaim::make(kIndex, "ipv4");
  ASSERT_TRUE(first);
  EXPECT_EQ(error_of(kIndex, "ipv4"), EADDRINUSE);
  std::optional<InterfaceClaim> moved{*std::move(first)};
  EXPECT_EQ(error_of(kIndex, "ipv4"), EADDRINUSE);
  moved.reset();
  EXPECT_EQ(error_of(kIndex, "ipv4"), 0);
}

TEST(InterfaceClaim, IsForOneInterfaceAndProtocol) {
  const auto first = InterfaceClaim::make(kIndex, "ipv4");
  EXPECT_EQ(error_of(kIndex, "ipv6"), 0);
  EXPECT_EQ(error_of(kIndex + 1, "ipv4"), 0);
}

TEST(InterfaceClaim, AProcessHasSoManyAndNoMore) {
  std::vector<InterfaceClaim> all;
  for (std::size_t i = 0; i < InterfaceClaim::kMost; ++i) {
    auto claim = InterfaceClaim::make(kIndex + static_cast<int>(i), "ipv4");
    ASSERT_TRUE(claim);
    all.push_back(*std::move(claim));
  }
  EXPECT_EQ(error_of(kIndex, "ipv6"), EMFILE);
  all.pop_back();
  EXPECT_EQ(error_of(kIndex, "ipv6"), 0);
}

}  // namespace
}  // namespace mcq::os
