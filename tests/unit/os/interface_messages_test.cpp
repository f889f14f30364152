#include "os/interface_messages.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <string>
#include <vector>

#include "support/netlink_message.hpp"

namespace mcq::os {
namespace {

constexpr int kIndex = 7;
constexpr unsigned kUsable = IFF_UP | IFF_RUNNING | IFF_MULTICAST;

Message link(std::uint16_t type = RTM_NEWLINK, unsigned flags = kUsable) {
  ifinfomsg header{};
  header.ifi_type = ARPHRD_ETHER;
  header.ifi_index = kIndex;
  header.ifi_flags = flags;
  return {type, header};
}

/// As the kernel describes a whole link.
Message description(const std::string& name = "eth0", unsigned flags = kUsable) {
  auto message = link(RTM_NEWLINK, flags);
  message.with(IFLA_IFNAME, text(name))
      .with(IFLA_MTU, 1500U)
      .with(IFLA_ADDRESS, Bytes{2, 0, 0, 0, 0, 1});
  return message;
}
Message port_of(const std::string& kind) {
  auto message = description();
  message.with(IFLA_MASTER, 3U);
  message.with(IFLA_LINKINFO, attribute(IFLA_INFO_SLAVE_KIND, text(kind)));
  return message;
}
Bytes short_value(std::uint16_t value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}
/// An interface for VLAN 20 on the interface 3.
Message vlan_interface(const std::string& kind, std::uint16_t protocol) {
  auto data = attribute(IFLA_VLAN_ID, short_value(20));
  const auto of_protocol = attribute(IFLA_VLAN_PROTOCOL, short_value(htons(protocol)));
  append(data, of_protocol.data(), of_protocol.size());
  auto info = attribute(IFLA_INFO_KIND, text(kind));
  const auto nested = attribute(IFLA_INFO_DATA, data);
  append(info, nested.data(), nested.size());
  auto message = description("tv");
  message.with(IFLA_LINK, 3U).with(IFLA_LINKINFO, info);
  return message;
}
/// As a driver tells of a scan, an association, a lost beacon.
Message wireless_event(unsigned flags = kUsable) {
  auto message = link(RTM_NEWLINK, flags);
  message.with(IFLA_IFNAME, text("eth0")).with(IFLA_WIRELESS, Bytes{8, 0, 0, 0, 0, 0, 0, 0});
  return message;
}

void apply_to(std::map<int, Interface>& interfaces, const Message& message) {
  message.give([&](const nlmsghdr& given) { apply_message(given, interfaces); });
}
std::map<int, Interface> after(std::initializer_list<Message> messages) {
  std::map<int, Interface> interfaces;
  for (const auto& message : messages) apply_to(interfaces, message);
  return interfaces;
}

Interface eth0() {
  Interface interface;
  interface.index = kIndex;
  interface.name = "eth0";
  interface.up = interface.ethernet = true;
  interface.mac = {{2, 0, 0, 0, 0, 1}};
  return interface;
}

TEST(InterfaceMessages, DescribeALink) {
  EXPECT_EQ(after({description()}), (std::map<int, Interface>{{kIndex, eth0()}}));
  EXPECT_TRUE(after({description(), link(RTM_DELLINK)}).empty());
}

TEST(InterfaceMessages, TellBridgesFromOthers) {
  const auto kind = [](const std::string& name) {
    return description().with(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, text(name)));
  };
  auto bridge = eth0();
  bridge.is_bridge = true;
  EXPECT_EQ(after({kind("bridge")}).at(kIndex), bridge);
  EXPECT_EQ(after({kind("bond")}).at(kIndex), eth0());
}

TEST(InterfaceMessages, NamesBecomePrintable) {
  EXPECT_EQ(after({description("e\x1b[31m\x07th")}).at(kIndex).name, "e?[31m?th");
  EXPECT_EQ(after({description("e\xff")}).at(kIndex).name, "e?");
  EXPECT_EQ(after({description("büro0")}).at(kIndex).name, "büro0");
}

TEST(InterfaceMessages, APortIsOneUntilItIsReleased) {
  EXPECT_TRUE(after({port_of("bridge")}).at(kIndex).is_port);
  EXPECT_TRUE(after({port_of("bond")}).at(kIndex).is_port);
  EXPECT_FALSE(after({port_of("vrf")}).at(kIndex).is_port);
  EXPECT_FALSE(after({port_of("bridge"), description()}).at(kIndex).is_port);
}

TEST(InterfaceMessages, AVlanInterfaceIsOneOfItsTrunk) {
  EXPECT_EQ(after({vlan_interface("vlan", ETH_P_8021Q)}).at(kIndex).vlan_device, (LinkId{3, 20}));
  EXPECT_EQ(after({vlan_interface("vlan", ETH_P_8021AD)}).at(kIndex).vlan_device, std::nullopt);
  EXPECT_EQ(after({vlan_interface("macvlan", ETH_P_8021Q)}).at(kIndex).vlan_device, std::nullopt);
  EXPECT_EQ(after({description()}).at(kIndex).vlan_device, std::nullopt);
  auto elsewhere = vlan_interface("vlan", ETH_P_8021Q);  // its trunk is in another namespace
  elsewhere.with(IFLA_LINK_NETNSID, 0U);
  EXPECT_EQ(after({elsewhere}).at(kIndex).vlan_device, std::nullopt);
}

TEST(InterfaceMessages, AnEventOfADriverChangesNothingThatItDoesNotCarry) {
  EXPECT_TRUE(after({port_of("bridge"), wireless_event()}).at(kIndex).is_port);
  EXPECT_EQ(after({port_of("bridge"), wireless_event()}), after({port_of("bridge")}));
  EXPECT_EQ(after({description(), wireless_event()}), after({description()}));
}

TEST(InterfaceMessages, AnEventOfADriverChangesWhatItCarries) {
  EXPECT_FALSE(after({port_of("bridge"), wireless_event(IFF_UP)}).at(kIndex).up);
}

TEST(InterfaceMessages, AnEventOfADriverMakesNoInterface) {
  EXPECT_TRUE(after({wireless_event()}).empty());
}

TEST(InterfaceMessages, BridgesTellOfTheirPortsElsewhere) {
  ifinfomsg header{};
  header.ifi_family = AF_BRIDGE;
  header.ifi_index = kIndex;
  EXPECT_EQ(after({description(), Message{RTM_DELLINK, header}}), after({description()}));
}

ifaddrmsg address_header(std::uint8_t family, std::uint8_t length, std::uint8_t flags = 0) {
  ifaddrmsg header{};
  header.ifa_family = family;
  header.ifa_prefixlen = length;
  header.ifa_flags = flags;
  header.ifa_index = kIndex;
  return header;
}

TEST(InterfaceMessages, AddressesComeAndGo) {
  const auto header = address_header(AF_INET, 24);
  auto added = Message{RTM_NEWADDR, header};
  added.with(IFA_ADDRESS, Bytes{192, 0, 2, 1}).with(IFA_LOCAL, Bytes{192, 0, 2, 1});
  const auto interfaces = after({description(), added});
  const InterfaceAddress<4> expected{{{192, 0, 2, 1}}, {{{192, 0, 2, 1}}, 24}, 0, false};
  EXPECT_EQ(interfaces.at(kIndex).addresses, std::vector{expected});
  EXPECT_TRUE(interfaces.at(kIndex).has(expected.local));
  EXPECT_FALSE(interfaces.at(kIndex).has(Ipv4Address{{192, 0, 2, 2}}));
  auto removed = Message{RTM_DELADDR, header};
  removed.with(IFA_ADDRESS, Bytes{192, 0, 2, 1}).with(IFA_LOCAL, Bytes{192, 0, 2, 1});
  EXPECT_EQ(after({description(), added, removed}), after({description()}));
  EXPECT_TRUE(after({added}).empty());
}

TEST(InterfaceMessages, AnAddressWithoutItsFlagsHasThoseOfTheHeader) {
  const Bytes bytes{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  auto tentative = Message{RTM_NEWADDR, address_header(AF_INET6, 64, IFA_F_TENTATIVE)};
  tentative.with(IFA_ADDRESS, bytes);
  EXPECT_TRUE(after({description(), tentative}).at(kIndex).addresses6.at(0).tentative);
  tentative.with(IFA_FLAGS, 0U);
  EXPECT_FALSE(after({description(), tentative}).at(kIndex).addresses6.at(0).tentative);
}

TEST(InterfaceMessages, OneWithoutAnAddressChangesNothing) {
  EXPECT_EQ(after({description(), Message{RTM_NEWADDR, address_header(AF_INET, 24)}}),
            after({description()}));
}

TEST(InterfaceMessages, AttributesOfAnotherKindCountAsMissing) {
  auto odd = link();
  odd.with(IFLA_IFNAME, Bytes{'e'}).with(IFLA_MTU, Bytes{1, 2}).with(IFLA_ADDRESS, Bytes{2});
  EXPECT_EQ(after({description(), odd}), after({description()}));
}

TEST(InterfaceMessages, WhatIsCutIsReadAsFarAsItGoes) {
  for (const auto& whole : {port_of("bridge"), wireless_event(), link(RTM_DELLINK)}) {
    for (std::size_t size = NLMSG_HDRLEN; size < whole.size(); size += NLMSG_ALIGNTO) {
      auto cut = whole;
      cut.cut(size);
      after({description(), cut});
    }
  }
}

TEST(InterfaceMessages, NameTheInterfaceTheyAreAbout) {
  struct Whole {
    nlmsghdr start;
    ifinfomsg header;
  } message{};
  message.start.nlmsg_len = sizeof message;
  message.header.ifi_index = kIndex;
  message.start.nlmsg_type = RTM_NEWLINK;
  EXPECT_EQ(interface_of(message.start), kIndex);
  message.start.nlmsg_type = RTM_NEWROUTE;
  EXPECT_EQ(interface_of(message.start), std::nullopt);
  message.start.nlmsg_type = RTM_DELADDR;
  message.start.nlmsg_len = NLMSG_HDRLEN;
  EXPECT_EQ(interface_of(message.start), std::nullopt);
}

}  // namespace
}  // namespace mcq::os
