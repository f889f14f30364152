#include "core/group_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "support/heap.hpp"
#include "support/querier_rig.hpp"

// Groups are found as long as they live, and never move.

namespace mcq::core {
namespace {

using test::Lan;

template <class F>
class Store : public testing::Test {
 public:
  using Address = typename F::Address;

  /// The addresses that a visit of all groups meets.
  static std::vector<Address> visited(const GroupStore<F>& store) {
    std::vector<Address> addresses;
    store.for_each([&](const Group<F>& group) { addresses.push_back(group.address); });
    std::sort(addresses.begin(), addresses.end());
    return addresses;
  }
};
TYPED_TEST_SUITE(Store, test::Families);

TYPED_TEST(Store, IsEmptyAtFirst) {
  GroupStore<TypeParam> store{Random{1}};
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(store.find(Lan<TypeParam>::group(1)), nullptr);
  EXPECT_EQ(store.deadline(), kNever);
  EXPECT_EQ(store.take(TimePoint{1h}), nullptr);
  EXPECT_TRUE(this->visited(store).empty());
}

TYPED_TEST(Store, FindsWhatWasAddedAndNothingElse) {
  GroupStore<TypeParam> store{Random{1}};
  auto& added = store.add(Lan<TypeParam>::group(1));
  EXPECT_EQ(added.address, Lan<TypeParam>::group(1));
  EXPECT_EQ(store.find(Lan<TypeParam>::group(1)), &added);
  EXPECT_EQ(store.find(Lan<TypeParam>::group(2)), nullptr);
  EXPECT_EQ(store.find(typename TypeParam::Address{}), nullptr);
}

TYPED_TEST(Store, ARemovedGroupLeavesNothingToItsSuccessor) {
  GroupStore<TypeParam> store{Random{1}};
  store.add(Lan<TypeParam>::group(9));
  auto& first = store.add(Lan<TypeParam>::group(1));
  first.sources.push_back({.address = Lan<TypeParam>::source(1)});
  first.hosts.push_back({.address = Lan<TypeParam>::host(1)});
  first.mode = FilterMode::kExclude;
  first.older_until.fill(TimePoint{1h});
  store.set_timer(first, TimePoint{5s});
  store.remove(first);
  EXPECT_EQ(store.find(Lan<TypeParam>::group(1)), nullptr);
  EXPECT_EQ(store.deadline(), kNever);
  const auto& second = store.add(Lan<TypeParam>::group(2));
  EXPECT_EQ(&second, &first) << "the place is used again";
  EXPECT_EQ(second.address, Lan<TypeParam>::group(2));
  EXPECT_TRUE(second.sources.empty());
  EXPECT_TRUE(second.hosts.empty());
  EXPECT_EQ(second.mode, FilterMode::kInclude);
  EXPECT_EQ(second.compatibility(TimePoint{1s}), TypeParam::kNewest);
  EXPECT_EQ(store.deadline(), kNever);
}

TYPED_TEST(Store, GroupsStayWhereTheyAreWhileItGrows) {
  GroupStore<TypeParam> store{Random{1}};
  std::map<std::uint16_t, Group<TypeParam>*> places;
  for (std::uint16_t n = 0; n < 5000; ++n) places[n] = &store.add(Lan<TypeParam>::group(n));
  EXPECT_EQ(store.size(), 5000U);
  for (const auto& [n, place] : places) ASSERT_EQ(store.find(Lan<TypeParam>::group(n)), place) << n;
  EXPECT_EQ(this->visited(store).size(), 5000U);
}

/// With twelve groups in sixteen places many searches run into others, and around the end.
TYPED_TEST(Store, ClosesTheGapOfARemovedGroup) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (std::uint16_t removed = 0; removed < 12; ++removed) {
      GroupStore<TypeParam> store{Random{seed}};
      for (std::uint16_t n = 0; n < 12; ++n) store.add(Lan<TypeParam>::group(n));
      store.remove(*store.find(Lan<TypeParam>::group(removed)));
      for (std::uint16_t n = 0; n < 12; ++n) {
        ASSERT_EQ(store.find(Lan<TypeParam>::group(n)) == nullptr, n == removed)
            << "seed " << seed << ", " << n << " without " << removed;
      }
    }
  }
}

/// Among so many, some share all 32 bits of their hash.
TEST(IgmpStore, TellsGroupsOfTheSameHashApart) {
  constexpr std::uint32_t kGroups = 200'000;
  const auto nth = [](std::uint32_t n) {
    return Ipv4Address{{239, static_cast<std::uint8_t>(n >> 16U),
                        static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)}};
  };
  GroupStore<Igmp> store{Random{1}};
  for (std::uint32_t n = 0; n < kGroups; ++n) store.add(nth(n));
  for (std::uint32_t n = 0; n < kGroups; ++n) ASSERT_EQ(store.find(nth(n))->address, nth(n));
}

TYPED_TEST(Store, AgreesWithAMap) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random{seed};
    GroupStore<TypeParam> store{random};
    std::map<typename TypeParam::Address, Group<TypeParam>*> map;
    // Now it fills up, now it drains.
    for (int step = 0; step < 4000; ++step) {
      const auto address =
          Lan<TypeParam>::group(static_cast<std::uint16_t>(random.below(seed % 2 == 0 ? 24 : 400)));
      const bool fills = step / 500 % 2 == 0;
      const auto known = map.find(address);
      ASSERT_EQ(store.find(address), known == map.end() ? nullptr : known->second);
      if (known == map.end() && (fills || random.below(8) == 0)) {
        map[address] = &store.add(address);
      } else if (known != map.end() && (!fills || random.below(8) == 0)) {
        store.remove(*known->second);
        map.erase(known);
      }
      ASSERT_EQ(store.size(), map.size());
      if (step % 100 != 0) continue;
      std::vector<typename TypeParam::Address> expected;
      for (const auto& [key, group] : map) {
        ASSERT_EQ(group->address, key);
        expected.push_back(key);
      }
      ASSERT_EQ(this->visited(store), expected);
    }
  }
}

TYPED_TEST(Store, GivesGroupsWhenTheirTimersEnd) {
  GroupStore<TypeParam> store{Random{1}};
  auto& late = store.add(Lan<TypeParam>::group(1));
  auto& early = store.add(Lan<TypeParam>::group(2));
  store.set_timer(late, TimePoint{20ms});
  store.set_timer(early, TimePoint{10ms});
  EXPECT_EQ(store.deadline(), TimePoint{10ms});
  EXPECT_EQ(store.take(TimePoint{9ms}), nullptr);
  EXPECT_EQ(store.take(TimePoint{10ms}), &early);
  EXPECT_EQ(store.take(TimePoint{10ms}), nullptr);
  store.remove(late);
  EXPECT_EQ(store.take(TimePoint{20ms}), nullptr);
  EXPECT_EQ(store.deadline(), kNever);
}

TYPED_TEST(Store, GivesItsMemoryBackWhenItIsEmpty) {
  GroupStore<TypeParam> store{Random{1}};
  const auto before = test::pieces_held();
  for (const bool at_once : {false, true}) {
    for (std::uint16_t n = 0; n < 1000; ++n) {
      auto& group = store.add(Lan<TypeParam>::group(n));
      group.sources.resize(3);
      group.hosts.resize(3);
      store.set_timer(group, TimePoint{100s});
    }
    EXPECT_GT(test::pieces_held(), before + 2000);
    if (at_once) store.clear();
    for (std::uint16_t n = 0; n < 1000 && !at_once; ++n) {
      store.remove(*store.find(Lan<TypeParam>::group(n)));
    }
    EXPECT_EQ(test::pieces_held(), before);
    EXPECT_EQ(store.size(), 0U);
    EXPECT_EQ(store.deadline(), kNever);
    EXPECT_EQ(store.find(Lan<TypeParam>::group(1)), nullptr);
  }
}

TYPED_TEST(Store, TheSeedDecidesWhereGroupsAreStored) {
  const auto order = [](std::uint64_t seed) {
    GroupStore<TypeParam> store{Random{seed}};
    for (std::uint16_t n = 0; n < 50; ++n) store.add(Lan<TypeParam>::group(n));
    std::vector<typename TypeParam::Address> addresses;
    store.for_each([&](const Group<TypeParam>& group) { addresses.push_back(group.address); });
    return addresses;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

}  // namespace
}  // namespace mcq::core
