#include "config/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "config/choose.hpp"
#include "config/settings_builder.hpp"

namespace mcq::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(OptionValues, EveryOptionDescribesItself) {
  std::set<std::string_view> names;
  for (const auto& option : options<Igmp>()) {
    SCOPED_TRACE(option.name);
    EXPECT_TRUE(names.insert(option.name).second);
    EXPECT_FALSE(option.fallback.empty());
    EXPECT_FALSE(option.help.empty());
  }
}

TEST(OptionValues, MldHasTheOptionsThatMeanSomethingToIt) {
  std::vector<std::string_view> missing;
  for (const auto& option : options<Igmp>()) {
    if (find_option<Mld>(option.name) == nullptr) missing.push_back(option.name);
  }
  EXPECT_THAT(missing,
              ElementsAre("proxy", "require-router-alert", "send-router-alert",
                          "require-same-subnet", "query-on-solicitation", "verify-source-subnet"));
  EXPECT_EQ(options<Mld>().size(), options<Igmp>().size() - missing.size());
}

TEST(OptionValues, MldHasTwoVersions) {
  const auto& version = *find_option<Mld>("version");
  OptionValues<Mld> values;
  EXPECT_TRUE(values.set(version, given_number("", "1")));
  EXPECT_EQ(values.values().version, Mld::Version::k1);
  EXPECT_TRUE(values.set(version, given_number("", "2")));
  EXPECT_EQ(values.values().version, Mld::Version::k2);
  const auto refused = values.set(version, given_number("--mld ", "3"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "--mld '3' is not allowed: it must be a whole number from 1 to 2; the default is 2");
}

TEST(OptionValues, NumbersAreReadWithinTheirRange) {
  struct Row {
    const char* name;
    const char* given;
  };
  for (const auto& [name, given] :
       {Row{"query-interval", "1"}, Row{"query-interval", "31744"},
        Row{"query-max-response-time", "0.5"}, Row{"startup-query-interval", "31.25"},
        Row{"other-querier-present-interval", "255"}, Row{"jitter", "0"},
        Row{"robustness-variable", "7"}, Row{"version", "3"},
        Row{"last-member-query-interval", "0.1"}, Row{"last-member-query-interval", "3174.4"},
        Row{"router-advertisement-interval", "4"}, Row{"router-advertisement-interval", "180"},
        Row{"max-groups", "1"}, Row{"max-groups", "16777216"},
        Row{"max-sources-per-group", "65535"}, Row{"max-hosts-per-group", "65535"}}) {
    SCOPED_TRACE(testing::Message() << name << " " << given);
    const auto& option = *find_option<Igmp>(name);
    OptionValues<Igmp> values;
    EXPECT_TRUE(values.set(option, given_number("", given)));
    EXPECT_EQ(option.print(values.values()), given);
  }
}

TEST(OptionValues, ANumberOutsideItsRangeIsRefusedInTheUsersWords) {
  struct Row {
    const char* name;
    const char* given;
    const char* allowed;
  };
  for (const auto& [name, given, allowed] :
       {Row{"query-interval", "0.99", "1 to 31744 seconds; the default is 60"},
        Row{"query-interval", "31745", "1 to 31744 seconds"},
        Row{"query-interval", "-5", "1 to 31744 seconds"},
        Row{"query-interval", "60s", "1 to 31744 seconds"},
        Row{"query-interval", "", "1 to 31744 seconds"},
        Row{"query-interval", "nan", "1 to 31744 seconds"},
        Row{"query-interval", "1e99", "1 to 31744 seconds"},
        Row{"robustness-variable", "0", "a whole number from 1 to 7"},  // IGMP-F-25
        Row{"robustness-variable", "2.5", "a whole number from 1 to 7"},
        Row{"jitter", "100", "a whole number from 0 to 90 percent"},
        Row{"version", "4", "a whole number from 1 to 3; the default is 2"},
        Row{"other-querier-present-interval", "0", "1 to 604800 seconds"},
        Row{"last-member-query-interval", "0.09", "0.1 to 3174.4 seconds; the default is 1"},
        Row{"router-advertisement-interval", "3",
            "a whole number from 4 to 180 seconds; the default is 20"},
        Row{"router-advertisement-interval", "20.5", "a whole number from 4 to 180 seconds"},
        Row{"max-groups", "0", "a whole number from 1 to 16777216; the default is 131072"},
        Row{"max-sources-per-group", "65536",
            "a whole number from 1 to 65535; the default is 1024"},
        Row{"max-hosts-per-group", "0", "a whole number from 1 to 65535; the default is 1024"}}) {
    SCOPED_TRACE(testing::Message() << name << " " << given);
    OptionValues<Igmp> values;
    const auto result = values.set(*find_option<Igmp>(name), given_number("", given));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("'" + std::string{given} + "' is not allowed"));
    EXPECT_THAT(result.error().message, HasSubstr(allowed));
    EXPECT_EQ(values, OptionValues<Igmp>{});
  }
}

TEST(OptionValues, NoChoiceMeansTheProgramsDefaults) {
  EXPECT_EQ(make_settings<Igmp>({}), Result<core::Settings<Igmp>>{core::Settings<Igmp>{}});
  EXPECT_EQ(make_settings<Mld>({}), Result<core::Settings<Mld>>{core::Settings<Mld>{}});
}

TEST(OptionValues, EveryChoiceReachesItsSetting) {
  constexpr core::OtherQuerierInterval kFiveMinutes{300s};
  const core::Settings<Igmp> expected{
      .query_interval = 125s,
      .response_interval = 12s,
      .robustness = 3,
      .startup_count = 4,
      .startup_interval = 31250ms,
      .jitter = 10,
      .other_querier_interval = kFiveMinutes,
      .version = Igmp::Version::k3,
      .proxy = true,
      .require_same_subnet = false,
      .accept_unicast_query = true,
      .require_router_alert = true,
      .send_router_alert = false,
      .trusted_queriers = std::vector<Prefix<4>>{{{{192, 0, 2, 0}}, 24}},
      .ignored_queriers = {{{{198, 51, 100, 7}}, 32}},
      .on_rogue_querier = core::OnRogue::kIgnore,
      .last_member_interval = 2s,
      .explicit_tracking = false,
      .verify_source_subnet = true,
      .accept_older_reports = false,
      .ssm_aware = true,
      .ssm_ranges = {{{{{{232, 1, 0, 0}}, 16}}}},
      .max_groups = 10,
      .max_sources = 20,
      .max_hosts = 30,
      .held_groups = {{{239, 1, 2, 3}}, {{225, 0, 0, 1}}},
      .router_discovery = true,
      .router_advertisement_interval = 30,
  };
  auto choices = choose<Igmp>({{"query-interval", 125},
                               {"query-max-response-time", 12},
                               {"robustness-variable", 3},
                               {"startup-query-count", 4},
                               {"startup-query-interval", 31.25},
                               {"other-querier-present-interval", 300},
                               {"jitter", 10},
                               {"version", 3},
                               {"proxy", true},
                               {"require-router-alert", true},
                               {"send-router-alert", false},
                               {"require-same-subnet", false},
                               {"accept-unicast-query", true},
                               {"on-rogue-querier", "ignore"},
                               {"last-member-query-interval", 2},
                               {"explicit-tracking", false},
                               {"verify-source-subnet", true},
                               {"accept-older-reports", false},
                               {"ssm-aware", true},
                               {"router-discovery", true},
                               {"router-advertisement-interval", 30},
                               {"max-groups", 10},
                               {"max-sources-per-group", 20},
                               {"max-hosts-per-group", 30}});
  set(choices, "trusted-queriers", List{"192.0.2.0/24"});
  set(choices, "ignore-queriers", List{"198.51.100.7"});
  set(choices, "ssm-ranges", List{"232.1.0.0/16"});
  set(choices, "hold", List{"239.1.2.3", "225.0.0.1"});
  EXPECT_EQ(make_settings(choices), Result<core::Settings<Igmp>>{expected});
}

template <Family F>
core::Settings<F> of_profile(const char* name) {
  return *make_settings(choose<F>({{"profile", name}}));
}

TEST(Profiles, HomeHasTheProgramsDefaults) {
  EXPECT_EQ(of_profile<Igmp>("home"), core::Settings<Igmp>{});
  EXPECT_EQ(of_profile<Mld>("home"), core::Settings<Mld>{});
}

TEST(Profiles, RfcHasTheDefaultsOfTheStandards) {  // IGMP-T-01 to -03, -06, -07
  const auto igmp = of_profile<Igmp>("rfc");
  EXPECT_EQ(igmp.timing(), core::Timing{});
  EXPECT_EQ(igmp.startup_interval.get(), igmp.query_interval.get() / 4);
  EXPECT_EQ(igmp.startup_count.get(), igmp.robustness.get());
  EXPECT_EQ(igmp.jitter.get(), 0);
  EXPECT_EQ(igmp.version, Igmp::Version::k3);
  EXPECT_EQ(igmp.last_member_interval.get(), 1s);
  EXPECT_EQ(of_profile<Mld>("rfc").timing(), core::Timing{});
}

TEST(Profiles, AvQueriesOftenAndTakesOverSoon) {
  const auto av = of_profile<Igmp>("av");
  EXPECT_EQ(av.query_interval.get(), 30s);
  EXPECT_EQ(av.response_interval.get(), 5s);
  EXPECT_EQ(av.default_other_querier_timeout(), 70s);
  EXPECT_EQ(av.version, Igmp::Version::k2);
  EXPECT_EQ(of_profile<Mld>("av").query_interval.get(), 30s);
}

TEST(Profiles, IptvKnowsSourcesAndLeavesSoon) {
  const auto iptv = of_profile<Igmp>("iptv");
  EXPECT_EQ(iptv.version, Igmp::Version::k3);
  EXPECT_TRUE(iptv.ssm_aware);
  EXPECT_EQ(iptv.last_member_interval.get(), 500ms);
  EXPECT_TRUE(of_profile<Mld>("iptv").ssm_aware);
}

TEST(Profiles, NoneHasAWarning) {
  for (const auto* name : {"home", "av", "iptv", "rfc"}) {
    EXPECT_THAT(warnings(of_profile<Igmp>(name)), IsEmpty()) << name;
    EXPECT_THAT(warnings(of_profile<Mld>(name)), IsEmpty()) << name;
  }
}

TEST(Profiles, WhatIsSetWinsWhereverItIsSet) {
  const auto own = choose<Igmp>({{"profile", "rfc"}, {"version", 2}});
  EXPECT_EQ(make_settings(own)->version, Igmp::Version::k2);
  EXPECT_EQ(make_settings(own)->query_interval.get(), 125s);
  const auto below = choose<Igmp>({{"query-interval", 40}, {"profile", "av"}});
  EXPECT_EQ(make_settings(own.over(below))->query_interval.get(), 40s);
  EXPECT_EQ(make_settings(own.over(below))->jitter.get(), 0) << "the nearer profile";
}

TEST(Profiles, WhatIsDerivedFollowsWhatIsSet) {
  const auto short_one = *make_settings(choose<Igmp>({{"profile", "rfc"}, {"query-interval", 8}}));
  EXPECT_EQ(short_one.response_interval.get(), 4s);
  EXPECT_EQ(short_one.startup_interval.get(), 2s);
  const auto long_one = *make_settings(choose<Igmp>({{"profile", "av"}, {"query-interval", 60}}));
  EXPECT_EQ(long_one.default_other_querier_timeout(), 255s);
}

TEST(OptionValues, AnEmptyListIsNotTheSameAsNone) {
  OptionValues<Igmp> choices;
  set(choices, "trusted-queriers", List{});
  EXPECT_EQ(make_settings(choices)->trusted_queriers, (std::vector<Prefix<4>>{}));
  EXPECT_EQ(make_settings<Igmp>({})->trusted_queriers, std::nullopt);
  OptionValues<Igmp> wider;
  set(wider, "trusted-queriers", List{"0.0.0.0/0"});
  EXPECT_EQ(choices.over(wider), choices);
  EXPECT_EQ(OptionValues<Igmp>{}.over(wider), wider);
}

TEST(OptionValues, TheSourceAddressIsOneThatAQuerierCanHave) {
  const auto& option = *find_option<Igmp>("source-address");
  OptionValues<Igmp> values;
  EXPECT_EQ(option.print(values.values()), "\"\"");
  set(values, "source-address", "192.0.2.1");
  EXPECT_EQ(make_settings(values)->source_address, (Ipv4Address{{192, 0, 2, 1}}));
  EXPECT_EQ(option.print(values.values()), "\"192.0.2.1\"");
  for (const auto* given :
       {"224.0.0.1", "0.0.0.0", "192.0.2.0/24", "192.0.2.1/32", "fe80::1", "x"}) {
    EXPECT_FALSE(values.set(option, Value{given})) << given;
  }
  EXPECT_FALSE(values.set(option, Value{7}));
  EXPECT_EQ(make_settings(values)->source_address, (Ipv4Address{{192, 0, 2, 1}}));
  set(values, "proxy", true);
  EXPECT_EQ(make_settings(values).error().message,
            "source-address is '192.0.2.1', but a proxy queries from 0.0.0.0: leave one of the two "
            "out");
  OptionValues<Igmp> none;
  set(none, "source-address", "");
  EXPECT_TRUE(make_settings(none.over(values)));
  const auto& option6 = *find_option<Mld>("source-address");
  OptionValues<Mld> values6;
  set(values6, "source-address", "fe80::7");
  EXPECT_EQ(option6.print(values6.values()), "\"fe80::7\"");
  EXPECT_FALSE(values6.set(option6, Value{"2001:db8::1"}));
  EXPECT_FALSE(values6.set(option6, Value{"192.0.2.1"}));
}

TEST(OptionValues, TheRangesOfSourceSpecificGroupsArePrintedInFull) {  // SSM-01
  const auto printed = [](const auto& option, const auto& values) { return option.print(values); };
  EXPECT_EQ(printed(*find_option<Igmp>("ssm-ranges"), Values<Igmp>{}), "[\"232.0.0.0/8\"]");
  const auto text = printed(*find_option<Mld>("ssm-ranges"), Values<Mld>{});
  EXPECT_THAT(text, testing::StartsWith("[\"ff30::/32\", \"ff31::/32\", "));
  EXPECT_THAT(text, testing::EndsWith(", \"ff3f::/32\"]"));
  OptionValues<Mld> empty;
  set(empty, "ssm-ranges", List{});
  EXPECT_EQ(printed(*find_option<Mld>("ssm-ranges"), empty.values()), "[]");
}

TEST(OptionValues, MoreHeldGroupsThanTheKernelsDefaultAreWarnedOf) {
  core::Settings<Igmp> settings;
  settings.held_groups.resize(20);
  EXPECT_THAT(warnings(settings), testing::IsEmpty());
  settings.held_groups.resize(21);
  EXPECT_THAT(warnings(settings), testing::ElementsAre(HasSubstr("net.ipv4.igmp_max_memberships")));
  core::Settings<Mld> mld;  // IPv6 has no such limit
  mld.held_groups.resize(21);
  EXPECT_THAT(warnings(mld), testing::IsEmpty());
}

TEST(OptionValues, NoQuerierIsTrustedAndIgnored) {
  OptionValues<Igmp> choices;
  set(choices, "trusted-queriers", List{"192.0.2.0/24"});
  set(choices, "ignore-queriers", List{"192.0.2.7"});
  const auto refused = make_settings(choices);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "trusted-queriers has '192.0.2.0/24' and ignore-queriers has '192.0.2.7': no querier "
            "can be both");
  set(choices, "ignore-queriers", List{"192.0.3.7"});
  EXPECT_TRUE(make_settings(choices));
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
      .max_groups = 10,
      .held_groups = {{{0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}}}};
  auto choices = choose<Mld>({{"query-interval", 125},
                              {"robustness-variable", 3},
                              {"version", 1},
                              {"accept-unicast-query", true},
                              {"last-member-query-interval", 1.5},
                              {"accept-older-reports", false},
                              {"max-groups", 10}});
  set(choices, "trusted-queriers", List{"fe80::/64"});
  set(choices, "hold", List{"ff15::7"});
  EXPECT_EQ(make_settings(choices), Result<core::Settings<Mld>>{expected});
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
        make_settings(choose<Igmp>({{"version", version}, {"last-member-query-interval", given}}));
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->last_member_interval.get(), sent);
  }
  for (const auto& [version, given, sent] :
       {Row{2, 32.767, 32'767ms}, Row{2, 32.775, 32'768ms}, Row{2, 32.776, 32'776ms},
        Row{2, 1.0009, 1s}, Row{1, 32.775, 32'775ms}, Row{1, 65.535, 65'535ms}}) {
    SCOPED_TRACE(testing::Message() << "MLDv" << version << ", " << given << " s");
    const auto settings =
        make_settings(choose<Mld>({{"version", version}, {"last-member-query-interval", given}}));
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->last_member_interval.get(), sent);
  }
}

TEST(OptionValues, AShortQueryIntervalShortensWhatMustStayBelowIt) {
  const auto settings = make_settings(choose<Igmp>({{"query-interval", 2}}));
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->response_interval.get(), 1s);
  EXPECT_EQ(settings->startup_interval.get(), 500ms);
}

TEST(OptionValues, ValuesThatContradictEachOtherAreRefused) {
  struct Row {
    OptionValues<Igmp> choices;
    const char* says;
  };
  for (const auto& [choices, says] :
       {Row{choose<Igmp>({{"query-interval", 10}, {"query-max-response-time", 10}}),  // IGMP-F-24
            "query-max-response-time (--max-response) is '10', but it must be below "
            "query-interval, which is 10"},
        Row{choose<Igmp>({{"query-max-response-time", 30}}),
            "IGMPv1 and IGMPv2 can carry at most 25.5 seconds"},
        Row{choose<Igmp>({{"startup-query-interval", 61}}), "must not be above query-interval"},
        Row{choose<Igmp>({{"other-querier-present-interval", 60}}),
            "must be above query-interval"}}) {
    const auto result = make_settings(choices);
    ASSERT_FALSE(result) << says;
    EXPECT_THAT(result.error().message, HasSubstr(says));
  }
}

TEST(OptionValues, OlderVersionsCannotCarryLongTimes) {  // IGMP-F-12, MLD-F-11
  const auto igmp = make_settings(choose<Igmp>({{"last-member-query-interval", 25.6}}));
  ASSERT_FALSE(igmp);
  EXPECT_EQ(igmp.error().message,
            "last-member-query-interval is '25.6', but IGMPv1 and IGMPv2 can carry at most 25.5 "
            "seconds; version 3 carries more");
  for (const auto* name : {"query-max-response-time", "last-member-query-interval"}) {
    SCOPED_TRACE(name);
    const auto given = [&](double version, double value) {
      return make_settings(
          choose<Mld>({{"query-interval", 125}, {"version", version}, {name, value}}));
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
      make_settings(choose<Mld>({{"query-interval", 10}, {"query-max-response-time", 10}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("it must be below query-interval, which is 10"));
  EXPECT_TRUE(
      make_settings(choose<Mld>({{"query-interval", 10}, {"query-max-response-time", 9.999}})));
}

TEST(OptionValues, ValuesJustInsideAreAccepted) {
  EXPECT_TRUE(
      make_settings(choose<Igmp>({{"query-interval", 10}, {"query-max-response-time", 9.9}})));
  EXPECT_TRUE(make_settings(choose<Igmp>({{"query-max-response-time", 25.5}})));
  EXPECT_TRUE(make_settings(choose<Igmp>({{"query-max-response-time", 30}, {"version", 3}})));
  EXPECT_TRUE(make_settings(choose<Igmp>({{"startup-query-interval", 60}})));
  EXPECT_TRUE(make_settings(choose<Igmp>({{"other-querier-present-interval", 61}})));
}

TEST(OptionValues, TheUnwiseIsAllowedWithAWarning) {  // IGMP-F-25, SNP-07
  EXPECT_THAT(warnings<Igmp>({}), IsEmpty());
  EXPECT_THAT(warnings(*make_settings(choose<Igmp>({{"query-interval", 1}}))), IsEmpty());
  EXPECT_THAT(warnings<Igmp>({.robustness = 1}), ElementsAre(HasSubstr("one lost packet")));
  EXPECT_THAT(warnings<Igmp>({.response_interval = 500ms}),
              ElementsAre(HasSubstr("all hosts answer")));
  constexpr core::OtherQuerierInterval kTooShort{119s}, kLongEnough{120s};
  EXPECT_THAT(warnings<Igmp>({.other_querier_interval = kTooShort}),
              ElementsAre(HasSubstr("one lost query")));
  EXPECT_THAT(warnings<Igmp>({.other_querier_interval = kLongEnough}), IsEmpty());
  EXPECT_THAT(warnings<Igmp>({.proxy = true}), ElementsAre(HasSubstr("0.0.0.0")));
  EXPECT_THAT(warnings<Igmp>({.ssm_aware = true}), ElementsAre(HasSubstr("name sources")));
  EXPECT_THAT(warnings<Igmp>({.version = Igmp::Version::k3, .ssm_aware = true}), IsEmpty());
  EXPECT_THAT(warnings<Igmp>({.send_router_alert = false}), ElementsAre(HasSubstr("that option")));
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
  EXPECT_THAT(warnings<Mld>({.version = Mld::Version::k1, .ssm_aware = true}),
              ElementsAre(HasSubstr("name sources")));
}

TEST(OptionValues, OneSetOverAnotherWinsWhereBothChose) {
  const auto above = choose<Igmp>({{"query-interval", 30}});
  const auto below = choose<Igmp>({{"query-interval", 90}, {"jitter", 0}});
  EXPECT_EQ(above.over(below), choose<Igmp>({{"query-interval", 30}, {"jitter", 0}}));
  EXPECT_EQ(below.over(above), below);
}

TEST(FormatSeconds, KeepsFractionsAndNothingElse) {
  EXPECT_EQ(format_seconds(60s), "60");
  EXPECT_EQ(format_seconds(31250ms), "31.25");
  EXPECT_EQ(format_seconds(31744s), "31744");
}

}  // namespace
}  // namespace mcq::config
