// Hosts and queriers of several versions on one link, by the numbers of RFC 9776 §8 and RFC 9777
// §9: an older host counts as present for 260 s after its report, and a membership lives for 270 s.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

template <class F>
struct Compatibility : testing::Test {
  using Address = typename F::Address;
  using Version = typename F::Version;

  Compatibility() { lan.plug_into_switch(host); }
  void TearDown() override { EXPECT_TRUE(keeps_the_rules(lan.violations())); }

  void report(Version version) { host.report(its, version, group); }
  void tell(RecordType type, std::vector<Address> sources = {}) {
    host.tell(its, {{{type, group, std::move(sources)}}});
  }
  Version mode() { return querier.group(group)->compatibility(lan.now()); }

  Link<F> lan{1, kKnownRouters};
  Station<F>& querier = lan.add(address<F>(1), speaking<F>(F::kNewest));
  Voice<F> host{lan.world()};
  const Address group = sim::group<F>(1), its = address<F>(7);
};
TYPED_TEST_SUITE(Compatibility, Families, Names);

/// For 10 s the group lives in its newest mode by what an older host said.
TYPED_TEST(Compatibility, EndsBeforeTheMembershipDoes) {  // IGMP-C-15, IGMP-C-08, MLD-C-03
  constexpr auto kOldest = typename TypeParam::Version{1};
  auto& link = this->lan;
  link.run_until(1000s);
  this->report(kOldest);
  link.run_until(1260s - 1ns);
  EXPECT_EQ(this->mode(), kOldest);
  link.run_until(1260s);
  EXPECT_EQ(this->mode(), TypeParam::kNewest);
  link.run_until(1265s);
  ASSERT_TRUE(this->querier.knows(this->group));
  EXPECT_EQ(this->querier.group(this->group)->mode(), core::FilterMode::kExclude);
  EXPECT_TRUE(this->querier.group(this->group)->is_forwarded(source<TypeParam>(1)));
  link.run_until(1270s - 1ns);
  EXPECT_TRUE(this->querier.knows(this->group));
  link.run_until(1270s);
  EXPECT_FALSE(this->querier.knows(this->group));
}

TYPED_TEST(Compatibility, IsRestartedByEveryOlderReport) {  // IGMP-C-07
  constexpr auto kOld = kOlder<TypeParam>;
  auto& link = this->lan;
  link.run_until(1000s);
  this->report(kOld);
  link.run_until(1200s);
  this->report(kOld);
  this->tell(RecordType::kIsEx);
  link.run_until(1460s - 1ns);
  EXPECT_EQ(this->mode(), kOld);
  link.run_until(1460s);
  EXPECT_EQ(this->mode(), TypeParam::kNewest);
}

TYPED_TEST(Compatibility, WithOlderHostsHearsLeavesAndNoBlocks) {  // IGMP-C-09, MLD-C-04
  const auto s1 = source<TypeParam>(1);
  auto& link = this->lan;
  link.run_until(1000s);
  this->report(kOlder<TypeParam>);
  this->tell(RecordType::kBlock, {s1});
  this->tell(RecordType::kToEx, {s1});
  link.run_until(1010s);
  EXPECT_TRUE(this->querier.group(this->group)->is_forwarded(s1));
  EXPECT_EQ(this->querier.asked_about(this->group), Seconds{});
  this->tell(RecordType::kToIn);
  link.run_until(1012s);
  EXPECT_EQ(this->querier.asked_about(this->group), (Seconds{1010, 1011}));
  EXPECT_EQ(this->querier.specific_queries().back().version, TypeParam::kNewest);  // IGMP-C-12
  EXPECT_FALSE(this->querier.knows(this->group));
}

TYPED_TEST(Compatibility, WithoutOlderHostsBlocksCount) {  // the twin of the one above
  const auto s1 = source<TypeParam>(1);
  auto& link = this->lan;
  link.run_until(1000s);
  this->tell(RecordType::kToEx);
  this->tell(RecordType::kBlock, {s1});
  link.run_until(1010s);
  EXPECT_FALSE(this->querier.group(this->group)->is_forwarded(s1));
  EXPECT_EQ(this->querier.asked_about(this->group), (Seconds{1000, 1001}));
}

TYPED_TEST(Compatibility, DiesWithTheGroup) {  // IGMP-C-14
  auto& link = this->lan;
  link.run_until(1000s);
  this->report(kOlder<TypeParam>);
  link.run_until(1001s);
  EXPECT_EQ(this->mode(), kOlder<TypeParam>);
  this->host.leave(this->its, this->group);
  link.run_until(1003s);
  ASSERT_FALSE(this->querier.knows(this->group));
  this->tell(RecordType::kToEx);
  link.run_until(1004s);
  EXPECT_EQ(this->mode(), TypeParam::kNewest);
}

/// It speaks to older queriers as one of their time does, until they have been gone for 260 s, and
/// is known to both.
TYPED_TEST(Compatibility, OfANewHostWithAnOlderQuerier) {  // IGMP-C-09
  constexpr auto kOld = kOlder<TypeParam>;
  Link<TypeParam> link(1, kKnownRouters);
  auto& old = link.add(address<TypeParam>(1), speaking<TypeParam>(kOld));
  auto& newcomer = link.add_host(TypeParam::kNewest);
  link.run_until(10s);
  EXPECT_EQ(newcomer.spoken(), kOld);
  link.join(newcomer, this->group, including<TypeParam>({source<TypeParam>(1)}));
  link.run_until(200s);  // old asked at 156.25 s
  ASSERT_TRUE(old.knows(this->group));
  EXPECT_EQ(old.group(this->group)->mode(), core::FilterMode::kExclude);
  old.crash();
  auto& young = link.add(address<TypeParam>(2), speaking<TypeParam>(TypeParam::kNewest));
  link.run_until(416'250ms - 1ns);
  EXPECT_EQ(newcomer.spoken(), kOld);
  link.run_until(416'250ms);
  EXPECT_EQ(newcomer.spoken(), TypeParam::kNewest);
  EXPECT_TRUE(young.knows(this->group));
  link.run_until(1500s);
  ASSERT_TRUE(young.knows(this->group));
  EXPECT_EQ(young.group(this->group)->mode(), core::FilterMode::kInclude);
  EXPECT_TRUE(keeps_the_rules(link.violations()));
}

using Igmpv1 = Compatibility<Igmp>;
constexpr auto k1 = Igmp::Version::k1, k2 = Igmp::Version::k2, k3 = Igmp::Version::k3;

TEST_F(Igmpv1, GoesByTheOldestHostThatIsPresent) {  // IGMP-C-06
  lan.run_until(1000s);
  report(k1);
  lan.run_until(1100s);
  report(k2);
  EXPECT_EQ(mode(), k1);
  lan.run_until(1200s);
  tell(RecordType::kIsEx);
  lan.run_until(1260s - 1ns);
  EXPECT_EQ(mode(), k1);
  lan.run_until(1260s);
  EXPECT_EQ(mode(), k2);
  lan.run_until(1360s - 1ns);
  EXPECT_EQ(mode(), k2);
  lan.run_until(1360s);
  EXPECT_EQ(mode(), k3);
}

TEST_F(Igmpv1, HostsKeepTheirGroupWhoeverLeaves) {  // IGMP-C-10, IGMP-M-09
  lan.run_until(1000s);
  report(k1);
  host.leave(address<Igmp>(8), group);
  tell(RecordType::kToIn);
  tell(RecordType::kBlock, {source<Igmp>(1)});
  lan.run_until(1100s);
  EXPECT_EQ(querier.asked_about(group), Seconds{});
  EXPECT_TRUE(querier.group(group)->is_forwarded(source<Igmp>(1)));
  EXPECT_EQ(querier.group(group)->expires, TimePoint{1270s});
}

TEST_F(Igmpv1, LeavesCountAgainOnceItsHostsAreGone) {  // IGMP-M-10
  lan.run_until(1000s);
  report(k1);
  lan.run_until(1200s);
  report(k2);
  lan.run_until(1259s);
  host.leave(its, group);
  lan.run_until(1260s);
  EXPECT_EQ(querier.asked_about(group), Seconds{});
  lan.run_until(1261s);
  host.leave(its, group);
  lan.run_until(1263s);
  EXPECT_EQ(querier.asked_about(group), (Seconds{1261, 1262}));
  EXPECT_FALSE(querier.knows(group));
}

/// Hosts of three versions on one group: none but the IGMPv1 host's silence ends it.
TEST_F(Igmpv1, HostAmongNewerOnesIsTheLastToBeForgotten) {  // IGMP-C-06 to IGMP-C-10
  auto& one = lan.add_host(k1);
  auto& two = lan.add_host(k2);
  auto& three = lan.add_host(k3);
  one.answers_after(0);
  for (auto* joins : {&one, &two, &three}) lan.join(*joins, group);
  lan.run_until(1000s);
  EXPECT_EQ(mode(), k1);
  lan.leave(two, group);
  lan.leave(three, group);
  lan.run_until(1050s);  // the last query was at 1031.25 s
  EXPECT_TRUE(querier.knows(group));
  EXPECT_TRUE(lan.reaches(one, group));
  lan.leave(one, group);
  lan.run_until(1301'250ms - 1ns);
  EXPECT_TRUE(querier.knows(group));
  lan.run_until(1301'250ms);
  EXPECT_FALSE(querier.knows(group));
  EXPECT_EQ(querier.asked_about(group), Seconds{});
}

/// A querier of IGMPv1 receives no leaves (RFC 2236 §4).
TEST(Igmpv1Querier, AsksAboutNoGroup) {  // IGMP-C-02
  Link<Igmp> lan(1, kKnownRouters);
  Voice<Igmp> voice(lan.world());
  lan.plug_into_switch(voice);
  auto& querier = lan.add(address<Igmp>(1), speaking<Igmp>(k1));
  lan.run_until(1000s);
  voice.report(address<Igmp>(7), k2, group<Igmp>(1));
  voice.leave(address<Igmp>(7), group<Igmp>(1));
  lan.run_until(1270s - 1ns);
  EXPECT_TRUE(querier.knows(group<Igmp>(1)));
  lan.run_until(1270s);
  EXPECT_FALSE(querier.knows(group<Igmp>(1)));
  EXPECT_TRUE(querier.specific_queries().empty());
  EXPECT_TRUE(keeps_the_rules(lan.violations()));
}

}  // namespace
}  // namespace mcq::sim
