#include "instance/own_copies.hpp"

#include <gtest/gtest.h>

namespace mcq::instance {
namespace {

constexpr Ipv6Address kOurs{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6Address kOther{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
constexpr TimePoint kNow{1h};
constexpr Duration kLater = OwnCopies<Mld>::kRetried;

TEST(OwnCopies, OfEachQueryOneIsOurs) {
  OwnCopies<Mld> copies;
  EXPECT_FALSE(copies.take(kOurs, kNow));
  copies.expect(kOurs);
  copies.expect(kOurs);
  EXPECT_TRUE(copies.take(kOurs, kNow));
  EXPECT_TRUE(copies.take(kOurs, kNow + kLater));
  EXPECT_FALSE(copies.take(kOurs, kNow + 2 * kLater));
}

TEST(OwnCopies, AreToldByTheAddressThatAsked) {
  OwnCopies<Mld> copies;
  copies.expect(kOurs);
  EXPECT_FALSE(copies.take(kOther, kNow));
  copies.expect(kOther);  // our address changes while the first is still under way
  EXPECT_TRUE(copies.take(kOurs, kNow));
  EXPECT_TRUE(copies.take(kOther, kNow));
}

TEST(OwnCopies, MayBeSeenTwiceWithinAMoment) {
  OwnCopies<Mld> copies;
  copies.expect(kOurs);
  EXPECT_TRUE(copies.take(kOurs, kNow));
  EXPECT_TRUE(copies.take(kOurs, kNow + kLater - 1ns));
  EXPECT_FALSE(copies.take(kOther, kNow));
  EXPECT_FALSE(copies.take(kOurs, kNow + kLater));
}

TEST(OwnCopies, ThatNeverComeAreGivenUpAtABound) {
  OwnCopies<Mld> copies;
  for (int i = 0; i < 1000; ++i) copies.expect(kOurs);
  for (std::size_t i = 0; i < OwnCopies<Mld>::kMost; ++i) {
    EXPECT_TRUE(copies.take(kOurs, kNow + static_cast<int>(i) * kLater));
  }
  EXPECT_FALSE(copies.take(kOurs, kNow + 1h));
}

}  // namespace
}  // namespace mcq::instance
