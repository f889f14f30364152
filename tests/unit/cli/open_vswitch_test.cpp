#include "cli/open_vswitch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mcq::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kPorts =
    "netdev@ovs-netdev: hit:12 missed:3\n"
    "  br0:\n"
    "    br0 65534/1: (tap)\n"
    "    vnet7 3/2: (system)\n"
    "  br1:\n"
    "    vnet9 3/4: (system)\n";

TEST(OpenVSwitch, FindsTheNumbersOfTheBridgesPorts) {
  EXPECT_THAT(parse_port_numbers(kPorts, "br0"),
              ElementsAre(Pair("3", "vnet7"), Pair("65534", "br0")));
  EXPECT_THAT(parse_port_numbers(kPorts, "br1"), ElementsAre(Pair("3", "vnet9")));
  EXPECT_THAT(parse_port_numbers(kPorts, "br"), IsEmpty());
  EXPECT_THAT(parse_port_numbers("", "br0"), IsEmpty());
}

TEST(OpenVSwitch, ReadsGroupsAndRouters) {
  const auto entries = parse_group_table(
      " port  VLAN  GROUP                Age\n"
      "    3     0  239.1.2.3              7\n"
      "LOCAL    20  ff15::7                0\n"
      "    3     0  querier                1\n",
      "br0", parse_port_numbers(kPorts, "br0"));
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0], nlohmann::json::parse(R"({"interface-name": "br0", "family": "ipv4",
      "port-name": "vnet7", "type": "group", "group-address": "239.1.2.3", "source-address": null,
      "blocked": false, "vlan": null, "expire": null})"));
  EXPECT_EQ(entries[1]["family"], "ipv6");
  EXPECT_EQ(entries[1]["port-name"], "br0");
  EXPECT_EQ(entries[1]["vlan"], 20);
  for (const std::size_t router : {2U, 3U}) {
    EXPECT_EQ(entries[router]["type"], "router");
    EXPECT_EQ(entries[router]["port-name"], "vnet7");
  }
  EXPECT_NE(entries[2]["family"], entries[3]["family"]);
}

TEST(OpenVSwitch, ReadsTheTableOfNewerReleases) {
  const auto entries = parse_group_table(
      " port  VLAN  protocol  GROUP                Age\n"
      "    8     0  IGMPv2    239.1.2.3              7\n",
      "br0", {});
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0]["group-address"], "239.1.2.3");
  EXPECT_EQ(entries[0]["port-name"], "8") << "a port whose name is not known";
}

TEST(OpenVSwitch, IgnoresWhatIsNoEntry) {
  EXPECT_THAT(parse_group_table("", "br0", {}), IsEmpty());
  EXPECT_THAT(parse_group_table("no such bridge\n 1 2 3 4 5\n", "br0", {}), IsEmpty());
}

}  // namespace
}  // namespace mcq::cli
