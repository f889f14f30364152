#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "support/table_rig.hpp"

// What is told of the hosts behind a group, and looking through the table step by step.

namespace mcq::core {
namespace {

using test::kOlder;
using test::Lan;
using test::rfc_settings;
using test::TableRig;
using Type = RecordType;

template <class F>
class GroupHosts : public testing::Test {
 protected:
  static constexpr auto kFirst = Lan<F>::host(50), kSecond = Lan<F>::host(51);

  static HostChanged<F> joined(const typename F::Address& host) {
    return {true, Lan<F>::kGroup, host};
  }
  static HostChanged<F> left(const typename F::Address& host) {
    return {false, Lan<F>::kGroup, host};
  }
};
TYPED_TEST_SUITE(GroupHosts, test::Families);

TYPED_TEST(GroupHosts, ThoseBehindTheFirstAreTold) {
  TableRig<TypeParam> rig;
  rig.record(10s, Type::kToEx, {}, rig.kGroup, this->kFirst);
  EXPECT_TRUE(rig.hosts_changed.empty());
  rig.record(10s, Type::kToEx, {}, rig.kGroup, this->kSecond);  // at the same moment
  EXPECT_EQ(rig.hosts_changed, std::vector{this->joined(this->kSecond)});
}

TYPED_TEST(GroupHosts, WhoIsKnownIsNotToldAgain) {
  TableRig<TypeParam> rig;
  for (const auto at : {10s, 20s, 30s}) {
    rig.record(at, Type::kIsEx, {}, rig.kGroup, this->kFirst);
    rig.record(at, Type::kIsEx, {}, rig.kGroup, this->kSecond);
  }
  EXPECT_EQ(rig.hosts_changed.size(), 1U);
}

TYPED_TEST(GroupHosts, AreNotToldWhereTheyAreNotTracked) {
  auto settings = rfc_settings<TypeParam>();
  settings.explicit_tracking = false;
  TableRig<TypeParam> rig{settings};
  rig.record(10s, Type::kToEx, {}, rig.kGroup, this->kFirst);
  rig.record(20s, Type::kToEx, {}, rig.kGroup, this->kSecond);
  EXPECT_TRUE(rig.hosts_changed.empty());
}

TYPED_TEST(GroupHosts, OneThatLeavesIsToldWhileOthersStay) {
  TableRig<TypeParam> rig;
  rig.record(10s, Type::kToEx, {}, rig.kGroup, this->kFirst);
  rig.record(10s, Type::kToEx, {}, rig.kGroup, this->kSecond);
  rig.record(20s, Type::kToIn, {}, rig.kGroup, this->kFirst);
  EXPECT_EQ(rig.hosts_changed,
            (std::vector{this->joined(this->kSecond), this->left(this->kFirst)}));
  rig.record(21s, Type::kToIn, {}, rig.kGroup, this->kFirst);  // it is not there any more
  EXPECT_EQ(rig.hosts_changed.size(), 2U);
}

TYPED_TEST(GroupHosts, OneThatFallsSilentIsTold) {
  TableRig<TypeParam> rig;
  rig.record(0s, Type::kToEx, {}, rig.kGroup, this->kFirst);
  for (const auto at : {0s, 100s, 200s, 300s, 400s, 500s}) {
    rig.record(at, Type::kIsEx, {}, rig.kGroup, this->kSecond);
  }
  rig.run_until(600s);
  EXPECT_EQ(rig.hosts_changed,
            (std::vector{this->joined(this->kSecond), this->left(this->kFirst)}));
  ASSERT_EQ(rig.find()->hosts().size(), 1U);
  EXPECT_EQ(rig.find()->hosts()[0].address, this->kSecond);
}

/// The groups that steps of `each` at a time come by.
template <class F>
std::vector<typename F::Address> walk(const GroupTable<F>& table, int each) {
  std::vector<typename F::Address> seen;
  for (std::optional<std::uint32_t> place = 0; place;) {
    int left = each;
    place = table.visit_some(*place, [&](const Group<F>& group) {
      seen.push_back(group.address);
      return --left > 0;
    });
  }
  return seen;
}

TYPED_TEST(GroupHosts, StepsThroughTheTableMeetEachGroupOnce) {
  TableRig<TypeParam> rig;
  EXPECT_TRUE(walk(rig.groups(), 1).empty());
  std::vector<typename TypeParam::Address> all;
  for (std::uint16_t i = 1; i <= 100; ++i) {
    all.push_back(Lan<TypeParam>::group(i));
    rig.record(10s, Type::kToEx, {}, all.back());
  }
  for (const int each : {1, 7, 32, 1000}) {
    SCOPED_TRACE(each);
    auto seen = walk(rig.groups(), each);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, all);
  }
}

TYPED_TEST(GroupHosts, StepsThroughTheTableSkipWhatHasGone) {
  TableRig<TypeParam> rig;
  for (std::uint16_t i = 1; i <= 10; ++i) {
    rig.record(10s, Type::kAllow, {rig.a}, Lan<TypeParam>::group(i));
  }
  rig.record(100s, Type::kAllow, {rig.a}, Lan<TypeParam>::group(4));
  rig.run_until(300s);
  EXPECT_EQ(walk(rig.groups(), 1), std::vector{Lan<TypeParam>::group(4)});
}

}  // namespace
}  // namespace mcq::core
