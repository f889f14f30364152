#include "instance/vlan_link.hpp"

#include <gtest/gtest.h>

#include "instance/link_state.hpp"

namespace mcq::instance {
namespace {

const os::Interface kTrunk{.index = 3,
                           .name = "eth0",
                           .up = true,
                           .ethernet = true,
                           .mac = {{2, 0, 0, 0, 0, 1}},
                           .mtu = 1400,
                           .addresses = {{{{192, 0, 2, 1}}, {{{192, 0, 2, 1}}, 24}}},
                           .addresses6 = {{{{0xfe, 0x80, 1}}, {{{0xfe, 0x80}}, 64}}}};

config::Config parse(const char* text) {
  auto config = config::parse_config(text, "test.toml");
  EXPECT_TRUE(config) << config.error().message;
  return *std::move(config);
}

TEST(VlanInterface, HasTheTrunksLinkAndItsOwnAddress) {
  const auto config = parse("[interface.eth0.vlan.20]\naddress = \"192.168.20.2/24\"\n");
  const auto vlan = vlan_interface(kTrunk, *config.vlan_of("eth0.20"), false);
  EXPECT_EQ(vlan.name, "eth0.20");
  EXPECT_EQ(vlan.link(), (os::LinkId{3, 20}));
  EXPECT_FALSE(vlan.has_vlan_device);
  const core::Link<Igmp> expected{
      .up = true, .self = {{192, 168, 20, 2}}, .subnets = {{{{192, 168, 20, 2}}, 24}}, .mtu = 1400};
  EXPECT_EQ(link_state<Igmp>(vlan), expected);
  EXPECT_EQ(link_state<Mld>(vlan), link_state<Mld>(kTrunk));
  EXPECT_TRUE(vlan.has(Ipv4Address{{192, 168, 20, 2}}));
  EXPECT_FALSE(vlan.has(Ipv4Address{{192, 0, 2, 1}}));
}

TEST(VlanInterface, OfTheKeyVlansHasNoAddress) {
  const auto config = parse("[interface.eth0]\nvlans = \"1-4094\"\n");
  const auto vlan = vlan_interface(kTrunk, *config.vlan_of("eth0.4094"), false);
  EXPECT_EQ(vlan.link(), (os::LinkId{3, 4094}));
  EXPECT_TRUE(link_state<Igmp>(vlan).self.is_unspecified());
}

TEST(VlanInterface, GoesDownWithItsTrunk) {
  const auto config = parse("[interface.eth0.vlan.20]\naddress = \"192.168.20.2/24\"\n");
  auto trunk = kTrunk;
  trunk.up = false;
  EXPECT_FALSE(link_state<Igmp>(vlan_interface(trunk, *config.vlan_of("eth0.20"), false)).up);
}

TEST(VlanDevices, AreThoseOfTheKernel) {
  auto device = kTrunk;
  device.vlan_device = os::LinkId{3, 20};
  EXPECT_EQ(vlan_devices({{3, kTrunk}, {4, device}}), (std::set<os::LinkId>{{3, 20}}));
  EXPECT_TRUE(vlan_devices({{3, kTrunk}}).empty());
}

}  // namespace
}  // namespace mcq::instance
