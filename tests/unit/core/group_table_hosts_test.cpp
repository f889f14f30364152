#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "support/table_rig.hpp"

// What is told of the hosts behind a group, and looking through the table step by step.

namespace mcq::core {
namespace {

using namespace test::table;

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

TYPED_TEST(GroupHosts, AreLostWithAGroupThatNobodyReports) {
  TableRig<TypeParam> rig;
  rig.record(0s, Type::kToEx, {}, rig.kGroup, this->kFirst);
  rig.record(10s, Type::kToEx, {}, rig.kGroup, this->kSecond);
  rig.run_until(280s - 1ns);
  EXPECT_TRUE(rig.lost.empty());
  rig.run_until(280s);
  EXPECT_EQ(rig.lost,
            (std::vector<MemberLost<TypeParam>>{{rig.kGroup, this->kFirst, TimePoint{0s}},
                                                {rig.kGroup, this->kSecond, TimePoint{10s}}}));
  EXPECT_EQ(rig.find(), nullptr);
}

TYPED_TEST(GroupHosts, AreLostWithTheLastSourceThatNobodyReports) {
  TableRig<TypeParam> rig;
  rig.record(0s, Type::kAllow, {rig.a}, rig.kGroup, this->kFirst);
  rig.record(100s, Type::kIsIn, {rig.a, rig.b}, rig.kGroup, this->kFirst);
  rig.run_until(370s);
  EXPECT_EQ(rig.lost,
            (std::vector<MemberLost<TypeParam>>{{rig.kGroup, this->kFirst, TimePoint{100s}}}));
}

TYPED_TEST(GroupHosts, AreNotLostByALeave) {
  TableRig<TypeParam> rig;
  for (const auto version : {kOlder<TypeParam>, TypeParam::kNewest}) {  // of hosts
    const auto join = [&](Duration at, const auto& host) {
      if (version == TypeParam::kNewest) {
        rig.record(at, Type::kToEx, {}, rig.kGroup, host);
      } else {
        rig.report(at, version, rig.kGroup, host);
      }
    };
    const auto start = rig.now().time_since_epoch();
    join(start, this->kFirst);
    join(start + 1s, this->kSecond);
    rig.leave(start + 100s, rig.kGroup, this->kSecond);  // the other does not say that it stays
    rig.run_until(start + 103s);
    EXPECT_EQ(rig.find(), nullptr);
    join(start + 110s, this->kSecond);
    join(start + 111s, this->kFirst);
    rig.leave(start + 200s, rig.kGroup, this->kSecond);
    rig.run_until(start + 203s);
    EXPECT_EQ(rig.find(), nullptr);
  }
  EXPECT_TRUE(rig.lost.empty());
}

TYPED_TEST(GroupHosts, AreNotLostWhileTheyAreReportedByNobodyInParticular) {
  TableRig<TypeParam> rig;
  rig.record(0s, Type::kToEx, {}, rig.kGroup, this->kFirst);
  rig.record(100s, Type::kIsEx, {}, rig.kGroup, {});
  rig.run_until(1000s);
  EXPECT_EQ(rig.find(), nullptr);
  EXPECT_TRUE(rig.lost.empty());
}

TYPED_TEST(GroupHosts, AreNotLostWhereTheyAreNotTracked) {
  auto settings = rfc_settings<TypeParam>();
  settings.explicit_tracking = false;
  TableRig<TypeParam> rig{settings};
  rig.record(0s, Type::kToEx, {}, rig.kGroup, this->kFirst);
  rig.run_until(1000s);
  EXPECT_EQ(rig.find(), nullptr);
  EXPECT_TRUE(rig.lost.empty());
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
