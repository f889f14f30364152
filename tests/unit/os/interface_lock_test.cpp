#include "os/interface_lock.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

namespace mcq::os {
namespace {

// No interface has such an index.
constexpr int kIndex = 2'000'000'001;
constexpr LinkId kLink{kIndex};

int error_of(const LinkId& link, std::string_view protocol) {
  const auto lock_interface = InterfaceLock::make(link, protocol);
  return lock_interface ? 0 : lock_interface.error();
}

TEST(InterfaceLock, IsRefusedWhileAnotherHoldsIt) {
  auto first = InterfaceLock::make(kLink, "ipv4");
  ASSERT_TRUE(first);
  EXPECT_EQ(error_of(kLink, "ipv4"), EADDRINUSE);
  std::optional<InterfaceLock> moved{*std::move(first)};
  EXPECT_EQ(error_of(kLink, "ipv4"), EADDRINUSE);
  moved.reset();
  EXPECT_EQ(error_of(kLink, "ipv4"), 0);
}

TEST(InterfaceLock, IsForOneInterfaceAndProtocol) {
  const auto first = InterfaceLock::make(kLink, "ipv4");
  EXPECT_EQ(error_of(kLink, "ipv6"), 0);
  EXPECT_EQ(error_of({kIndex + 1}, "ipv4"), 0);
  EXPECT_EQ(error_of({kIndex, 20}, "ipv4"), 0);
}

TEST(InterfaceLock, IsForOneVlan) {
  const auto first = InterfaceLock::make({kIndex, 20}, "ipv4");
  EXPECT_EQ(error_of({kIndex, 20}, "ipv4"), EADDRINUSE);
  EXPECT_EQ(error_of({kIndex, 30}, "ipv4"), 0);
  EXPECT_EQ(error_of(kLink, "ipv4"), 0);
}

TEST(InterfaceLock, AProcessHasSoManyAndNoMore) {
  std::vector<InterfaceLock> all;
  for (std::size_t i = 0; i < InterfaceLock::kMax; ++i) {
    auto lock_interface = InterfaceLock::make({kIndex + static_cast<int>(i)}, "ipv4");
    ASSERT_TRUE(lock_interface);
    all.push_back(*std::move(lock_interface));
  }
  EXPECT_EQ(error_of(kLink, "ipv6"), EMFILE);
  all.pop_back();
  EXPECT_EQ(error_of(kLink, "ipv6"), 0);
}

}  // namespace
}  // namespace mcq::os
