#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/querier_rig.hpp"
#include "wire/time_code.hpp"

// What a querier takes from the queries of others.

namespace mcq::core {
namespace {

using test::general_query;
using test::LinkedRig;
using test::rfc_settings;

template <class F>
class Adoption : public testing::Test {};
TYPED_TEST_SUITE(Adoption, test::Families);

/// The first query of the winner starts a timer that already counts with the winner's values.
TYPED_TEST(Adoption, TheWinnersValuesHoldWhileItReigns) {  // IGMP-Q-17 to -19, IGMP-Q-30
  struct Row {
    const char* what;
    std::uint8_t robustness;
    Duration query_interval, max_response;
    Timing timing;
    Duration silence;
  };
  for (const auto& [what, robustness, query_interval, max_response, timing, silence] : {
           Row{"as ours", 2, 125s, 10s, {2, 125s, 10s}, 255s},
           Row{"QRV 3", 3, 125s, 10s, {3, 125s, 10s}, 380s},
           Row{"QRV 7", 7, 125s, 10s, {7, 125s, 10s}, 880s},
           Row{"QRV 1", 1, 125s, 10s, {1, 125s, 10s}, 130s},
           Row{"QRV 0: ours", 0, 125s, 10s, {2, 125s, 10s}, 255s},
           Row{"QQI 30 s", 2, 30s, 10s, {2, 30s, 10s}, 65s},
           Row{"QQI 300 s", 2, 300s, 10s, {2, 300s, 10s}, 605s},
           Row{"QQI 0: ours", 2, 0s, 10s, {2, 125s, 10s}, 255s},
           Row{"QQI 0, QRV 3", 3, 0s, 10s, {3, 125s, 10s}, 380s},
           Row{"QQI 0, QRV 1: no less than the RFC's", 1, 0s, 10s, {1, 125s, 10s}, 255s},
           Row{"response 5 s", 2, 125s, 5s, {2, 125s, 5s}, 252'500ms},
           Row{"response 0: ours", 2, 125s, 0s, {2, 125s, 10s}, 255s},
           Row{"all three", 3, 20s, 4s, {3, 20s, 4s}, 62s},
       }) {
    SCOPED_TRACE(what);
    auto settings = rfc_settings<TypeParam>();
    settings.trusted_queriers = {test::Lan<TypeParam>::kSubnet};  // or it would be granted 255 s
    LinkedRig<TypeParam> rig{settings};
    rig.receive(
        10s, rig.kLower,
        {.max_response = max_response, .query_interval = query_interval, .robustness = robustness});
    EXPECT_EQ(rig.querier().timing(), timing);
    EXPECT_EQ(rig.gone_at(), 10s + silence);
  }
}

/// Of one that says nothing we know no more than that it may be as we are, or as the RFC has it.
TYPED_TEST(Adoption, OneThatSaysNothingIsAsWeAreOrAsTheRfcHasIt) {  // IGMP-Q-17, IGMP-Q-18
  struct Row {
    Robustness robustness;
    QueryInterval interval;
    Timing timing;
    Duration silence;
  };
  for (const auto& [robustness, interval, timing, silence] :
       {Row{2, 60s, {2, 125s, 10s}, 255s}, Row{4, 60s, {2, 125s, 10s}, 255s},
        Row{5, 60s, {5, 60s, 10s}, 305s}, Row{1, 300s, {1, 300s, 10s}, 305s}}) {
    SCOPED_TRACE(testing::Message()
                 << robustness.get() << " x " << seconds(interval.get()) << " s");
    auto settings = rfc_settings<TypeParam>();
    settings.robustness = robustness;
    settings.query_interval = interval;
    LinkedRig<TypeParam> rig{settings};
    EXPECT_EQ(rig.receive(10s, rig.kLower, {.max_response = 10s}), rig.yields_to(rig.kLower));
    EXPECT_EQ(rig.querier().timing(), timing);
    EXPECT_EQ(rig.gone_at(), 10s + silence);
  }
}

TYPED_TEST(Adoption, TheLatestQueryCounts) {  // IGMP-Q-17, IGMP-Q-18
  LinkedRig<TypeParam> rig;
  rig.receive(0s, rig.kLower, {.max_response = 5s, .query_interval = 30s, .robustness = 3});
  EXPECT_EQ(rig.querier().timing(), (Timing{3, 30s, 5s}));
  rig.receive(10s, rig.kLower, {.max_response = 10s, .query_interval = 125s});
  EXPECT_EQ(rig.querier().timing(), (Timing{2, 125s, 10s}));
  EXPECT_EQ(rig.gone_at(), 265s);
}

TYPED_TEST(Adoption, WhatItDoesNotSayIsAsConfigured) {  // IGMP-Q-17, IGMP-Q-18
  auto settings = rfc_settings<TypeParam>();
  settings.robustness = 4;
  settings.query_interval = 200s;
  LinkedRig<TypeParam> rig{settings};
  rig.receive(0s, rig.kLower, {.max_response = 10s});
  EXPECT_EQ(rig.querier().timing(), (Timing{4, 200s, 10s}));
  EXPECT_EQ(rig.gone_at(), 805s);
}

TYPED_TEST(Adoption, ALosingRouterCannotSetOurValues) {  // IGMP-Q-17, IGMP-Q-18
  const Query<TypeParam> foreign{.max_response = 5s, .query_interval = 30s, .robustness = 7};
  LinkedRig<TypeParam> rig;
  rig.receive(1s, rig.kHigher, foreign);
  EXPECT_EQ(rig.querier().timing(), Timing{});
  rig.receive(10s, rig.kLower);
  rig.receive(20s, rig.kHigher, foreign);
  EXPECT_EQ(rig.querier().timing(), Timing{});
  EXPECT_EQ(rig.gone_at(), 265s);
}

TYPED_TEST(Adoption, OurOwnValuesReturnWithTheRole) {  // IGMP-Q-20
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower, {.max_response = 5s, .query_interval = 30s, .robustness = 3});
  rig.run_until(10s + 92'500ms);
  ASSERT_EQ(rig.role(), Role::kQuerier);
  EXPECT_EQ(rig.querier().timing(), Timing{});
  EXPECT_EQ(rig.sent.back(), (std::pair{Duration{102'500ms}, rig.own_query()}));
}

TEST(IgmpAdoption, AnOlderQuerierSaysNothingAndHasTheDefaultTime) {  // IGMP-Q-12, IGMP-Q-30
  struct Row {
    Igmp::Version version;
    Duration max_response, adopted_response;
  };
  for (const auto& [version, max_response, adopted_response] :
       {Row{Igmp::Version::k1, 0s, 10s}, Row{Igmp::Version::k2, 10s, 10s},
        Row{Igmp::Version::k2, 5s, 5s}}) {
    LinkedRig<Igmp> rig;
    rig.receive(10s, rig.kLower, {.version = version, .max_response = max_response});
    EXPECT_EQ(rig.querier().timing(), (Timing{2, 125s, adopted_response}));
    EXPECT_EQ(rig.gone_at(), 265s);
  }
}

TYPED_TEST(Adoption, AGivenTimeoutWinsOverWhatIsAdvertised) {
  auto settings = rfc_settings<TypeParam>();
  settings.other_querier_interval = OtherQuerierInterval{100s};
  LinkedRig<TypeParam> rig{settings};
  rig.receive(10s, rig.kLower);
  EXPECT_EQ(rig.gone_at(), 110s);
  rig.receive(20s, rig.kLower, {.max_response = 10s});
  EXPECT_EQ(rig.gone_at(), 120s);
}

TYPED_TEST(Adoption, ARunningTimerIsNotRewritten) {  // IGMP-T-13
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower);
  auto settings = rfc_settings<TypeParam>();
  settings.other_querier_interval = OtherQuerierInterval{20s};
  EXPECT_TRUE(rig.configure(20s, settings).empty());
  EXPECT_EQ(rig.gone_at(), 265s);
  rig.receive(30s, rig.kLower);
  EXPECT_EQ(rig.gone_at(), 50s);
}

TYPED_TEST(Adoption, AQuerierAboveUsWithOtherSettingsIsTold) {  // IGMP-T-14
  struct Row {
    const char* what;
    std::uint8_t robustness;
    Duration query_interval;
    bool told;
  };
  for (const auto& [what, robustness, query_interval, told] : {
           Row{"the same", 2, 125s, false},
           Row{"another QRV", 3, 125s, true},
           Row{"no QRV", 0, 125s, true},
           Row{"a longer interval", 2, 126s, true},
           Row{"a shorter interval", 2, 60s, true},
           Row{"no interval", 2, 0s, true},
       }) {
    SCOPED_TRACE(what);
    LinkedRig<TypeParam> rig;
    Actions<TypeParam> expected;
    if (told) expected.push_back(Noticed<TypeParam>{Notice::kOtherSettings, rig.kHigher});
    EXPECT_EQ(
        rig.receive(
            10s, rig.kHigher,
            {.max_response = 10s, .query_interval = query_interval, .robustness = robustness}),
        expected);
  }
}

TEST(IgmpAdoption, AnOlderQuerierAboveUsHasNoSettingsToDiffer) {  // IGMP-T-14
  auto settings = rfc_settings<Igmp>();
  settings.version = Igmp::Version::k2;
  LinkedRig<Igmp> rig{settings};
  EXPECT_TRUE(
      rig.receive(10s, rig.kHigher, {.version = Igmp::Version::k2, .max_response = 5s}).empty());
}

TEST(IgmpAdoption, WhatTheWireRoundsOffIsNoDifference) {  // IGMP-T-14
  struct Row {
    QueryInterval ours;
    Duration theirs;
    bool told;
  };
  for (const auto& [ours, theirs, told] :
       {Row{1500ms, 1s, false}, Row{15'900ms, 15s, false}, Row{300s, 288s, false},
        Row{271s, 256s, false}, Row{15s, 14s, true}, Row{300s, 256s, true},
        Row{300s, 320s, true}}) {
    SCOPED_TRACE(testing::Message() << seconds(ours.get()) << " s, " << seconds(theirs) << " s");
    auto settings = rfc_settings<Igmp>();
    settings.query_interval = ours;
    LinkedRig<Igmp> rig{settings};
    auto query = general_query<Igmp>();
    query.query_interval = theirs;
    Actions<Igmp> expected;
    if (told) expected.push_back(Noticed<Igmp>{Notice::kOtherSettings, rig.kHigher});
    EXPECT_EQ(rig.receive(0s, rig.kHigher, query), expected);
  }
}

/// Two of our own on one link, with the same settings: what the wire rounds off is no difference.
RC_GTEST_PROP(IgmpAdoption, OurOwnSettingsComeBackAsOurs, ()) {
  const auto interval = *rc::gen::inRange(1'000, 31'744'001) * Duration{1ms};
  auto settings = rfc_settings<Igmp>();
  settings.query_interval = *QueryInterval::from(interval);
  LinkedRig<Igmp> rig{settings};
  auto query = general_query<Igmp>();
  const auto whole_seconds = static_cast<std::uint32_t>(interval / 1s);
  query.query_interval =
      wire::TimeCode8::decode(wire::TimeCode8::encode(whole_seconds)) * Duration{1s};
  RC_ASSERT(rig.receive(0s, rig.kHigher, query).empty());
}

}  // namespace
}  // namespace mcq::core
