#include "core/settings.hpp"

#include <gtest/gtest.h>

#include "support/querier_rig.hpp"

namespace mcq::core {
namespace {

using test::rfc_settings;

TEST(Timing, HasTheDefaultsOfTheRfc) {  // IGMP-T-01 to -03
  EXPECT_EQ(Timing{}.robustness, 2);
  EXPECT_EQ(Timing{}.query_interval, 125s);
  EXPECT_EQ(Timing{}.response_interval, 10s);
}

TEST(Timing, DerivesTheOtherTimers) {  // IGMP-T-04, IGMP-T-05, IGMP-T-11, D-01
  struct Row {
    Timing timing;
    Duration membership, other_querier, older_host;
  };
  for (const auto& [timing, membership, other_querier, older_host] : {
           Row{{}, 270s, 255s, 260s},
           Row{{3, 125s, 10s}, 395s, 380s, 385s},
           Row{{2, 30s, 10s}, 80s, 65s, 70s},
           Row{{2, 60s, 10s}, 140s, 125s, 130s},
           Row{{2, 125s, 5s}, 260s, 252'500ms, 255s},
           Row{{1, 1s, 100ms}, 1'200ms, 1'050ms, 1'100ms},
       }) {
    SCOPED_TRACE(testing::Message() << timing.robustness << " x " << seconds(timing.query_interval)
                                    << " s, " << seconds(timing.response_interval) << " s");
    EXPECT_EQ(membership_interval(timing), membership);
    EXPECT_EQ(other_querier_present_interval(timing), other_querier);
    EXPECT_EQ(older_host_present_interval(timing), older_host);
  }
}

template <class F>
class SettingsOf : public testing::Test {};
TYPED_TEST_SUITE(SettingsOf, test::Families);

TYPED_TEST(SettingsOf, HaveTheDefaultsOfTheProgram) {  // IGMP-T-02, IGMP-T-06, IGMP-T-07
  const Settings<TypeParam> s;
  EXPECT_EQ(s.query_interval.get(), 60s);
  EXPECT_EQ(s.response_interval.get(), 10s);
  EXPECT_EQ(s.robustness.get(), 2);
  EXPECT_EQ(s.startup_count.get(), 3);
  EXPECT_EQ(s.startup_interval.get(), 5s);
  EXPECT_EQ(s.jitter.get(), 25);
  EXPECT_EQ(s.default_other_querier_timeout(), 255s);
  EXPECT_EQ(s.version, TypeParam::Version::k2);
  EXPECT_FALSE(s.proxy);
  EXPECT_TRUE(s.require_same_subnet);
  EXPECT_FALSE(s.accept_unicast_query);
  EXPECT_FALSE(s.require_router_alert);
}

TYPED_TEST(SettingsOf, GiveTheTimingTheyWereSetTo) {
  auto s = rfc_settings<TypeParam>();
  EXPECT_EQ(s.timing(), (Timing{}));
  s.robustness = 3;
  s.query_interval = 30s;
  s.response_interval = 2s;
  EXPECT_EQ(s.timing(), (Timing{3, 30s, 2s}));
}

TYPED_TEST(SettingsOf, WaitForASilentQuerierAsLongAsItMayNeed) {  // IGMP-T-05
  struct Row {
    const char* what;
    QueryInterval query_interval;
    std::optional<OtherQuerierInterval> given;
    Duration expected;
  };
  for (const auto& [what, query_interval, given, expected] : {
           Row{"the RFC's own interval", 125s, {}, 255s},
           Row{"we ask more often than it may", 10s, {}, 255s},
           Row{"all of the link ask more seldom", 300s, {}, 605s},
           Row{"given, shorter", 125s, OtherQuerierInterval{100s}, 100s},
           Row{"given, although we ask more seldom", 300s, OtherQuerierInterval{100s}, 100s},
           Row{"given, longer", 10s, OtherQuerierInterval{1000s}, 1000s},
       }) {
    auto s = rfc_settings<TypeParam>();
    s.query_interval = query_interval;
    s.other_querier_interval = given;
    EXPECT_EQ(s.default_other_querier_timeout(), expected) << what;
  }
}

TEST(Settings, KnowTheRangeOfEveryNumber) {  // IGMP-F-16, IGMP-F-25
  EXPECT_FALSE(Robustness::from(0));
  EXPECT_EQ(Robustness::from(1)->get(), 1);
  EXPECT_EQ(Robustness::from(7)->get(), 7);
  EXPECT_FALSE(Robustness::from(8));
  EXPECT_FALSE(QueryInterval::from(1s - 1ns));
  EXPECT_EQ(QueryInterval::from(1s)->get(), 1s);
  EXPECT_EQ(QueryInterval::from(31'744s)->get(), 31'744s);
  EXPECT_FALSE(QueryInterval::from(31'744s + 1ns));
  EXPECT_FALSE(QueryInterval::from(32'768s));
  EXPECT_FALSE(ResponseInterval::from(99ms));
  EXPECT_EQ(ResponseInterval::from(3'174'400ms)->get(), 3'174'400ms);
  EXPECT_FALSE(ResponseInterval::from(3'174'401ms));
  EXPECT_FALSE(StartupCount::from(0));
  EXPECT_EQ(StartupCount::from(1)->get(), 1);
  EXPECT_FALSE(Jitter::from(-1));
  EXPECT_EQ(Jitter::from(90)->get(), 90);
  EXPECT_FALSE(Jitter::from(91));
}

}  // namespace
}  // namespace mcq::core
