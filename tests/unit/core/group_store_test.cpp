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

/// Of 2^18 places, 100,000 addresses that differ in three bytes, anywhere, take nearly as many as
/// chance would have it: n (1 - e^(-100000 / n)), 83,100.
TYPED_TEST(Store, NeighboursDoNotCrowd) {
  using Place = typename TypeParam::Address;
  for (std::size_t last = 2; last < Place{}.bytes.size(); ++last) {
    const AddressHash hash{Random{last}};
    std::set<std::uint64_t> places, tags;
    for (std::uint32_t n = 0; n < 100'000; ++n) {
      Place address{{0xff}};
      for (std::size_t i = 0; i < 3; ++i) {
        address.bytes[last - i] = static_cast<std::uint8_t>(n >> (8 * i));
      }
      places.insert(hash(address) & 0x3ffffU);
      tags.insert(hash(address) >> 56U);
    }
    EXPECT_GT(places.size(), 75'000U) << "bytes up to " << last;
    EXPECT_EQ(tags.size(), 256U) << "bytes up to " << last;
  }
}

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
  using Version = typename TypeParam::Version;
  first.set_sources(std::vector<Source<TypeParam>>{{.address = Lan<TypeParam>::source(1)}});
  for (std::uint8_t n = 1; n <= 2; ++n) first.add_host({.address = Lan<TypeParam>::host(n)});
  first.expires = TimePoint{1h};
  first.set_queries_left(2);
  first.set_next_query(TimePoint{1s});
  for (int v = 1; v < static_cast<int>(TypeParam::kNewest); ++v) {
    first.set_older_present(static_cast<Version>(v), TimePoint{1h});
  }
  store.set_timer(first, TimePoint{5s});
  store.remove(first);
  EXPECT_EQ(store.find(Lan<TypeParam>::group(1)), nullptr);
  EXPECT_EQ(store.deadline(), kNever);
  const auto& second = store.add(Lan<TypeParam>::group(2));
  EXPECT_EQ(&second, &first) << "the place is used again";
  EXPECT_EQ(second.address, Lan<TypeParam>::group(2));
  EXPECT_TRUE(second.sources().empty());
  EXPECT_TRUE(second.hosts().empty());
  EXPECT_EQ(second.last_reporter(), typename TypeParam::Address{});
  EXPECT_EQ(second.mode(), FilterMode::kInclude);
  EXPECT_EQ(second.queries_left(), 0);
  EXPECT_EQ(second.next_query(), kNever);
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

Ipv4Address nth(std::uint32_t n) {
  return {{239, static_cast<std::uint8_t>(n >> 16U), static_cast<std::uint8_t>(n >> 8U),
           static_cast<std::uint8_t>(n)}};
}

/// Among so many, many share the part of the hash that the index holds, and the place as well.
TEST(IgmpStore, TellsGroupsOfTheSameHashApart) {
  constexpr std::uint32_t kGroups = 200'000;
  GroupStore<Igmp> store{Random{1}};
  for (std::uint32_t n = 0; n < kGroups; ++n) store.add(nth(n));
  for (std::uint32_t n = 0; n < kGroups; ++n) ASSERT_EQ(store.find(nth(n))->address, nth(n));
}

/// A flood of groups comes and goes; those that were there before and those that came with it stay.
TEST(IgmpStore, GivesBackWhatAFloodTook) {
  constexpr std::uint32_t kFew = 1'000, kFlood = 500'000;
  const auto stays = [](std::uint32_t n) { return n < kFew || n % 10'000 == 0; };
  GroupStore<Igmp> store{Random{1}};
  for (std::uint32_t n = 0; n < kFew; ++n) store.add(nth(n));
  const auto before = test::bytes_held();
  for (std::uint32_t n = kFew; n < kFlood; ++n) store.add(nth(n));
  EXPECT_GT(test::bytes_held(), before + kFlood * 64);
  for (std::uint32_t n = kFew; n < kFlood; ++n) {
    if (!stays(n)) store.remove(*store.find(nth(n)));
  }
  // Each of the fifty holds 64 places; what remains of any other is less than half a byte.
  EXPECT_LT(test::bytes_held(), before + 50 * 64 * 65 + kFlood / 2);
  std::size_t visited = 0;
  for (std::optional<std::uint32_t> at = 0; at;) {
    at = store.visit_some(*at, [&](const Group<Igmp>&) { return ++visited > 0; });
  }
  EXPECT_EQ(visited, store.size());
  for (std::uint32_t n = 0; n < kFlood; ++n) {
    ASSERT_EQ(store.find(nth(n)) != nullptr, stays(n)) << n;
  }
}

/// Some go and come again, into places that others have left.
TEST(IgmpStore, HoldsMillions) {
  constexpr std::uint32_t kGroups = 1'500'000, kStep = 997;
  GroupStore<Igmp> store{Random{1}};
  for (std::uint32_t n = 0; n < kGroups; ++n) store.set_timer(store.add(nth(n)), TimePoint{1h});
  for (std::uint32_t n = 0; n < kGroups; n += kStep) store.remove(*store.find(nth(n)));
  for (std::uint32_t n = 0; n < kGroups; n += 61) {
    const auto* found = store.find(nth(n));
    ASSERT_EQ(found != nullptr, n % kStep != 0) << n;
    if (found != nullptr) {
      ASSERT_EQ(found->address, nth(n));
    }
  }
  for (std::uint32_t n = 0; n < kGroups; n += kStep) {
    ASSERT_EQ(store.add(nth(n)).address, nth(n)) << "in the place of one that has gone";
  }
  EXPECT_EQ(store.size(), kGroups);
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
      group.set_sources(std::vector<Source<TypeParam>>(3));
      for (std::uint8_t host = 1; host <= 2; ++host) {
        group.add_host({.address = Lan<TypeParam>::host(host)});
      }
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
