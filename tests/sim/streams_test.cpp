// What a snooping switch does with a stream, with a querier and without.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

template <class F>
struct Stream : testing::Test {
  const typename F::Address group = sim::group<F>(1);
};
TYPED_TEST_SUITE(Stream, Families, Names);

TYPED_TEST(Stream, DiesWithoutAQuerier) {
  Link<TypeParam> link;
  auto& host = link.add_host();
  host.answers_after(0);  // its second report follows the first at once
  link.join(host, this->group);
  link.run_until(260s);
  EXPECT_TRUE(link.reaches(host, this->group));
  link.run_until(260s + 1ns);
  EXPECT_FALSE(link.reaches(host, this->group));
}

TYPED_TEST(Stream, LivesWithOneAndOnlyWhereItWasJoined) {
  Link<TypeParam> link;
  link.add(address<TypeParam>(1), core::Settings<TypeParam>{});
  auto& host = link.add_host();
  auto& other = link.add_host();
  link.join(host, this->group);
  link.join(other, sim::group<TypeParam>(2));
  link.promise(0s);
  link.run_until(7 * 24h);
  EXPECT_TRUE(link.reaches(host, this->group));
  EXPECT_FALSE(link.reaches(other, this->group));
  EXPECT_TRUE(keeps_the_rules(link.violations()));
}

TYPED_TEST(Stream, AgesOutAfterItWasLeft) {
  Link<TypeParam> link;
  link.add(address<TypeParam>(1));
  auto& host = link.add_host();
  link.join(host, this->group);
  link.run_until(1000s);
  EXPECT_TRUE(link.reaches(host, this->group));
  link.leave(host, this->group);
  link.run_until(1260s);
  EXPECT_FALSE(link.reaches(host, this->group));
}

TYPED_TEST(Stream, CrossesATrunk) {
  Link<TypeParam> link;
  const auto far = link.add_switch();
  link.add(address<TypeParam>(1), rfc_settings<TypeParam>(), far);
  link.add(address<TypeParam>(2));
  auto& near_host = link.add_host();
  auto& far_host = link.add_host(TypeParam::kDefault, far);
  link.run_until(10s);
  link.join(near_host, this->group);
  link.join(far_host, this->group);
  link.promise(0s);
  link.run_until(24h);
  EXPECT_TRUE(link.reaches(near_host, this->group));
  EXPECT_TRUE(link.reaches(far_host, this->group));
  EXPECT_TRUE(keeps_the_rules(link.violations()));
}

/// The second switch learns no router from the unspecified address (RFC 4541 §2.1.1) and keeps its
/// reports to itself: a proxy serves one switch.
TYPED_TEST(Stream, CrossesNoTrunkForAProxy) {
  Link<TypeParam> link;
  const auto far = link.add_switch();
  core::Settings<TypeParam> proxy;
  proxy.proxy = true;
  link.add({}, proxy);
  auto& near_host = link.add_host();
  auto& far_host = link.add_host(TypeParam::kDefault, far);
  link.run_until(10s);
  link.join(near_host, this->group);
  link.join(far_host, this->group);
  link.run_until(1000s);
  EXPECT_TRUE(link.reaches(near_host, this->group));
  EXPECT_FALSE(link.reaches(far_host, this->group));
}

TEST(Hub, OneHostAnswersForAllAndTheStreamLives) {
  Link<Igmp> link;
  link.add(address<Igmp>(1), core::Settings<Igmp>{});
  auto& host = link.add_host();
  auto& neighbour = link.add_host_beside(host);
  link.join(host, group<Igmp>(1));
  link.join(neighbour, group<Igmp>(1));
  link.promise(0s);
  link.run_until(24h);
  EXPECT_LT(host.reports_sent() + neighbour.reports_sent(), host.queries_received() + 10);
  EXPECT_TRUE(keeps_the_rules(link.violations()));
}

}  // namespace
}  // namespace mcq::sim
