#include "core/group.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "base/random.hpp"
#include "support/heap.hpp"
#include "support/table_rig.hpp"

// What few groups have is kept apart from what all have: it comes and goes, and nobody can tell.

namespace mcq::core {
namespace {

using test::Lan;

template <class F>
class GroupState : public testing::Test {
 public:
  using Address = typename F::Address;
  using Version = typename F::Version;
  using HostList = std::vector<Host<F>>;

  static constexpr Address kNobody{}, kFirst = Lan<F>::host(20), kSecond = Lan<F>::host(10),
                                      kThird = Lan<F>::host(30);
  static Host<F> host(const Address& address, Duration at) {
    return {.address = address, .last_report = TimePoint{at}};
  }
  HostList hosts() const { return {tested.hosts().begin(), tested.hosts().end()}; }
  /// Whether something is kept apart.
  bool is_unusual() const { return test::pieces_held() != pieces_; }

  Group<F> tested;

 private:
  std::int64_t pieces_ = test::pieces_held();
};
TYPED_TEST_SUITE(GroupState, test::Families);

TYPED_TEST(GroupState, TheUsualGroupNeedsNothingBesides) {
  auto& group = this->tested;
  EXPECT_EQ(group.mode(), FilterMode::kInclude);
  group.expires = TimePoint{100s};
  group.set_older_present(test::kOlder<TypeParam>, TimePoint{100s});
  group.add_host(this->host(this->kFirst, 1s));
  group.set_queries_left(0);
  group.set_next_query(kNever);
  group.set_sources({});
  group.erase_sources([](const auto&) { return true; });
  group.tidy(TimePoint{1s});
  EXPECT_EQ(group.mode(), FilterMode::kExclude);
  EXPECT_EQ(group.compatibility(TimePoint{99s}), test::kOlder<TypeParam>);
  EXPECT_EQ(group.compatibility(TimePoint{100s}), TypeParam::kNewest);
  EXPECT_EQ(group.last_reporter(), this->kFirst);
  EXPECT_EQ(this->hosts(), (typename TestFixture::HostList{this->host(this->kFirst, 1s)}));
  EXPECT_FALSE(this->is_unusual());
}

TYPED_TEST(GroupState, GivesBackWhatALeaveNeeded) {
  auto& group = this->tested;
  group.set_next_query(TimePoint{2s});
  group.set_queries_left(2);
  EXPECT_EQ(group.next_query(), TimePoint{2s});
  EXPECT_EQ(group.queries_left(), 2);
  EXPECT_TRUE(this->is_unusual());
  group.set_queries_left(0);
  group.tidy(TimePoint{1s});
  EXPECT_EQ(group.next_query(), TimePoint{2s}) << "a query was sent of late";
  group.set_next_query(kNever);
  group.tidy(TimePoint{1s});
  EXPECT_EQ(group.next_query(), kNever);
  EXPECT_FALSE(this->is_unusual());
  group.set_queries_left(1);
  group.tidy(TimePoint{1s});
  EXPECT_EQ(group.queries_left(), 1);
}

TYPED_TEST(GroupState, GivesBackWhatSourcesNeeded) {
  auto& group = this->tested;
  const std::array<Source<TypeParam>, 2> sources{
      {{.address = Lan<TypeParam>::source(1)}, {.address = Lan<TypeParam>::source(2)}}};
  group.set_sources(sources);
  group.tidy(TimePoint{1s});
  EXPECT_TRUE(
      std::equal(sources.begin(), sources.end(), group.sources().begin(), group.sources().end()));
  group.erase_sources([&](const auto& s) { return s.address == sources[0].address; });
  ASSERT_EQ(group.sources().size(), 1U);
  EXPECT_EQ(group.sources()[0], sources[1]);
  group.set_sources({});
  group.tidy(TimePoint{1s});
  EXPECT_TRUE(group.sources().empty());
  EXPECT_FALSE(this->is_unusual());
}

TEST(IgmpGroupState, RemembersTheOldestHostsWhileTheyAreThere) {
  using Version = Igmp::Version;
  const auto before = test::pieces_held();
  Group<Igmp> group;
  group.set_older_present(Version::k1, TimePoint{10s});
  group.set_older_present(Version::k2, TimePoint{20s});
  group.tidy(TimePoint{9s});
  EXPECT_EQ(group.compatibility(TimePoint{9s}), Version::k1);
  group.tidy(TimePoint{10s});
  EXPECT_EQ(group.compatibility(TimePoint{10s}), Version::k2);
  EXPECT_EQ(group.compatibility(TimePoint{20s}), Version::k3);
  EXPECT_EQ(test::pieces_held(), before);
}

TYPED_TEST(GroupState, ASecondHostComesAndGoes) {
  using Hosts = typename TestFixture::HostList;
  auto& group = this->tested;
  const auto a = this->host(this->kFirst, 1s), b = this->host(this->kSecond, 2s);
  group.add_host(a);
  group.add_host(b);
  EXPECT_EQ(this->hosts(), (Hosts{b, a})) << "by address";
  EXPECT_EQ(group.last_reporter(), b.address);
  EXPECT_EQ(*group.find_host(a.address), a);
  EXPECT_EQ(group.find_host(this->kThird), nullptr);
  EXPECT_EQ(group.erase_hosts([&](const auto& h) { return h == a; }), 1U);
  EXPECT_EQ(this->hosts(), Hosts{b});
  group.tidy(TimePoint{3s});
  EXPECT_FALSE(this->is_unusual());
  EXPECT_EQ(this->hosts(), Hosts{b});
  EXPECT_EQ(group.erase_hosts([&](const auto& h) { return h == a; }), 0U);
  EXPECT_EQ(group.erase_hosts([&](const auto& h) { return h == b; }), 1U);
  EXPECT_TRUE(this->hosts().empty());
  EXPECT_EQ(group.last_reporter(), b.address) << "it was, although it has left";
  EXPECT_EQ(group.find_host(b.address), nullptr);
}

TYPED_TEST(GroupState, TheLastReporterNeedBeNoHost) {
  using Hosts = typename TestFixture::HostList;
  auto& group = this->tested;
  const auto a = this->host(this->kFirst, 1s);
  group.set_last_reporter(this->kSecond);
  EXPECT_EQ(group.last_reporter(), this->kSecond);
  EXPECT_TRUE(this->hosts().empty());
  EXPECT_EQ(group.find_host(this->kSecond), nullptr);
  group.add_host(a);
  group.set_last_reporter(this->kNobody);
  group.tidy(TimePoint{2s});
  EXPECT_EQ(group.last_reporter(), this->kNobody);
  EXPECT_EQ(this->hosts(), Hosts{a});
  EXPECT_EQ(group.find_host(this->kNobody), nullptr);
}

/// Two that report in turn, one of them no host: nothing is built up and torn down.
TYPED_TEST(GroupState, ReportsInTurnAllocateNothing) {
  auto& group = this->tested;
  group.add_host(this->host(this->kFirst, 1s));
  group.set_last_reporter(this->kNobody);
  const auto before = test::allocations();
  for (int i = 0; i < 10; ++i) {
    group.find_host(this->kFirst)->last_report = TimePoint{1s * i};
    group.set_last_reporter(this->kFirst);
    group.set_last_reporter(this->kNobody);
  }
  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(group.find_host(this->kFirst)->last_report, TimePoint{9s});
}

/// What a refresh may prolong, and what it must leave to those who look more closely.
TYPED_TEST(GroupState, ItsOnlyHostRefreshesIt) {
  constexpr auto kNewest = TypeParam::kNewest;
  constexpr auto kOld = test::kOlder<TypeParam>;
  const RefreshTimes times{TimePoint{10s}, TimePoint{270s}, TimePoint{280s}};
  auto& group = this->tested;
  group.add_host(this->host(this->kFirst, 1s));
  EXPECT_FALSE(group.refresh(this->kFirst, kNewest, true, times)) << "in include mode";
  EXPECT_EQ(group.mode(), FilterMode::kInclude);

  group.expires = TimePoint{100s};
  EXPECT_FALSE(group.refresh(this->kSecond, kNewest, true, times)) << "another host";
  EXPECT_FALSE(group.refresh(this->kFirst, kOld, true, times)) << "of another version";
  EXPECT_FALSE(group.refresh(this->kFirst, kNewest, false, times)) << "a host we are to forget";
  EXPECT_EQ(group.expires, TimePoint{100s});
  EXPECT_EQ(this->hosts().front(), this->host(this->kFirst, 1s));

  EXPECT_TRUE(group.refresh(this->kFirst, kNewest, true, times));
  EXPECT_EQ(group.expires, TimePoint{270s});
  EXPECT_EQ(this->hosts().front(), this->host(this->kFirst, 10s));
  EXPECT_EQ(group.compatibility(TimePoint{11s}), kNewest);

  const RefreshTimes shorter{TimePoint{11s}, TimePoint{269s}, TimePoint{280s}};
  EXPECT_FALSE(group.refresh(this->kFirst, kNewest, true, shorter)) << "its timer must be set";
  group.set_queries_left(1);
  EXPECT_FALSE(group.refresh(this->kFirst, kNewest, true, times)) << "queries are under way";
  EXPECT_EQ(group.queries_left(), 1);
}

TYPED_TEST(GroupState, AHostOfTheOlderVersionRefreshesThatToo) {
  constexpr auto kOld = test::kOlder<TypeParam>;
  const RefreshTimes times{TimePoint{10s}, TimePoint{270s}, TimePoint{280s}};
  auto& group = this->tested;
  auto host = this->host(this->kFirst, 1s);
  host.version = kOld;
  group.add_host(host);
  group.expires = TimePoint{100s};
  group.set_older_present(kOld, TimePoint{10s});
  EXPECT_FALSE(group.refresh(this->kFirst, kOld, true, times)) << "none was present any more";
  group.set_older_present(kOld, TimePoint{11s});
  EXPECT_TRUE(group.refresh(this->kFirst, kOld, true, times));
  EXPECT_EQ(group.compatibility(TimePoint{279s}), kOld);
  EXPECT_EQ(group.compatibility(TimePoint{280s}), TypeParam::kNewest);
}

TYPED_TEST(GroupState, WithoutTrackingItsLastReporterRefreshesIt) {
  const RefreshTimes times{TimePoint{10s}, TimePoint{270s}, TimePoint{280s}};
  auto& group = this->tested;
  group.set_last_reporter(this->kFirst);
  group.expires = TimePoint{100s};
  EXPECT_FALSE(group.refresh(this->kFirst, TypeParam::kNewest, true, times)) << "a host to come";
  EXPECT_TRUE(group.refresh(this->kFirst, TypeParam::kNewest, false, times));
  EXPECT_EQ(group.expires, TimePoint{270s});
  EXPECT_TRUE(this->hosts().empty());
}

TYPED_TEST(GroupState, ManyHostsTakeLittleMoreThanTheyNeed) {
  const auto before = test::bytes_held();
  for (std::uint8_t n = 1; n <= 200; ++n) {
    this->tested.add_host(this->host(Lan<TypeParam>::host(n), 1s));
    if (n < 4) continue;
    EXPECT_LE(test::bytes_held() - before,
              static_cast<std::int64_t>(sizeof(RareState<TypeParam>) + 32 +
                                        sizeof(Host<TypeParam>) * (n + 1U) * 5 / 4));
  }
}

/// Hosts that come, report and go, reporters that are none: as a map has it.
TYPED_TEST(GroupState, HostsAgreeWithAMap) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random{seed};
    Group<TypeParam> group;
    std::map<typename TypeParam::Address, Host<TypeParam>> map;
    typename TypeParam::Address last{};
    for (int step = 1; step < 1000; ++step) {
      const auto n = static_cast<std::uint8_t>(random.below(1 + seed % 5));
      const auto some = this->host(Lan<TypeParam>::host(n), 1s * step);
      switch (random.below(5)) {
        case 0:
          ASSERT_EQ(group.erase_hosts([&](const auto& h) { return h.address == some.address; }),
                    map.erase(some.address));
          break;
        case 1:
          group.tidy(TimePoint{1s * step});
          break;
        case 2:
          last = n % 2 == 0 ? typename TypeParam::Address{} : some.address;
          group.set_last_reporter(last);
          break;
        default:
          auto* known = group.find_host(some.address);
          ASSERT_EQ(known != nullptr, map.contains(some.address));
          known != nullptr ? static_cast<void>(*known = some) : group.add_host(some);
          group.set_last_reporter(some.address);
          map[some.address] = some;
          last = some.address;
      }
      ASSERT_EQ(group.last_reporter(), last);
      typename TestFixture::HostList expected;
      for (const auto& [address, host] : map) expected.push_back(host);
      ASSERT_EQ((typename TestFixture::HostList{group.hosts().begin(), group.hosts().end()}),
                expected);
    }
  }
}

}  // namespace
}  // namespace mcq::core
