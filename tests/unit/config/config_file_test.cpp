#include "config/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/choose.hpp"

namespace mcq::config {
namespace {

using testing::StartsWith;

constexpr const char* kFile = "test.toml";

TEST(Config, AnEmptyFileChoosesNothing) {
  EXPECT_EQ(parse_config("", kFile), Result<Config>{Config{}});
  EXPECT_EQ(parse_config("# only a comment\n", kFile), Result<Config>{Config{}});
}

TEST(Config, TablesBecomeChoices) {
  const auto config = parse_config(R"(
[defaults.igmp]
query-interval = 90
startup-query-interval = 2.5
require-same-subnet = false

[interface.eth0.igmp]
version = 3

[interface."lan*"]
)",
                                   kFile);
  Config expected;
  set(expected.defaults.igmp, "query-interval", 90);
  set(expected.defaults.igmp, "startup-query-interval", 2.5);
  set(expected.defaults.igmp, "require-same-subnet", false);
  expected.interfaces = {{"eth0", {}}, {"lan*", {}}};
  set(expected.interfaces[0].choices.igmp, "version", 3);
  EXPECT_EQ(config, Result<Config>{expected});
}

TEST(Config, EachProtocolHasATableOfItsOwn) {
  const auto config = parse_config(R"(
[defaults.igmp]
query-interval = 90
[defaults.mld]
query-interval = 80
[interface.eth0.mld]
version = 1
[interface.eth1]
)",
                                   kFile);
  Config expected;
  set(expected.defaults.igmp, "query-interval", 90);
  set(expected.defaults.mld, "query-interval", 80);
  expected.defaults.has_mld_table = true;
  expected.interfaces = {{"eth0", {}}, {"eth1", {}}};
  set(expected.interfaces[0].choices.mld, "version", 1);
  expected.interfaces[0].choices.has_mld_table = true;
  ASSERT_EQ(config, Result<Config>{expected});
  const auto eth0 = config->options_for("eth0");
  EXPECT_EQ(eth0.mld, choose<Mld>({{"query-interval", 80}, {"version", 1}}));
  EXPECT_EQ(eth0.igmp, choose<Igmp>({{"query-interval", 90}}));
}

TEST(Config, WhatRunsOnAnInterface) {
  struct Row {
    const char* text;
    bool igmp, mld;
  };
  for (const auto& [text, igmp, mld] :
       {Row{"[interface.eth0]\n", true, false}, Row{"[interface.eth0.igmp]\n", true, false},
        Row{"[interface.eth0.mld]\n", true, true}, Row{"[defaults.mld]\n", true, true},
        Row{"[interface.\"eth*\".mld]\n", true, true},
        Row{"[interface.\"lan*\".mld]\n", true, false},
        Row{"[interface.eth0.mld]\nenabled = true\n", true, true},
        Row{"[interface.eth0.mld]\nenabled = false\n", true, false},
        Row{"[defaults.mld]\nenabled = false\n[interface.eth0.mld]\nversion = 1\n", true, false},
        Row{"[defaults.mld]\nenabled = false\n[interface.eth0.mld]\nenabled = true\n", true, true},
        Row{"[defaults.mld]\n[interface.eth0.mld]\nenabled = false\n", true, false},
        Row{"[interface.eth0.mld]\n[interface.eth0.igmp]\nenabled = false\n", false, true},
        Row{"[defaults.igmp]\nenabled = false\n[interface.eth0.mld]\n", false, true},
        Row{"[defaults.igmp]\nenabled = false\n[interface.eth0.igmp]\nenabled = true\n", true,
            false}}) {
    SCOPED_TRACE(text);
    const auto config = parse_config(text, kFile);
    ASSERT_TRUE(config) << config.error().message;
    const auto protocols = make_protocol_settings(config->options_for("eth0"));
    ASSERT_TRUE(protocols);
    EXPECT_EQ(protocols->igmp.has_value(), igmp);
    EXPECT_EQ(protocols->mld.has_value(), mld);
  }
}

TEST(Config, TheNarrowerTableWins) {
  const auto config = parse_config(R"(
[defaults.igmp]
query-interval = 90
jitter = 0
robustness-variable = 3
[interface."lan*".igmp]
query-interval = 80
jitter = 5
[interface."l*".igmp]
query-interval = 75
[interface.lan0.igmp]
query-interval = 70
)",
                                   kFile);
  ASSERT_TRUE(config);
  struct Row {
    const char* interface;
    double query_interval, jitter;
  };
  for (const auto& [interface, query_interval, jitter] :
       {Row{"lan0", 70, 5}, Row{"lan1", 80, 5}, Row{"lo1", 75, 0}, Row{"eth0", 90, 0}}) {
    SCOPED_TRACE(interface);
    EXPECT_EQ(config->options_for(interface).igmp, choose<Igmp>({{"query-interval", query_interval},
                                                                 {"jitter", jitter},
                                                                 {"robustness-variable", 3}}));
  }
}

TEST(Config, AMistakeIsNamedWithItsLineAndWhatIsAllowed) {
  struct Row {
    const char* text;
    const char* says;
  };
  for (const auto& [text, says] :
       {Row{"[defaults.igmp]\nquery-intervall = 60\n",
            "test.toml:2: unknown key 'query-intervall'; known are profile, query-interval, "},
        Row{"[defaults.igmp]\n\nquery-interval = 0\n",
            "test.toml:3: query-interval '0' is not allowed: it must be 1 to 31744 seconds"},
        Row{"[defaults.igmp]\nquery-interval = \"60\"\n",
            "test.toml:2: query-interval '\"60\"' is not allowed: it must be 1 to 31744"},
        Row{"[defaults.igmp]\nversion = 4\n", "test.toml:2: version '4' is not allowed"},
        Row{"[defaults.igmp]\nrobustness-variable = 2.5\n",
            "test.toml:2: robustness-variable '2.5' is not allowed: it must be a whole number"},
        Row{"[defaults.igmp]\nproxy = 1\n",
            "test.toml:2: proxy '1' is not allowed: it must be true or false"},
        Row{"[defaults]\nquery-interval = 60\n",
            "test.toml:2: unknown key 'query-interval' in [defaults]"},
        Row{"[defaults.ipv6]\nversion = 2\n", "test.toml:1: unknown key 'ipv6' in [defaults]"},
        Row{"query-interval = 60\n", "test.toml:1: unknown key 'query-interval'; known are the"},
        Row{"interface = \"eth0\"\n", "test.toml:1: interface must be a table"},
        Row{"[interface]\neth0 = 1\n", "test.toml:2: interface.eth0 must be a table"},
        Row{"[interface.an-interface-name-too-long]\n",
            "test.toml:1: 'an-interface-name-too-long' is not an interface name"},
        Row{"[interface.\"a/b\"]\n", "test.toml:1: 'a/b' is not an interface name"},
        Row{"[defaults.igmp]\nquery-interval = 5\nquery-max-response-time = 5\n",
            "test.toml:1: [defaults]: query-max-response-time (--max-response) is '5', but it must "
            "be below"},
        Row{"[defaults.igmp]\nquery-interval = 20\n[interface.eth0.igmp]\n"
            "query-max-response-time = 25\n",
            "test.toml:3: [interface.eth0]: query-max-response-time (--max-response) is '25', but "
            "it must be below"},
        Row{"[interface.\"lan*\".igmp]\nquery-interval = 15\n[interface.lan0.igmp]\n"
            "query-max-response-time = 20\n",
            "test.toml:3: [interface.lan0]: query-max-response-time (--max-response) is '20'"},
        Row{"[interface.eth0.20]\n", "test.toml:1: unknown key '20' in [interface.eth0]; settings"},
        Row{"[interface.\"eth0:1\"]\n", "test.toml:1: 'eth0:1' is not an interface name"},
        Row{"[defaults.igmp]\n\"a\\nb\" = 1\n", "test.toml:2: unknown key 'a?b'; known are"},
        Row{"[defaults.igmp]\nversion = \"a\\nb\"\n", "test.toml:2: version '\"a?b\"' is not"},
        Row{"[defaults.igmp]\nquery-interval = 60\nquery-interval = 70\n", "test.toml:3: not TOML"},
        Row{"[defaults.igmp\n", "test.toml:1: not TOML"},
        Row{"[defaults.igmp]\nenabled = f\n",
            "test.toml:2: not TOML: Error while parsing boolean: expected 'false', saw 'f?'"},
        Row{"[defaults.mld]\nversion = 3\n",
            "test.toml:2: version '3' is not allowed: it must be a whole number from 1 to 2"},
        Row{"[defaults.mld]\nproxy = true\n",
            "test.toml:2: unknown key 'proxy'; known are profile, query-interval, "
            "query-max-response-time, "
            "robustness-variable, startup-query-count, startup-query-interval, "
            "other-querier-present-interval, jitter, version, source-address, "
            "accept-unicast-query, "
            "trusted-queriers, ignore-queriers, on-rogue-querier, last-member-query-interval, "
            "query-on-bpdu, query-on-rejoin, "
            "explicit-tracking, accept-older-reports, ssm-aware, ssm-ranges, router-discovery, "
            "router-advertisement-interval, max-groups, max-sources-per-group, "
            "max-hosts-per-group, hold, enabled"},
        Row{"[defaults.igmp]\ntrusted-queriers = \"192.0.2.1\"\n",
            "test.toml:2: trusted-queriers '192.0.2.1' is not allowed: it must be a list of "
            "addresses and prefixes, as [\"192.0.2.1\", \"198.51.100.0/24\"]"},
        Row{"[defaults.igmp]\nignore-queriers = \"any\"\n",
            "test.toml:2: ignore-queriers 'any' is not allowed"},
        Row{"[defaults.mld]\nignore-queriers = 7\n",
            "test.toml:2: ignore-queriers '7' is not allowed: it must be a list of addresses and "
            "prefixes, as [\"fe80::1\", \"fe80::a:0:0:0/80\"]"},
        Row{"[defaults.igmp]\ntrusted-queriers = [\n  \"192.0.2.1\",\n  \"fe80::1\",\n]\n",
            "test.toml:4: trusted-queriers 'fe80::1' is not allowed: it must be an IPv4 address or "
            "a prefix"},
        Row{"[defaults.mld]\ntrusted-queriers = [\"192.0.2.1\"]\n",
            "test.toml:2: trusted-queriers '192.0.2.1' is not allowed: it must be an IPv6"},
        Row{"[defaults.igmp]\nignore-queriers = [1]\n",
            "test.toml:2: ignore-queriers '1' is not allowed: it must be an IPv4 address"},
        Row{"[defaults.igmp]\nignore-queriers = [[\"192.0.2.1\"]]\n",
            "test.toml:2: ignore-queriers '[ '192.0.2.1' ]' is not allowed: it must be an IPv4"},
        Row{"[defaults.igmp]\nignore-queriers = [\"a\\nb\"]\n",
            "test.toml:2: ignore-queriers 'a?b' is not allowed"},
        Row{"[defaults.igmp]\nprofile = \"hotel\"\n",
            "test.toml:2: profile 'hotel' is not allowed: it must be \"home\", \"av\", \"iptv\" or "
            "\"rfc\"; the default is \"home\""},
        Row{"[defaults.mld]\nprofile = 1\n", "test.toml:2: profile '1' is not allowed"},
        Row{"[defaults.igmp]\nsource-address = \"fe80::1\"\n",
            "test.toml:2: source-address 'fe80::1' is not allowed: it must be an IPv4 address of "
            "the interface, as \"192.0.2.1\""},
        Row{"[defaults.mld]\nsource-address = \"2001:db8::1\"\n",
            "test.toml:2: source-address '2001:db8::1' is not allowed: it must be an IPv6 "
            "link-local address of it"},
        Row{"[defaults.igmp]\nssm-ranges = \"232.0.0.0/8\"\n",
            "test.toml:2: ssm-ranges '232.0.0.0/8' is not allowed: it must be a list of groups"},
        Row{"[defaults.igmp]\nssm-ranges = [\n\"232.0.0.0/8\",\n\"192.0.2.0/24\"]\n",
            "test.toml:4: ssm-ranges '192.0.2.0/24' is not allowed: it must be an IPv4 group"},
        Row{"[defaults.igmp]\nssm-ranges = [\"232.0.0.1/8\"]\n",
            "test.toml:2: ssm-ranges '232.0.0.1/8' is not allowed: it has bits behind its prefix"},
        Row{"[defaults.igmp]\nssm-ranges = [\"224.0.0.0/3\"]\n",
            "test.toml:2: ssm-ranges '224.0.0.0/3' is not allowed"},
        Row{"[defaults.mld]\nssm-ranges = [\"232.0.0.0/8\"]\n",
            "test.toml:2: ssm-ranges '232.0.0.0/8' is not allowed: it must be an IPv6 group"},
        Row{"[defaults.igmp]\nhold = \"239.1.2.3\"\n",
            "test.toml:2: hold '239.1.2.3' is not allowed: it must be a list of groups, as "
            "[\"239.1.2.3\"]; the default is []"},
        Row{"[defaults.igmp]\nhold = [\n  \"239.1.2.3\",\n  \"192.0.2.1\",\n]\n",
            "test.toml:4: hold '192.0.2.1' is not allowed: it must be a multicast group of IPv4"},
        Row{"[defaults.igmp]\nhold = [\"ff15::7\"]\n",
            "test.toml:2: hold 'ff15::7' is not allowed: it must be a multicast group of IPv4"},
        Row{"[defaults.igmp]\nhold = [\"224.0.0.251\"]\n",
            "test.toml:2: hold '224.0.0.251' is not allowed: switches flood 224.0.0.0 to "
            "224.0.0.255, so nobody needs to hold it"},
        Row{"[defaults.igmp]\nhold = [\"239.1.2.3\", \"239.1.2.4\", \"239.1.2.3\"]\n",
            "test.toml:2: hold '239.1.2.3' is given twice"},
        Row{"[defaults.igmp]\nhold = [7]\n", "test.toml:2: hold '7' is not allowed"},
        Row{"[defaults.mld]\nhold = [\"239.1.2.3\"]\n",
            "test.toml:2: hold '239.1.2.3' is not allowed: it must be a multicast group of IPv6"},
        Row{"[defaults.mld]\nhold = [\"ff02::fb\"]\n",
            "test.toml:2: hold 'ff02::fb' is not allowed: switches flood groups of the link-local"},
        Row{"[defaults.mld]\nhold = [\"ff15::7\", \"ff15:0::7\"]\n",
            "test.toml:2: hold 'ff15:0::7' is given twice"},
        Row{"[defaults.igmp]\non-rogue-querier = \"yield\"\n",
            "test.toml:2: on-rogue-querier 'yield' is not allowed: it must be \"warn\" or "
            "\"ignore\"; the default is \"warn\""},
        Row{"[defaults.igmp]\non-rogue-querier = true\n",
            "test.toml:2: on-rogue-querier 'true' is not allowed"},
        Row{"[defaults.igmp]\nignore-queriers = [\"192.0.2.0/24\"]\n[interface.eth0.igmp]\n"
            "trusted-queriers = [\"192.0.2.7\"]\n",
            "test.toml:3: [interface.eth0]: trusted-queriers has '192.0.2.7' and ignore-queriers "
            "has '192.0.2.0/24': no querier can be both"},
        Row{"[defaults.mld]\nrequire-router-alert = true\n",
            "test.toml:2: unknown key 'require-router-alert'; known are"},
        Row{"[defaults.mld]\nrequire-same-subnet = true\n",
            "test.toml:2: unknown key 'require-same-subnet'; known are"},
        Row{"[defaults.mld]\nverify-source-subnet = true\n",
            "test.toml:2: unknown key 'verify-source-subnet'; known are"},
        Row{"[defaults.mld]\nquery-interval = 5\nquery-max-response-time = 5\n",
            "test.toml:1: [defaults]: MLD: query-max-response-time (--max-response) is '5'"},
        Row{"[interface.eth0.mld]\nversion = 1\nlast-member-query-interval = 66\n",
            "test.toml:1: [interface.eth0]: MLD: last-member-query-interval is '66', but MLDv1"},
        Row{"[defaults.igmp]\nenabled = 1\n",
            "test.toml:2: enabled '1' is not allowed: it must be true or false"}}) {
    SCOPED_TRACE(text);
    const auto config = parse_config(text, kFile);
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().message, StartsWith(says));
    EXPECT_EQ(config.error().message.find('\n'), std::string::npos) << config.error().message;
  }
}

TEST(Config, QueriersAreListed) {
  const auto config = parse_config(R"(
[defaults.igmp]
trusted-queriers = ["192.0.2.1", "198.51.100.0/24"]
ignore-queriers = ["203.0.113.9"]
on-rogue-querier = "ignore"
[interface.eth0.igmp]
ignore-queriers = []
on-rogue-querier = "warn"
[interface.eth0.mld]
trusted-queriers = ["fe80::/64"]
[interface.eth2.igmp]
trusted-queriers = "any"
)",
                                   kFile);
  ASSERT_TRUE(config) << config.error().message;
  using List4 = std::vector<Prefix<4>>;
  const List4 trusted{{{{192, 0, 2, 1}}, 32}, {{{198, 51, 100, 0}}, 24}};
  const auto wide = make_protocol_settings(config->options_for("eth1"));
  EXPECT_EQ(wide->igmp->trusted_queriers, trusted);
  EXPECT_EQ(wide->igmp->ignored_queriers, (List4{{{{203, 0, 113, 9}}, 32}}));
  EXPECT_EQ(wide->igmp->on_rogue_querier, core::OnRogue::kIgnore);
  EXPECT_EQ(make_protocol_settings(config->options_for("eth2"))->igmp->trusted_queriers,
            std::nullopt);
  const auto narrow = make_protocol_settings(config->options_for("eth0"));
  EXPECT_EQ(narrow->igmp->trusted_queriers, trusted);
  EXPECT_EQ(narrow->igmp->ignored_queriers, List4{});
  EXPECT_EQ(narrow->igmp->on_rogue_querier, core::OnRogue::kWarn);
  EXPECT_EQ(narrow->mld->trusted_queriers, (std::vector<Prefix<16>>{{{{0xfe, 0x80}}, 64}}));
}

TEST(Config, AListHasAnEnd) {
  const auto list_of = [](int count) {
    std::string text = "[defaults.igmp]\nignore-queriers = [";
    for (int i = 0; i < count; ++i) text += "\"192.0.2." + std::to_string(i) + "\", ";
    return text + "]\n";
  };
  EXPECT_TRUE(parse_config(list_of(64), kFile));
  const auto refused = parse_config(list_of(65), kFile);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "test.toml:2: ignore-queriers has 65 entries, but may have 64: use prefixes");
}

TEST(Config, TwoGlobsThatNeverMeetDoNotContradict) {
  EXPECT_TRUE(
      parse_config("[interface.\"l*\".igmp]\nquery-max-response-time = 20\n"
                   "[interface.\"lan*\".igmp]\nquery-interval = 15\n",
                   kFile));
}

TEST(Config, AKeyTooDeepForTheParserIsRefused) {
  const auto key_with_dots = [](int dots) {
    std::string key = "a";
    for (int i = 0; i < dots; ++i) key += ".a";
    return key + " = 1\n";
  };
  const auto refused = parse_config("\n" + key_with_dots(251), kFile);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "test.toml:2: more than 250 dots in one line");
  const auto shallow = parse_config(key_with_dots(250), kFile);
  ASSERT_FALSE(shallow);
  EXPECT_THAT(shallow.error().message, StartsWith("test.toml:1: unknown key 'a'"));
  EXPECT_TRUE(parse_config("# " + std::string(500, '.') + "\n", kFile));
}

TEST(Config, AFileThatCannotBeReadSaysWhy) {
  const auto missing = load_config("/nonexistent/igmp-querier.toml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "cannot read the configuration file '/nonexistent/igmp-querier.toml': "
            "No such file or directory");
  const auto directory = load_config("/");
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().message, StartsWith("cannot read the configuration file '/': "));
}

TEST(InterfaceRule, MatchesAsTheShellDoes) {
  EXPECT_TRUE((InterfaceRule{"lan*", {}}).matches("lan0"));
  EXPECT_FALSE((InterfaceRule{"lan*", {}}).matches("wlan0"));
  EXPECT_TRUE((InterfaceRule{"eth?", {}}).matches("eth1"));
  EXPECT_TRUE((InterfaceRule{"eth?", {}}).is_glob());
  EXPECT_FALSE((InterfaceRule{"eth0", {}}).is_glob());
}

}  // namespace
}  // namespace mcq::config
