// What the signs of a change of the topology cost and bring: a quiet LAN gets no query more, a
// forger two in ten seconds, and a switch that has forgotten its members learns them within
// seconds.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

template <class F>
core::Settings<F> with_signs(bool heeds) {
  core::Settings<F> settings;
  settings.query_on_solicitation = settings.query_on_bpdu = settings.query_on_rejoin = heeds;
  return settings;
}

template <class F>
struct Signs : testing::Test {
  const typename F::Address group = sim::group<F>(1);

  /// A querier, and two hosts behind a second switch, one of which has lost its link with it.
  struct Cellar {
    explicit Cellar(bool heeds, typename F::Version version) {
      link.add(address<F>(1), with_signs<F>(heeds));
      far = link.add_switch();
      returning = &link.add_host(version, far);
      staying = &link.add_host(version, far);
      link.run_until(20s);
      for (auto* host : {returning, staying}) link.join(*host, sim::group<F>(1));
      link.run_until(1000s);
    }
    Link<F> link{1, kKnownRouters};
    std::size_t far = 0;
    Host<F>*returning = nullptr, *staying = nullptr;
  };

  static std::size_t most_in(const Seconds& times, double window) {
    std::size_t most = 0;
    for (const auto from : times) {
      most = std::max(most, between(times, from - 0.001, from + window - 0.002).size());
    }
    return most;
  }
};
TYPED_TEST_SUITE(Signs, Families, Names);

/// Members that join, answer and leave for a week.
TYPED_TEST(Signs, DrawNoQueryOnAQuietLink) {  // SNP-11
  for (const auto version : kLeavers<TypeParam>) {
    std::vector<Seconds> asked;
    for (const bool heeds : {false, true}) {
      Link<TypeParam> link;
      auto& station = link.add(address<TypeParam>(1), with_signs<TypeParam>(heeds));
      auto& fixed = link.add_host(version);
      auto& moving = link.add_host(version);
      link.join(fixed, this->group);
      for (Duration at = 100s; at < 7 * 24h; at += 997s) {
        link.run_until(at);
        link.join(moving, this->group);
        link.run_until(at + 400s);
        link.leave(moving, this->group);
      }
      EXPECT_TRUE(keeps_the_rules(link.violations()));
      asked.push_back(station.asked());
    }
    EXPECT_EQ(asked[0], asked[1]);
    EXPECT_GT(asked[0].size(), 10'000U);
  }
}

/// Leaves for no group, BPDUs and reports at a hundred a second.
TYPED_TEST(Signs, ForgedAtFullRateDrawTwoQueriesInTenSeconds) {  // SNP-11
  Link<TypeParam> link;
  auto& station = link.add(address<TypeParam>(1), with_signs<TypeParam>(true));
  auto& host = link.add_host();
  Voice<TypeParam> forger{link.world()};
  link.plug_into_switch(forger);
  link.join(host, this->group);
  link.run_until(100s);
  for (Duration at = 100s; at < 700s; at += 10ms) {
    link.run_until(at);
    forger.leave(address<TypeParam>(66), {});
    forger.report(address<TypeParam>(67), kOlder<TypeParam>, this->group);
    station.receive_bpdu();
  }
  link.run_until(800s);
  const auto asked = between(station.asked(), 99, 700);
  EXPECT_EQ(asked.size(), 120U);
  EXPECT_EQ(this->most_in(asked, 10), 2U);
  EXPECT_EQ(link.longest_outage(), 0s);
  EXPECT_TRUE(keeps_the_rules(link.violations()));
}

/// One of two hosts behind a switch that has forgotten both joins again.
TYPED_TEST(Signs, OneRejoinBringsBackTheStreamsOfAllBehindThatSwitch) {  // SNP-10
  for (const auto version : kLeavers<TypeParam>) {
    for (const bool heeds : {true, false}) {
      typename TestFixture::Cellar cellar{heeds, version};
      auto& link = cellar.link;
      link.run_until(1015s);  // any answer is over
      const auto last = link.stations().front().asked().back();
      link.run_until(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(last)) +
                     12s);
      link.forget_members(cellar.far);
      cellar.returning->report_again();
      link.run_for(3s);
      EXPECT_TRUE(link.reaches(*cellar.returning, this->group));
      EXPECT_EQ(link.reaches(*cellar.staying, this->group), heeds);
      link.run_for(100s);
      EXPECT_TRUE(link.reaches(*cellar.staying, this->group));
    }
  }
}

/// Nobody but a bridge says that the members are forgotten.
TYPED_TEST(Signs, SoDoesABpdu) {  // SNP-09
  for (const bool heeds : {true, false}) {
    typename TestFixture::Cellar cellar{heeds, kOlder<TypeParam>};
    auto& link = cellar.link;
    link.run_until(1030s);
    const auto last = link.stations().front().asked().back();
    link.run_until(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(last)) + 12s);
    link.forget_members(cellar.far);
    link.stations().front().receive_bpdu();
    link.run_for(3s);
    EXPECT_EQ(link.reaches(*cellar.staying, this->group), heeds);
    link.run_for(100s);
    EXPECT_TRUE(link.reaches(*cellar.staying, this->group));
  }
}

}  // namespace
}  // namespace mcq::sim
