#include "core/router_discovery.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/querier_rig.hpp"

// What a querier says of itself as a multicast router, and when.

namespace mcq::core {
namespace {

using test::rfc_settings;
using Type = RouterMessage::Type;

template <class F>
struct Discovery : testing::Test {
  using Address = typename F::Address;
  using Rig = test::Rig<F>;

  static Settings<F> advertising() {
    auto settings = rfc_settings<F>();
    settings.router_discovery = true;
    return settings;
  }
  /// A querier that advertises, after its initial advertisements.
  struct SettledRig : Rig {
    explicit SettledRig(Settings<F> settings = advertising(), std::uint64_t seed = 1)
        : Rig{settings, seed} {
      this->link_up();
      this->run_until(10s);
      this->advertised.clear();
    }
  };
  static RouterMessageReceived<F> solicitation(Address source = Rig::kHigher,
                                               Address destination = F::kAllRouters) {
    return {source, destination, {Type::kSolicitation}};
  }
  static SendRouterMessage<F> termination(Address source = Rig::kSelf) {
    return {source, F::kAllSnoopers, {Type::kTermination}};
  }
  static Actions<F> refused(Address source) {
    return {Noticed<F>{Notice::kBadRouterMessage, source}};
  }
};
TYPED_TEST_SUITE(Discovery, test::Families);

TYPED_TEST(Discovery, IsOffByDefault) {  // MRD-10
  test::LinkedRig<TypeParam> rig;
  rig.apply(1s, TestFixture::solicitation());
  EXPECT_TRUE(rig.apply(1000s, Stopped{}).empty());
  EXPECT_TRUE(rig.advertised.empty());
}

TYPED_TEST(Discovery, BeginsWithThreeAdvertisementsLessThanTwoSecondsApart) {  // MRD-11, MRD-12
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    typename TestFixture::Rig rig{TestFixture::advertising(), seed};
    rig.link_up(100s);
    rig.run_until(140s);
    ASSERT_GE(rig.advertised.size(), 4U) << seed;
    auto before = Duration{100s};
    for (int i = 0; i < 3; ++i) {
      const auto at = rig.advertised[static_cast<std::size_t>(i)].first;
      EXPECT_LT(at - before, 2s) << seed;
      if (i > 0) {
        EXPECT_GE(at - before, 100ms) << seed;
      }
      before = at;
    }
    EXPECT_GE(rig.advertised[3].first - before, 19'500ms) << seed;
  }
}

TYPED_TEST(Discovery, AdvertisesEveryIntervalAndUpToAFortiethMoreOrLess) {  // MRD-13
  typename TestFixture::SettledRig rig;
  rig.run_until(10'000s);
  bool is_ever_shorter = false, is_ever_longer = false;
  for (std::size_t i = 1; i < rig.advertised.size(); ++i) {
    const auto gap = rig.advertised[i].first - rig.advertised[i - 1].first;
    EXPECT_GE(gap, 19'500ms);
    EXPECT_LE(gap, 20'500ms);
    is_ever_shorter = is_ever_shorter || gap < 19'750ms;
    is_ever_longer = is_ever_longer || gap > 20'250ms;
  }
  EXPECT_TRUE(is_ever_shorter && is_ever_longer);
  EXPECT_GE(rig.advertised.size(), 480U);
}

TYPED_TEST(Discovery, SaysWhatIsInUseOnTheLink) {  // MRD-02, MRD-14, MRD-15
  typename TestFixture::SettledRig rig;
  rig.run_until(40s);
  const SendRouterMessage<TypeParam> ours{
      rig.kSelf, TypeParam::kAllSnoopers, {Type::kAdvertisement, 20s, 125s, 2}};
  EXPECT_EQ(rig.advertised.back().second, ours);
  auto query = test::general_query<TypeParam>();
  query.query_interval = 30s;
  query.robustness = 5;
  const auto before = rig.advertised.size();
  rig.receive(40s, rig.kLower, query);
  rig.run_until(41s);
  EXPECT_EQ(rig.advertised.size(), before) << "new values cause no advertisement";
  rig.run_until(65s);
  EXPECT_EQ(rig.role(), Role::kNonQuerier);
  auto theirs = ours;
  theirs.message.query_interval = 30s;
  theirs.message.robustness = 5;
  EXPECT_EQ(rig.advertised.back().second, theirs);
}

TEST(IgmpDiscovery, HasNoRobustnessInVersion1) {  // MRD-15
  auto settings = Discovery<Igmp>::advertising();
  settings.version = Igmp::Version::k1;
  Discovery<Igmp>::SettledRig rig{settings};
  rig.run_until(40s);
  EXPECT_EQ(rig.advertised.back().second.message,
            (RouterMessage{Type::kAdvertisement, 20s, 125s, 0}));
}

TYPED_TEST(Discovery, TheConfiguredIntervalIsKeptAndSaid) {  // MRD-02, MRD-16
  auto settings = TestFixture::advertising();
  settings.router_advertisement_interval = 180;
  typename TestFixture::SettledRig rig{settings};
  rig.run_until(180s);
  ASSERT_TRUE(rig.advertised.empty());
  settings.router_advertisement_interval = 4;
  rig.configure(180s, settings);
  EXPECT_TRUE(rig.advertised.empty());
  rig.run_until(188'100ms);
  ASSERT_EQ(rig.advertised.size(), 2U);
  EXPECT_EQ(rig.advertised.back().second.message.interval, 4s);
}

TYPED_TEST(Discovery, AnswersASolicitationWithinTwoSecondsAndCountsTheIntervalFromThere) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {  // MRD-17, MRD-19
    typename TestFixture::SettledRig rig{TestFixture::advertising(), seed};
    EXPECT_TRUE(rig.apply(12s, TestFixture::solicitation()).empty());
    rig.run_until(14s);
    ASSERT_EQ(rig.advertised.size(), 1U) << seed;
    const auto answer = rig.advertised.back().first;
    EXPECT_LT(answer - 12s, 2s);
    rig.run_until(answer + 19'500ms - 1ns);
    EXPECT_EQ(rig.advertised.size(), 1U) << seed;
    rig.run_until(answer + 20'500ms);
    EXPECT_EQ(rig.advertised.size(), 2U) << seed;
  }
}

TYPED_TEST(Discovery, AFloodOfSolicitationsIsAnsweredAboutOnceASecond) {  // MRD-18
  typename TestFixture::SettledRig rig;
  for (auto at = Duration{100s}; at < 200s; at += 1ms) rig.apply(at, TestFixture::solicitation());
  for (std::size_t i = 1; i < rig.advertised.size(); ++i) {
    EXPECT_GE(rig.advertised[i].first - rig.advertised[i - 1].first, 100ms);
  }
  const auto in_flood =
      std::count_if(rig.advertised.begin(), rig.advertised.end(),
                    [](const auto& advertised) { return advertised.first >= 100s; });
  EXPECT_GT(in_flood, 70);
  EXPECT_LT(in_flood, 130);
}

TYPED_TEST(Discovery, SolicitationsChangeNothingOfTheInitialAdvertisements) {  // MRD-18
  typename TestFixture::Rig quiet{TestFixture::advertising()}, asked{TestFixture::advertising()};
  quiet.link_up();
  asked.link_up();
  const auto first = quiet.querier().router_discovery().deadline();
  asked.apply(1ns, TestFixture::solicitation());
  EXPECT_EQ(asked.querier().router_discovery().deadline(), first);
}

TYPED_TEST(Discovery, RefusesWhatIsForeignOrSentElsewhere) {  // MRD-20, MRD-21
  using Fixture = TestFixture;
  const auto elsewhere = test::Lan<TypeParam>::kElsewhere;
  typename Fixture::SettledRig rig;
  const auto due = rig.querier().router_discovery().deadline();
  EXPECT_EQ(rig.apply(12s, Fixture::solicitation(elsewhere)), Fixture::refused(elsewhere));
  EXPECT_EQ(rig.apply(12s, Fixture::solicitation({})), Fixture::refused({}));
  EXPECT_EQ(rig.apply(12s, Fixture::solicitation(rig.kHigher, TypeParam::kAllSnoopers)),
            Fixture::refused(rig.kHigher));
  EXPECT_EQ(rig.apply(12s,
                      RouterMessageReceived<TypeParam>{
                          rig.kHigher, TypeParam::kAllRouters, {Type::kAdvertisement, 20s}}),
            Fixture::refused(rig.kHigher));
  EXPECT_TRUE(rig.apply(12s,
                        RouterMessageReceived<TypeParam>{
                            rig.kHigher, TypeParam::kAllSnoopers, {Type::kTermination}})
                  .empty());
  EXPECT_EQ(rig.querier().router_discovery().deadline(), due);
  auto settings = Fixture::advertising();
  settings.require_same_subnet = false;
  rig.configure(13s, settings);
  EXPECT_TRUE(rig.apply(13s, Fixture::solicitation(elsewhere)).empty());
  EXPECT_LT(rig.querier().router_discovery().deadline(), TimePoint{15s});
}

TYPED_TEST(Discovery, EndsWithATermination) {  // MRD-22
  typename TestFixture::SettledRig rig;
  EXPECT_EQ(rig.apply(20s, Stopped{}), (Actions<TypeParam>{TestFixture::termination()}));
  EXPECT_TRUE(rig.apply(20s, Stopped{}).empty());
}

TYPED_TEST(Discovery, SwitchedOffItTerminatesAndSwitchedOnItBeginsAgain) {  // MRD-11, MRD-22
  typename TestFixture::SettledRig rig;
  EXPECT_EQ(rig.configure(20s, rfc_settings<TypeParam>()),
            (Actions<TypeParam>{TestFixture::termination()}));
  rig.run_until(500s);
  EXPECT_EQ(rig.advertised.size(), 1U);
  rig.configure(500s, TestFixture::advertising());
  rig.run_until(506s);
  EXPECT_EQ(rig.advertised.size(), 4U);
}

TYPED_TEST(Discovery, IsSilentWithoutALinkAndBeginsAgainWithIt) {  // MRD-11, MRD-23
  typename TestFixture::SettledRig rig;
  rig.link_down(20s);
  EXPECT_TRUE(rig.apply(100s, TestFixture::solicitation()).empty());
  EXPECT_TRUE(rig.apply(400s, Stopped{}).empty());
  EXPECT_TRUE(rig.advertised.empty());
  rig.link_up(400s);
  rig.run_until(406s);
  EXPECT_EQ(rig.advertised.size(), 3U);
}

TYPED_TEST(Discovery, IsSilentWithoutAnAddressAndUsesTheNewOne) {  // MRD-09, MRD-23, MRD-24
  typename TestFixture::SettledRig rig;
  rig.link_is(20s, rig.link({}));
  rig.run_until(400s);
  EXPECT_TRUE(rig.advertised.empty()) << "there is no address to say farewell from";
  rig.link_is(400s, rig.link(rig.kHigher));
  rig.run_until(406s);
  ASSERT_EQ(rig.advertised.size(), 3U);
  EXPECT_EQ(rig.advertised.back().second.source, rig.kHigher);
  rig.link_is(410s, rig.link(rig.kSelf));
  rig.run_until(416s);
  ASSERT_EQ(rig.advertised.size(), 6U);
  EXPECT_EQ(rig.advertised.back().second.source, rig.kSelf);
}

TYPED_TEST(Discovery, OfAProxyComesFromItsAddressIfItHasOne) {  // MRD-09
  auto settings = TestFixture::advertising();
  settings.proxy = true;
  typename TestFixture::SettledRig rig{settings};
  rig.run_until(40s);
  EXPECT_EQ(rig.advertised.back().second.source, rig.kSelf);
  rig.link_is(50s, rig.link({}));
  rig.advertised.clear();
  rig.run_until(200s);
  EXPECT_EQ(rig.role(), Role::kQuerier);
  EXPECT_TRUE(rig.advertised.empty());
}

}  // namespace
}  // namespace mcq::core
