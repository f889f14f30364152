#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/choose.hpp"
#include "config/config_file.hpp"
#include "config/run_options.hpp"

namespace mcq::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kFile = "test.toml";

Config parse(const char* text) {
  auto config = parse_config(text, kFile);
  EXPECT_TRUE(config) << config.error().message;
  return config ? *std::move(config) : Config{};
}

double query_interval(const Config& config, const char* name) {
  const auto made = make_protocol_settings(config.options_for(name));
  return std::chrono::duration<double>(made->igmp->query_interval.get()).count();
}

TEST(VlanTables, TheNarrowerTableWins) {
  const auto config = parse(R"(
[defaults.igmp]
query-interval = 90
robustness-variable = 3
[interface."eth*".igmp]
query-interval = 80
[interface.eth0.igmp]
query-interval = 70
[interface.eth0.vlan.20]
address = "192.168.20.2/24"
[interface.eth0.vlan.20.igmp]
query-interval = 60
[interface.eth0.vlan.30]
address = "192.168.30.2/24"
[interface.eth1]
vlans = "7"
[interface.lan0]
vlans = "7"
)");
  EXPECT_EQ(query_interval(config, "eth0.20"), 60);
  EXPECT_EQ(query_interval(config, "eth0.30"), 70);
  EXPECT_EQ(query_interval(config, "eth0"), 70);
  EXPECT_EQ(query_interval(config, "eth1.7"), 80);
  EXPECT_EQ(query_interval(config, "lan0.7"), 90);
  const auto made = make_protocol_settings(config.options_for("eth0.20"));
  EXPECT_EQ(made->igmp->robustness.get(), 3);
  EXPECT_FALSE(made->mld);
}

TEST(VlanTables, AreThoseOfTheirTrunkAlone) {
  const auto config = parse("[interface.eth0]\nvlans = \"10-20\"\n[interface.\"lan*\"]\n");
  EXPECT_EQ(config.vlan_of("eth0.10")->number, 10);
  EXPECT_EQ(config.vlan_of("eth0.20")->trunk, config.table_of("eth0"));
  for (const auto* name : {"eth0", "eth0.9", "eth0.21", "eth0.010", "eth1.10", "lan0.10", "lan*.10",
                           "eth0.", ".10", "10", "eth0.10.10", ""}) {
    EXPECT_FALSE(config.vlan_of(name)) << name;
  }
}

/// A table with nothing but VLANs is for them alone.
TEST(VlanTables, TheUntaggedLanIsServedIfATableSaysSo) {
  struct Row {
    const char* text;
    bool serves_untagged;
  };
  for (const auto& [text, serves_untagged] :
       {Row{"[interface.eth0]\n", true}, Row{"[interface.eth0]\nvlans = \"10\"\n", false},
        Row{"[interface.eth0.vlan.20]\n", false},
        Row{"[interface.eth0.vlan.20]\n[interface.eth0.igmp]\n", true},
        Row{"[interface.eth0.vlan.20.igmp]\n[interface.eth0.mld]\n", true}}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse(text).interfaces.at(0).serves_untagged, serves_untagged);
  }
}

TEST(VlanTables, AMistakeIsNamedWithItsLineAndWhatIsAllowed) {
  struct Row {
    const char* text;
    const char* says;
  };
  for (
      const auto& [text, says] :
      {Row{"[interface.eth0.vlan.0]\n",
           "test.toml:1: '0' is not a VLAN: those have the numbers 1 "
           "to 4094, without leading zeros"},
       Row{"[interface.eth0.vlan.4095]\n", "test.toml:1: '4095' is not a VLAN"},
       Row{"[interface.eth0.vlan.020]\n", "test.toml:1: '020' is not a VLAN"},
       Row{"[interface.eth0.vlan.igmp]\n", "test.toml:1: 'igmp' is not a VLAN"},
       Row{"[interface.eth0]\nvlan = 20\n", "test.toml:2: vlan must be a table"},
       Row{"[interface.eth0.vlan]\n20 = 1\n",
           "test.toml:2: interface.eth0.vlan.20 must be a table"},
       Row{"[interface.eth0]\nvlans = \"1-5000\"\n", "test.toml:2: vlans '1-5000' is not allowed"},
       Row{"[interface.eth0]\nvlans = 4095\n", "test.toml:2: vlans '4095' is not allowed"},
       Row{"[interface.eth0]\nvlans = \"10,10\"\n", "test.toml:2: vlans '10,10' has VLAN 10 twice"},
       Row{"[interface.eth0]\nvlans = \"10-30\"\n[interface.eth0.vlan.20]\n",
           "test.toml:3: VLAN 20 is in vlans as well: leave it out there"},
       Row{"[interface.eth0.vlan.20]\n[interface.eth0.vlan.20]\n", "test.toml:2: not TOML"},
       Row{"[interface.eth0.vlan.20]\n\n[interface.\"eth0.20\"]\n",
           "test.toml:3: [interface.eth0.20]: it is VLAN 20 of [interface.eth0] as well: keep one"},
       Row{"[interface.\"eth0.20\"]\n[interface.eth0]\nvlans = \"1-4094\"\n",
           "test.toml:1: [interface.eth0.20]: it is VLAN 20 of [interface.eth0] as well"},
       Row{"[interface.eth0.vlan.20]\naddress = \"192.168.20.2\"\n",
           "test.toml:2: address '192.168.20.2' is not allowed: it must be an IPv4 address with"},
       Row{"[interface.eth0.vlan.20.igmp]\nproxy = true\nhold = [\"239.1.2.3\"]\n",
           "test.toml:1: VLAN 20: hold is not allowed"},
       Row{"[interface.eth0.vlan.20.mld]\nhold = [\"ff15::7\"]\n",
           "test.toml:1: VLAN 20: hold is not allowed"},
       Row{"[interface.eth0.vlan.20.igmp]\nsource-address = \"192.168.20.2\"\n",
           "test.toml:1: VLAN 20: source-address is not allowed"},
       Row{"[interface.eth0.vlan.20]\naddress = 7\n", "test.toml:2: address '7' is not allowed"},
       Row{"[interface.eth0.vlan.20]\naddress = \"192.168.20.0/24\"\n",
           "test.toml:2: address '192.168.20.0/24' is not allowed: no host has such an address"},
       Row{"[interface.eth0.vlan.20]\naddress = \"192.168.20.2\"\nprefix = \"24\"\n",
           "test.toml:3: prefix must be the length of the prefix"},
       Row{"[interface.eth0.vlan.20]\nprefix = 24\n", "test.toml:2: prefix must be the length of"},
       Row{"[interface.eth0.vlan.20]\naddress = \"192.0.2.1/24\"\n"
           "[interface.eth0.vlan.30]\naddress = \"192.0.2.1/25\"\n",
           "test.toml:3: address '192.0.2.1' is that of VLAN 20 (test.toml:1) as well"},
       Row{"[interface.eth0.vlan.20]\naddress = \"192.0.2.1/24\"\n"
           "[interface.eth1.vlan.20]\naddress = \"192.0.2.1/24\"\n",
           "test.toml:3: address '192.0.2.1' is that of VLAN 20 (test.toml:1) as well"},
       Row{"[interface.eth0.vlan.20]\naddress = \"192.0.2.1/24\"\n"
           "[interface.eth0.vlan.20.igmp]\nproxy = true\n",
           "test.toml:2: [interface.eth0.vlan.20] has an address, and proxy = true: leave one"},
       Row{"[interface.eth0.vlan.20]\nproxy = true\n",
           "test.toml:2: unknown key 'proxy' in [interface.eth0.vlan.20]; settings belong in "
           "[interface.eth0.vlan.20.igmp] and"},
       Row{"[interface.eth0.vlan.20.igmp]\nvlan = 7\n", "test.toml:2: unknown key 'vlan'; known"},
       Row{"[interface.eth0.vlan.20.igmp]\nversion = 4\n", "test.toml:2: version '4' is not"},
       Row{"[defaults.igmp]\nquery-interval = 20\n[interface.eth0.vlan.20.igmp]\n"
           "query-max-response-time = 25\n",
           "test.toml:3: VLAN 20: query-max-response-time (--max-response) is '25', but it must "
           "be below"},
       Row{"[interface.\"eth*\"]\nvlans = \"10\"\n", "test.toml:2: unknown key 'vlans' in"},
       Row{"[interface.\"eth*\".vlan.20]\n", "test.toml:1: unknown key 'vlan' in"},
       Row{"[defaults]\nvlans = \"10\"\n", "test.toml:2: unknown key 'vlans' in [defaults]"}}) {
    SCOPED_TRACE(text);
    const auto config = parse_config(text, kFile);
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().message, StartsWith(says));
    EXPECT_EQ(config.error().message.find('\n'), std::string::npos) << config.error().message;
  }
}

TEST(VlanTables, AFileHasAnEndOfThem) {
  std::string text;
  for (int i = 0; i < 4; ++i) {
    text += "[interface.eth" + std::to_string(i) + "]\nvlans = \"1-4094\"\n";
  }
  EXPECT_TRUE(parse_config(text, kFile));
  text += "[interface.eth4]\nvlans = \"1-4094\"\n";
  const auto refused = parse_config(text, kFile);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("more than 16384 VLANs in one file"));
}

TEST(VlanTables, IgmpNeedsAnAddressOrAProxy) {
  const auto check_file = [](const char* text) { return check({}, parse(text)); };
  const auto refused = check_file("\n[interface.eth0.vlan.20]\n");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              StartsWith("test.toml:2: VLAN 20: it has no address to query from: give it one in "
                         "[interface.eth0.vlan.20], as address = \"192.168.20.2/24\", or set"));
  const auto of_range = check_file("[interface.eth0]\nvlans = \"30-40\"\n");
  ASSERT_FALSE(of_range);
  EXPECT_THAT(of_range.error().message, StartsWith("test.toml:1: VLAN 30: it has no address"));
  EXPECT_TRUE(check_file("[interface.eth0.vlan.20]\naddress = \"192.168.20.2/24\"\n"));
  EXPECT_TRUE(check_file("[interface.eth0.vlan.20.igmp]\nproxy = true\n"));
  EXPECT_TRUE(check_file("[defaults.igmp]\nproxy = true\n[interface.eth0]\nvlans = \"1-4094\"\n"));
  EXPECT_TRUE(
      check_file("[interface.eth0.vlan.20.mld]\n[interface.eth0.vlan.20.igmp]\n"
                 "enabled = false\n"));
  RunOptions with_proxy;
  with_proxy.choices.igmp = choose<Igmp>({{"proxy", true}});
  EXPECT_TRUE(check(with_proxy, parse("[interface.eth0]\nvlans = \"30-40\"\n")));
}

/// A LAN where an address was given has a querier with that address.
TEST(VlanTables, AnAddressPrecedesAProxyOfAWiderTable) {
  const auto config = parse(
      "[defaults.igmp]\nproxy = true\n[interface.eth0]\nvlans = \"30\"\n"
      "[interface.eth0.vlan.20]\naddress = \"192.168.20.2/24\"\n");
  EXPECT_TRUE(make_protocol_settings(config.options_for("eth0.30"))->igmp->proxy);
  EXPECT_FALSE(make_protocol_settings(config.options_for("eth0.20"))->igmp->proxy);
}

TEST(VlanTables, WhatThisHostCannotDoInAVlanIsNotTakenOver) {
  const auto config = parse(
      "[interface.eth0]\nvlans = \"10\"\n[interface.eth0.igmp]\nsource-address = \"192.0.2.1\"\n"
      "hold = [\"239.1.2.3\"]\nquery-interval = 30\n");
  const auto trunk = config.options_for("eth0").igmp.values();
  const auto vlan = config.options_for("eth0.10").igmp.values();
  EXPECT_EQ(trunk.held_groups.size(), 1U);
  EXPECT_TRUE(trunk.source_address);
  EXPECT_TRUE(vlan.held_groups.empty());
  EXPECT_FALSE(vlan.source_address);
  EXPECT_EQ(vlan.query_interval.get(), 30s);
}

}  // namespace
}  // namespace mcq::config
