#include "http/admission.hpp"

#include <gtest/gtest.h>

namespace mcq::http {
namespace {

using Places = std::vector<ConnectionState>;

const std::string kHere;
constexpr Admission kRefused{.is_served = false};

Places operator+(Places places, const Places& more) {
  places.insert(places.end(), more.begin(), more.end());
  return places;
}
Places silent(std::size_t count, const std::string& network) {
  return Places(count, ConnectionState{.network = network});
}
Places asking(std::size_t count, const std::string& network) {
  return Places(count, ConnectionState{.network = network, .has_asked = true});
}
Admission evicting(std::size_t place) { return {.evicted = place}; }

TEST(ConnectionLimits, AreForEverybodyWhileThereAreSome) {
  EXPECT_EQ(admit({}, kHere), Admission{});
  EXPECT_EQ(admit({}, "a"), Admission{});
  EXPECT_EQ(admit(silent(63, kHere), kHere), Admission{});
  EXPECT_EQ(admit(silent(31, "a"), "a"), Admission{});
  EXPECT_EQ(admit(silent(32, "a") + silent(15, "b"), "c"), Admission{});
}

TEST(ConnectionLimits, OthersDoNotTakeThoseOfThisMachine) {
  const auto others = asking(32, "a") + asking(16, "b");
  EXPECT_EQ(admit(others, "c"), kRefused);
  EXPECT_EQ(admit(others, kHere), Admission{});
  EXPECT_EQ(admit(others + asking(15, kHere), kHere), Admission{});
  EXPECT_EQ(admit(others + asking(16, kHere), kHere), kRefused);
}

TEST(ConnectionLimits, TheOldestThatHasAskedNothingGoes) {
  EXPECT_EQ(admit(asking(5, kHere) + silent(59, kHere), kHere), evicting(5));
  EXPECT_EQ(admit(asking(64, kHere), kHere), kRefused);
  EXPECT_EQ(admit(asking(3, "a") + silent(30, "b") + silent(15, "a"), "c"), evicting(3));
  EXPECT_EQ(admit(silent(2, "b") + asking(30, "a") + silent(2, "a"), "a"), evicting(32));
  EXPECT_EQ(admit(silent(2, "b") + asking(32, "a"), "a"), kRefused);
}

TEST(ConnectionLimits, OneOfThisMachineNeverGoesForAnother) {
  const auto here = silent(40, kHere);
  EXPECT_EQ(admit(here + asking(24, "a"), "b"), kRefused);
  EXPECT_EQ(admit(here + silent(24, "a"), "b"), evicting(40));
  EXPECT_EQ(admit(here + silent(24, "a"), kHere), evicting(0));
}

TEST(ConnectionLimits, OfTheRefusedTheOldestGoes) {
  const auto refused = [](std::size_t count) {
    return Places(count, ConnectionState{.network = "a", .is_refused = true});
  };
  EXPECT_EQ(admit(asking(64, kHere) + refused(15), kHere), kRefused);
  const Admission instead{.is_served = false, .evicted = 64};
  EXPECT_EQ(admit(asking(64, kHere) + refused(16), kHere), instead);
  EXPECT_EQ(admit(refused(16) + asking(31, "a"), "a"), Admission{});
  EXPECT_EQ(admit(refused(16) + silent(32, "a"), "a"), evicting(16));
}

TEST(ConnectionLimits, SomeFollowersAreOfThisMachine) {
  const auto following = [](std::size_t count, const std::string& network) {
    return Places(count, ConnectionState{.network = network, .has_asked = true, .follows = true});
  };
  EXPECT_TRUE(may_follow(following(23, "a") + asking(9, "b"), "a"));
  EXPECT_FALSE(may_follow(following(24, "a"), "b"));
  EXPECT_TRUE(may_follow(following(24, "a") + following(7, kHere), kHere));
  EXPECT_FALSE(may_follow(following(24, "a") + following(8, kHere), kHere));
}

}  // namespace
}  // namespace mcq::http
