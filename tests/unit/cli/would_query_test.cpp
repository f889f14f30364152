#include "cli/would_query.hpp"

#include <gtest/gtest.h>

namespace mcq::cli {
namespace {

const EthernetInterfaces kPresent{{"eth0", "eth1", "lan1", "lan2"}, "eth1"};

std::string said(const std::string& file, const EthernetInterfaces& present = kPresent) {
  const auto config = config::parse_config(file, "test.toml");
  return config ? would_query(*config, present) : config.error().message;
}

TEST(WouldQuery, NamesTheInterfacesThatThereAre) {
  EXPECT_EQ(said("[interface.eth0]\n"), "queries on eth0");
  EXPECT_EQ(said("[interface.lan1]\n[interface.eth0.igmp]\nversion = 3\n"),
            "queries on lan1 and eth0");
}

TEST(WouldQuery, NamesThoseThatMayAppear) {
  EXPECT_EQ(said("[interface.eth9]\n"), "queries on no interface yet; waits for eth9");
  EXPECT_EQ(said("[interface.eth0]\n[interface.eth9]\n"), "queries on eth0; waits for eth9");
}

TEST(WouldQuery, AGlobIsForThoseThatThereAreAndForFurtherOnes) {
  EXPECT_EQ(said("[interface.\"lan*\"]\n[interface.lan1.igmp]\nversion = 3\n"),
            "queries on lan1 and lan2; waits for interfaces called lan*");
  EXPECT_EQ(said("[interface.\"wlan*\"]\n"),
            "queries on no interface yet; waits for interfaces called wlan*");
}

TEST(WouldQuery, WithoutATableItIsTheDefaultRoute) {
  EXPECT_EQ(said("[defaults.igmp]\nversion = 3\n"), "queries on eth1, which has the default route");
  EXPECT_EQ(said("", {}), "waits for a default route: no table names an interface");
}

TEST(WouldQuery, NamesVlansOfATrunk) {
  const std::string address = "address = \"192.168.20.2/24\"\n";
  EXPECT_EQ(said("[interface.eth0.vlan.20]\n" + address), "queries on VLAN 20 of eth0");
  EXPECT_EQ(said("[interface.eth0]\nvlans = \"10,30-40\"\n[interface.eth0.igmp]\nproxy = true\n"
                 "[interface.eth0.vlan.20]\n" +
                 address),
            "queries on eth0 and VLANs 10,30-40,20 of eth0");
  EXPECT_EQ(said("[interface.eth9.vlan.20]\n" + address),
            "queries on no interface yet; waits for VLAN 20 of eth9");
}

}  // namespace
}  // namespace mcq::cli
