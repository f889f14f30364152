#include "config/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

OptionValues choose(std::initializer_list<std::pair<Key, double>> values) {
  OptionValues choices;
  for (const auto& [key, value] : values) choices.set(key, value);
  return choices;
}

TEST(OptionValues, EveryKeyStandsInItsPlaceAndDescribesItself) {
  ASSERT_EQ(keys<Igmp>().size(), kKeyCount);
  for (std::size_t i = 0; i < kKeyCount; ++i) {
    const auto& key = keys<Igmp>()[i];
    SCOPED_TRACE(key.name);
    EXPECT_EQ(key.key, static_cast<Key>(i));
    EXPECT_LT(key.min, key.max);
    EXPECT_FALSE(key.help.empty());
  }
}

TEST(OptionValues, MldHasTheKeysThatMeanSomethingToIt) {
  std::vector<std::string_view> missing;
  for (const auto& key : keys<Igmp>()) {
    const auto* same = find_key<Mld>(key.key);
    if (same == nullptr) {
      missing.push_back(key.name);
      continue;
    }
    SCOPED_TRACE(key.name);
    EXPECT_EQ(same->name, key.name);
    EXPECT_EQ(same->kind, key.kind);
  }
  EXPECT_THAT(missing, ElementsAre("proxy", "require-router-alert", "require-same-subnet",
                                   "verify-source-subnet"));
  EXPECT_EQ(keys<Mld>().size(), kKeyCount - missing.size());
}

TEST(OptionValues, MldHasTwoVersions) {
  const auto& version = *find_key<Mld>(Key::kVersion);
  EXPECT_EQ(parse_number(version, "1"), Result<double>{1});
  EXPECT_EQ(parse_number(version, "2"), Result<double>{2});
  const auto refused = parse_number(version, "3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "'3' is not allowed: it must be a whole number from 1 to 2; the default is 2");
}

TEST(OptionValues, NumbersAreReadWithinTheirRange) {
  struct Row {
    Key key;
    const char* given;
    double value;
  };
  for (const auto& [key, given, value] :
       {Row{Key::kQueryInterval, "1", 1}, Row{Key::kQueryInterval, "31744", 31744},
        Row{Key::kMaxResponse, "0.5", 0.5}, Row{Key::kStartupInterval, "31.25", 31.25},
        Row{Key::kOtherQuerierInterval, "255", 255}, Row{Key::kJitter, "0", 0},
        Row{Key::kRobustness, "7", 7}, Row{Key::kVersion, "3", 3},
        Row{Key::kLastMemberInterval, "0.1", 0.1}, Row{Key::kLastMemberInterval, "3174.4", 3174.4},
        Row{Key::kMaxGroups, "1", 1}, Row{Key::kMaxGroups, "16777216", 16'777'216},
        Row{Key::kMaxSources, "65535", 65'535}, Row{Key::kMaxHosts, "65535", 65'535}}) {
    SCOPED_TRACE(testing::Message() << find_key<Igmp>(key)->name << " " << given);
    EXPECT_EQ(parse_number(*find_key<Igmp>(key), given), Result<double>{value});
  }
}

TEST(OptionValues, ANumberOutsideItsRangeIsRefusedInTheUsersWords) {
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
        Row{Key::kOtherQuerierInterval, "0", "1 to 604800 seconds"},
        Row{Key::kLastMemberInterval, "0.09", "0.1 to 3174.4 seconds; the default is 1"},
        Row{Key::kMaxGroups, "0", "a whole number from 1 to 16777216; the default is 131072"},
        Row{Key::kMaxSources, "65536", "a whole number from 1 to 65535; the default is 1024"},
        Row{Key::kMaxHosts, "0", "a whole number from 1 to 65535; the default is 1024"}}) {
    SCOPED_TRACE(testing::Message() << find_key<Igmp>(key)->name << " " << given);
    const auto result = parse_number(*find_key<Igmp>(key), given);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("'" + std::string{given} + "' is not allowed"));
    EXPECT_THAT(result.error().message, HasSubstr(allowed));
  }
}

TEST(OptionValues, NoChoiceMeansTheProgramsDefaults) {
  EXPECT_EQ(make_settings<Igmp>({}), Result<core::Settings<Igmp>>{core::Settings<Igmp>{}});
  EXPECT_EQ(make_settings<Mld>({}), Result<core::Settings<Mld>>{core::Settings<Mld>{}});
}

TEST(OptionValues, EveryChoiceReachesItsSetting) {
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
      .trusted_queriers = std::vector<Prefix<4>>{{{{192, 0, 2, 0}}, 24}},
      .ignored_queriers = {{{{198, 51, 100, 7}}, 32}},
      .on_rogue_querier = core::OnRogue::kIgnore,
      .last_member_interval = 2s,
      .explicit_tracking = false,
      .verify_source_subnet = true,
      .accept_older_reports = false,
      .ssm_aware = true,
      .max_groups = 10,
      .max_sources = 20,
      .max_hosts = 30,
  };
  auto choices = choose({{Key::kQueryInterval, 125},
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
                         {Key::kAcceptUnicastQuery, 1},
                         {Key::kOnRogueQuerier, 1},
                         {Key::kLastMemberInterval, 2},
                         {Key::kExplicitTracking, 0},
                         {Key::kVerifySourceSubnet, 1},
                         {Key::kAcceptOlderReports, 0},
                         {Key::kSsmAware, 1},
                         {Key::kMaxGroups, 10},
                         {Key::kMaxSources, 20},
                         {Key::kMaxHosts, 30}});
  choices.set(Key::kTrustedQueriers, PrefixList{Prefix<4>{{{192, 0, 2, 0}}, 24}});
  choices.set(Key::kIgnoreQueriers, PrefixList{Prefix<4>{{{198, 51, 100, 7}}, 32}});
  EXPECT_EQ(make_settings<Igmp>(choices), Result<core::Settings<Igmp>>{expected});
}

TEST(OptionValues, AnEmptyListIsNotTheSameAsNone) {
  OptionValues choices;
  choices.set(Key::kTrustedQueriers, PrefixList{});
  EXPECT_EQ(make_settings<Igmp>(choices)->trusted_queriers, (std::vector<Prefix<4>>{}));
  EXPECT_EQ(make_settings<Igmp>({})->trusted_queriers, std::nullopt);
  OptionValues wider;
  wider.set(Key::kTrustedQueriers, PrefixList{Prefix<4>{}});
  EXPECT_EQ(choices.over(wider), choices);
  EXPECT_EQ(OptionValues{}.over(wider), wider);
}

TEST(OptionValues, NoQuerierIsTrustedAndIgnored) {
  OptionValues choices;
  choices.set(Key::kTrustedQueriers, PrefixList{Prefix<4>{{{192, 0, 2, 0}}, 24}});
  choices.set(Key::kIgnoreQueriers, PrefixList{Prefix<4>{{{192, 0, 2, 7}}, 32}});
  const auto refused = make_settings<Igmp>(choices);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "trusted-queriers has '192.0.2.0/24' and ignore-queriers has '192.0.2.7': no querier "
            "can be both");
  choices.set(Key::kIgnoreQueriers, PrefixList{Prefix<4>{{{192, 0, 3, 7}}, 32}});
  EXPECT_TRUE(make_settings<Igmp>(choices));
}

TEST(OptionValues, EveryChoiceOfMldReachesItsSetting) {  // MLD-C-01
  const core::Settings<Mld> expected{
      .query_interval = 125s,
      .robustness = 3,
      .version = Mld::Version::k1,
      .accept_unicast_query = true,
      .trusted_queriers = std::vector<Prefix<16>>{{{{0xfe, 0x80}}, 64}},
      .last_member_interval = 1500ms,
      .accept_older_reports = false,
      .max_groups = 10};
  auto choices = choose({{Key::kQueryInterval, 125},
                         {Key::kRobustness, 3},
                         {Key::kVersion, 1},
                         {Key::kAcceptUnicastQuery, 1},
                         {Key::kLastMemberInterval, 1.5},
                         {Key::kAcceptOlderReports, 0},
                         {Key::kMaxGroups, 10}});
  choices.set(Key::kTrustedQueriers, PrefixList{Prefix<16>{{{0xfe, 0x80}}, 64}});
  EXPECT_EQ(make_settings<Mld>(choices), Result<core::Settings<Mld>>{expected});
}

TEST(OptionValues, TheLastMemberQueryIntervalIsWhatTheWireCarries) {  // IGMP-T-10
  struct Row {
    double version, given;
    Duration sent;
  };
  for (const auto& [version, given, sent] :
       {Row{3, 13, 12'800ms}, Row{3, 12.8, 12'800ms}, Row{3, 12.7, 12'700ms}, Row{3, 1.29, 1'200ms},
        Row{3, 3174.4, 3'174'400ms}, Row{2, 13, 13s}, Row{2, 13.05, 13s}, Row{2, 25.5, 25'500ms},
        Row{2, 0.1, 100ms}, Row{1, 1, 1s}}) {
    SCOPED_TRACE(testing::Message() << "IGMPv" << version << ", " << given << " s");
    const auto settings =
        make_settings<Igmp>(choose({{Key::kVersion, version}, {Key::kLastMemberInterval, given}}));
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->last_member_interval.get(), sent);
  }
  for (const auto& [version, given, sent] :
       {Row{2, 32.767, 32'767ms}, Row{2, 32.775, 32'768ms}, Row{2, 32.776, 32'776ms},
        Row{2, 1.0009, 1s}, Row{1, 32.775, 32'775ms}, Row{1, 65.535, 65'535ms}}) {
    SCOPED_TRACE(testing::Message() << "MLDv" << version << ", " << given << " s");
    const auto settings =
        make_settings<Mld>(choose({{Key::kVersion, version}, {Key::kLastMemberInterval, given}}));
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->last_member_interval.get(), sent);
  }
}

TEST(OptionValues, AShortQueryIntervalShortensWhatMustStayBelowIt) {
  const auto settings = make_settings<Igmp>(choose({{Key::kQueryInterval, 2}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->response_interval.get(), 1s);
  EXPECT_EQ(settings->startup_interval.get(), 500ms);
}

TEST(OptionValues, ValuesThatContradictEachOtherAreRefused) {
  struct Row {
    OptionValues choices;
    const char* says;
  };
  for (const auto& [choices, says] :
       {Row{choose({{Key::kQueryInterval, 10}, {Key::kMaxResponse, 10}}),  // IGMP-F-24
            "query-max-response-time (--max-response) is '10', but it must be below "
            "query-interval, which is 10"},
        Row{choose({{Key::kMaxResponse, 30}}), "IGMPv1 and IGMPv2 can carry at most 25.5 seconds"},
        Row{choose({{Key::kStartupInterval, 61}}), "must not be above query-interval"},
        Row{choose({{Key::kOtherQuerierInterval, 60}}), "must be above query-interval"}}) {
    const auto result = make_settings<Igmp>(choices);
    ASSERT_FALSE(result) << says;
    EXPECT_THAT(result.error().message, HasSubstr(says));
  }
}

TEST(OptionValues, OlderVersionsCannotCarryLongTimes) {  // IGMP-F-12, MLD-F-11
  const auto igmp = make_settings<Igmp>(choose({{Key::kLastMemberInterval, 25.6}}));
  ASSERT_FALSE(igmp);
  EXPECT_EQ(igmp.error().message,
            "last-member-query-interval is '25.6', but IGMPv1 and IGMPv2 can carry at most 25.5 "
            "seconds; version 3 carries more");
  for (const auto key : {Key::kMaxResponse, Key::kLastMemberInterval}) {
    SCOPED_TRACE(find_key<Mld>(key)->name);
    const auto given = [&](double version, double value) {
      return make_settings<Mld>(
          choose({{Key::kQueryInterval, 125}, {Key::kVersion, version}, {key, value}}));
    };
    const auto refused = given(1, 65.536);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("MLDv1 can carry at most 65.535 seconds"));
    EXPECT_TRUE(given(1, 65.535));
    EXPECT_TRUE(given(2, 65.536));
  }
}

TEST(OptionValues, MldTimesMustNotContradictEachOtherEither) {  // MLD-F-17
  const auto refused =
      make_settings<Mld>(choose({{Key::kQueryInterval, 10}, {Key::kMaxResponse, 10}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("it must be below query-interval, which is 10"));
  EXPECT_TRUE(make_settings<Mld>(choose({{Key::kQueryInterval, 10}, {Key::kMaxResponse, 9.999}})));
}

TEST(OptionValues, ValuesJustInsideAreAccepted) {
  EXPECT_TRUE(make_settings<Igmp>(choose({{Key::kQueryInterval, 10}, {Key::kMaxResponse, 9.9}})));
  EXPECT_TRUE(make_settings<Igmp>(choose({{Key::kMaxResponse, 25.5}})));
  EXPECT_TRUE(make_settings<Igmp>(choose({{Key::kMaxResponse, 30}, {Key::kVersion, 3}})));
  EXPECT_TRUE(make_settings<Igmp>(choose({{Key::kStartupInterval, 60}})));
  EXPECT_TRUE(make_settings<Igmp>(choose({{Key::kOtherQuerierInterval, 61}})));
}

TEST(OptionValues, TheUnwiseIsAllowedWithAWarning) {  // IGMP-F-25, SNP-07
  EXPECT_THAT(warnings<Igmp>({}), IsEmpty());
  EXPECT_THAT(warnings(*make_settings<Igmp>(choose({{Key::kQueryInterval, 1}}))), IsEmpty());
  EXPECT_THAT(warnings<Igmp>({.robustness = 1}), ElementsAre(HasSubstr("one lost packet")));
  EXPECT_THAT(warnings<Igmp>({.response_interval = 500ms}),
              ElementsAre(HasSubstr("all hosts answer")));
  EXPECT_THAT(warnings<Igmp>({.other_querier_interval = core::OtherQuerierInterval{119s}}),
              ElementsAre(HasSubstr("one lost query")));
  EXPECT_THAT(warnings<Igmp>({.other_querier_interval = core::OtherQuerierInterval{120s}}),
              IsEmpty());
  EXPECT_THAT(warnings<Igmp>({.proxy = true}), ElementsAre(HasSubstr("0.0.0.0")));
  EXPECT_THAT(warnings<Igmp>({.accept_older_reports = false}),
              ElementsAre(HasSubstr("use the newest version")));
  EXPECT_THAT(warnings<Igmp>({.version = Igmp::Version::k3, .accept_older_reports = false}),
              IsEmpty());
}

TEST(OptionValues, TheUnwiseIsAllowedWithAWarningForMldToo) {  // MLD-F-17
  EXPECT_THAT(warnings<Mld>({}), IsEmpty());
  EXPECT_THAT(warnings<Mld>({.robustness = 1}), ElementsAre(HasSubstr("one lost packet")));
  EXPECT_THAT(warnings<Mld>({.response_interval = 500ms}),
              ElementsAre(HasSubstr("all hosts answer")));
}

TEST(OptionValues, OneSetOverAnotherWinsWhereBothChose) {
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
}  // namespace mcq::config
