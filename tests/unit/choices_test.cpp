#include "app/choices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Choices choose(std::initializer_list<std::pair<Key, double>> values) {
  Choices choices;
  for (const auto& [key, value] : values) choices.set(key, value);
  return choices;
}

TEST(Choices, EveryKeyStandsInItsPlaceAndDescribesItself) {
  for (std::size_t i = 0; i < kKeyCount; ++i) {
    SCOPED_TRACE(keys()[i].name);
    EXPECT_EQ(keys()[i].key, static_cast<Key>(i));
    EXPECT_LT(keys()[i].min, keys()[i].max);
    EXPECT_FALSE(keys()[i].help.empty());
  }
}

TEST(Choices, NumbersAreReadWithinTheirRange) {
  struct Row {
    Key key;
    const char* given;
    double value;
  };
  for (const auto& [key, given, value] :
       {Row{Key::kQueryInterval, "1", 1}, Row{Key::kQueryInterval, "31744", 31744},
        Row{Key::kMaxResponse, "0.5", 0.5}, Row{Key::kStartupInterval, "31.25", 31.25},
        Row{Key::kOtherQuerierInterval, "255", 255}, Row{Key::kJitter, "0", 0},
        Row{Key::kRobustness, "7", 7}, Row{Key::kVersion, "3", 3}}) {
    SCOPED_TRACE(testing::Message() << info(key).name << " " << given);
    EXPECT_EQ(parse_number(info(key), given), Result<double>{value});
  }
}

TEST(Choices, ANumberOutsideItsRangeIsRefusedInTheUsersWords) {
  struct Row {
    Key key;
    const char* given;
    const char* allowed;
  };
  for (const auto& [key, given, allowed] :
       {Row{Key::kQueryInterval, "0.99", "1 to 31744 seconds; the default is 60"},
        Row{Key::kQueryInterval, "31745", "1 to 31744 seconds"},
        Row{Key::kQueryInterval, "-5", "1 to 31744 seconds"},
        Row{Key::kQueryInterval, "60s", "1 to 31744 seconds"},
        Row{Key::kQueryInterval, "", "1 to 31744 seconds"},
        Row{Key::kQueryInterval, "nan", "1 to 31744 seconds"},
        Row{Key::kQueryInterval, "1e99", "1 to 31744 seconds"},
        Row{Key::kRobustness, "0", "a whole number from 1 to 7"},  // IGMP-F-25
        Row{Key::kRobustness, "2.5", "a whole number from 1 to 7"},
        Row{Key::kJitter, "100", "a whole number from 0 to 90 percent"},
        Row{Key::kVersion, "4", "a whole number from 1 to 3; the default is 2"},
        Row{Key::kOtherQuerierInterval, "0", "1 to 604800 seconds"}}) {
    SCOPED_TRACE(testing::Message() << info(key).name << " " << given);
    const auto result = parse_number(info(key), given);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("'" + std::string{given} + "' is not allowed"));
    EXPECT_THAT(result.error().message, HasSubstr(allowed));
  }
}

TEST(Choices, NoChoiceMeansTheProgramsDefaults) {
  EXPECT_EQ(make_settings({}), Result<core::Settings<Igmp>>{core::Settings<Igmp>{}});
}

TEST(Choices, EveryChoiceReachesItsSetting) {
  const core::Settings<Igmp> expected{
      .query_interval = 125s,
      .response_interval = 12s,
      .robustness = 3,
      .startup_count = 4,
      .startup_interval = 31250ms,
      .jitter = 10,
      .other_querier_interval = core::OtherQuerierInterval{300s},
      .version = Igmp::Version::k3,
      .proxy = true,
      .require_same_subnet = false,
      .accept_unicast_query = true,
      .require_router_alert = true,
  };
  EXPECT_EQ(make_settings(choose({{Key::kQueryInterval, 125},
                                  {Key::kMaxResponse, 12},
                                  {Key::kRobustness, 3},
                                  {Key::kStartupCount, 4},
                                  {Key::kStartupInterval, 31.25},
                                  {Key::kOtherQuerierInterval, 300},
                                  {Key::kJitter, 10},
                                  {Key::kVersion, 3},
                                  {Key::kProxy, 1},
                                  {Key::kRequireRouterAlert, 1},
                                  {Key::kRequireSameSubnet, 0},
                                  {Key::kAcceptUnicastQuery, 1}})),
            Result<core::Settings<Igmp>>{expected});
}

TEST(Choices, AShortQueryIntervalShortensWhatMustStayBelowIt) {
  const auto settings = make_settings(choose({{Key::kQueryInterval, 2}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->response_interval.get(), 1s);
  EXPECT_EQ(settings->startup_interval.get(), 500ms);
}

TEST(Choices, ValuesThatContradictEachOtherAreRefused) {
  struct Row {
    Choices choices;
    const char* says;
  };
  for (const auto& [choices, says] :
       {Row{choose({{Key::kQueryInterval, 10}, {Key::kMaxResponse, 10}}),  // IGMP-F-24
            "query-max-response-time (--max-response) is '10', but it must be below "
            "query-interval, which is 10"},
        Row{choose({{Key::kMaxResponse, 30}}), "IGMPv1 and IGMPv2 can carry at most 25.5 seconds"},
        Row{choose({{Key::kStartupInterval, 61}}), "must not be above query-interval"},
        Row{choose({{Key::kOtherQuerierInterval, 60}}), "must be above query-interval"}}) {
    const auto result = make_settings(choices);
    ASSERT_FALSE(result) << says;
    EXPECT_THAT(result.error().message, HasSubstr(says));
  }
}

TEST(Choices, ValuesJustInsideAreAccepted) {
  EXPECT_TRUE(make_settings(choose({{Key::kQueryInterval, 10}, {Key::kMaxResponse, 9.9}})));
  EXPECT_TRUE(make_settings(choose({{Key::kMaxResponse, 25.5}})));
  EXPECT_TRUE(make_settings(choose({{Key::kMaxResponse, 30}, {Key::kVersion, 3}})));
  EXPECT_TRUE(make_settings(choose({{Key::kStartupInterval, 60}})));
  EXPECT_TRUE(make_settings(choose({{Key::kOtherQuerierInterval, 61}})));
}

TEST(Choices, TheUnwiseIsAllowedWithAWarning) {  // IGMP-F-25, SNP-07
  EXPECT_THAT(warnings({}), IsEmpty());
  EXPECT_THAT(warnings(*make_settings(choose({{Key::kQueryInterval, 1}}))), IsEmpty());
  EXPECT_THAT(warnings({.robustness = 1}), ElementsAre(HasSubstr("one lost packet")));
  EXPECT_THAT(warnings({.response_interval = 500ms}), ElementsAre(HasSubstr("all hosts answer")));
  EXPECT_THAT(warnings({.other_querier_interval = core::OtherQuerierInterval{119s}}),
              ElementsAre(HasSubstr("one lost query")));
  EXPECT_THAT(warnings({.other_querier_interval = core::OtherQuerierInterval{120s}}), IsEmpty());
  EXPECT_THAT(warnings({.proxy = true}), ElementsAre(HasSubstr("0.0.0.0")));
}

TEST(Choices, OneSetOverAnotherWinsWhereBothChose) {
  const auto above = choose({{Key::kQueryInterval, 30}});
  const auto below = choose({{Key::kQueryInterval, 90}, {Key::kJitter, 0}});
  EXPECT_EQ(above.over(below), choose({{Key::kQueryInterval, 30}, {Key::kJitter, 0}}));
  EXPECT_EQ(below.over(above), below);
}

TEST(FormatSeconds, KeepsFractionsAndNothingElse) {
  EXPECT_EQ(format_seconds(60s), "60");
  EXPECT_EQ(format_seconds(31250ms), "31.25");
  EXPECT_EQ(format_seconds(31744s), "31744");
}

}  // namespace
}  // namespace mcq::app
