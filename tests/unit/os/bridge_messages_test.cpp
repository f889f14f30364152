#include "os/bridge_messages.hpp"

#include <gtest/gtest.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <netinet/in.h>

#include <string>
#include <vector>

#include "support/netlink_message.hpp"

namespace mcq::os {
namespace {

constexpr int kBridge = 4, kPort = 9;
constexpr Ipv4Address kGroup{{239, 1, 2, 3}};
constexpr Ipv6Address kGroup6{{0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}};

template <class Value>
Bytes bytes_of(const Value& value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}
Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts) append(all, part.data(), part.size());
  return all;
}

/// The IFLA_INFO_DATA that consists of `parts`, cut to `size` bytes.
Bridge parsed(const Bytes& parts) {
  auto whole = attribute(IFLA_INFO_DATA, parts);
  whole.shrink_to_fit();
  return parse_bridge(reinterpret_cast<const nlattr*>(whole.data()));
}

Bytes octet(std::uint16_t type, std::uint8_t value) { return attribute(type, Bytes{value}); }
Bytes time(std::uint16_t type, std::uint64_t ticks) { return attribute(type, bytes_of(ticks)); }
constexpr std::uint32_t kPerVlan = 1U << BR_BOOLOPT_MCAST_VLAN_SNOOPING;
Bytes kernel_that_tells(std::uint32_t options = 0) {
  return attribute(IFLA_BR_MULTI_BOOLOPT, bytes_of(br_boolopt_multi{options, kPerVlan}));
}
Bytes state(std::initializer_list<Bytes> parts) {
  return attribute(IFLA_BR_MCAST_QUERIER_STATE, joined(parts));
}
Bytes address(std::uint16_t type, const Ipv4Address& a) {
  return attribute(type, Bytes{a.bytes.begin(), a.bytes.end()});
}
Bytes address(std::uint16_t type, const Ipv6Address& a) {
  return attribute(type, Bytes{a.bytes.begin(), a.bytes.end()});
}

Bytes snooping() {
  return joined({octet(IFLA_BR_MCAST_ROUTER, 1), octet(IFLA_BR_MCAST_SNOOPING, 1),
                 octet(IFLA_BR_MCAST_QUERY_USE_IFADDR, 0), octet(IFLA_BR_MCAST_QUERIER, 0),
                 time(IFLA_BR_MCAST_MEMBERSHIP_INTVL, 26000),
                 time(IFLA_BR_MCAST_QUERIER_INTVL, 25500), octet(IFLA_BR_MCAST_IGMP_VERSION, 2),
                 octet(IFLA_BR_MCAST_MLD_VERSION, 1), kernel_that_tells()});
}

TEST(BridgeMessages, DescribesItsSettings) {
  const auto bridge = parsed(snooping());
  Bridge expected;
  expected.snoops = expected.tells_querier = true;
  expected.igmp_version = 2;
  expected.mld_version = 1;
  expected.membership_interval = 260s;
  expected.querier_interval = 255s;
  EXPECT_EQ(bridge, expected);
  EXPECT_EQ(bridge.filters<Igmp>(), false) << "no querier known";
  EXPECT_EQ(bridge.filters<Mld>(), false);
  EXPECT_EQ(parse_bridge(nullptr), Bridge{});
}

TEST(BridgeMessages, TellsWhetherTheHostIsARouter) {
  using enum Bridge::Router;
  EXPECT_EQ(parsed(octet(IFLA_BR_MCAST_ROUTER, MDB_RTR_TYPE_DISABLED)).router, kNever);
  EXPECT_EQ(parsed(octet(IFLA_BR_MCAST_ROUTER, MDB_RTR_TYPE_TEMP_QUERY)).router, kAfterQuery);
  EXPECT_EQ(parsed(octet(IFLA_BR_MCAST_ROUTER, MDB_RTR_TYPE_PERM)).router, kAlways);
}

TEST(BridgeMessages, TellsTheElectedQuerierOfEachFamily) {
  constexpr Ipv4Address kQuerier{{192, 0, 2, 1}};
  constexpr Ipv6Address kQuerier6{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  const auto bridge = parsed(
      joined({snooping(), state({address(BRIDGE_QUERIER_IP_ADDRESS, kQuerier),
                                 attribute(BRIDGE_QUERIER_IP_PORT, bytes_of(std::uint32_t{kPort})),
                                 time(BRIDGE_QUERIER_IP_OTHER_TIMER, 1234),
                                 address(BRIDGE_QUERIER_IPV6_ADDRESS, kQuerier6),
                                 time(BRIDGE_QUERIER_IPV6_OTHER_TIMER, 25500)})}));
  EXPECT_EQ(bridge.querier, (BridgeQuerier{kQuerier, kPort, 12'340ms}));
  EXPECT_EQ(bridge.querier6, (BridgeQuerier{kQuerier6, 0, 255s}));
  EXPECT_EQ(bridge.filters<Igmp>(), true);
  EXPECT_EQ(bridge.filters<Mld>(), true);
}

TEST(BridgeMessages, ABridgeWithoutIpv6AddressIsNoQuerierOfMld) {
  const auto bridge =
      parsed(joined({snooping(), octet(IFLA_BR_MCAST_QUERIER, 1),
                     state({address(BRIDGE_QUERIER_IP_ADDRESS, Ipv4Address{}),
                            address(BRIDGE_QUERIER_IPV6_ADDRESS, Ipv6Address{})})}));
  EXPECT_EQ(bridge.querier, (BridgeQuerier{Ipv4Address{}, 0, {}}));
  EXPECT_EQ(bridge.filters<Igmp>(), true) << "0.0.0.0 is enough for IGMP";
  EXPECT_FALSE(bridge.querier6);
  EXPECT_EQ(bridge.filters<Mld>(), false);
}

TEST(BridgeMessages, AnOlderKernelDoesNotTellWhetherItFilters) {
  EXPECT_EQ(parsed(octet(IFLA_BR_MCAST_SNOOPING, 1)).filters<Igmp>(), std::nullopt);
  EXPECT_EQ(parsed(octet(IFLA_BR_MCAST_SNOOPING, 0)).filters<Igmp>(), false);
}

TEST(BridgeMessages, SnoopingPerVlanHasNoQuerierOfTheBridge) {
  const auto told = [](std::uint32_t options) {
    return parsed(joined({octet(IFLA_BR_MCAST_SNOOPING, 1), kernel_that_tells(options)}));
  };
  EXPECT_EQ(told(kPerVlan).filters<Igmp>(), std::nullopt);
  EXPECT_EQ(told(0).filters<Igmp>(), false);
}

Bytes entry(const Ipv4Address& group, std::uint8_t state = MDB_TEMPORARY, std::uint8_t flags = 0) {
  br_mdb_entry told{};
  told.ifindex = kPort;
  told.state = state;
  told.flags = flags;
  told.vid = 20;
  told.addr.proto = htons(ETH_P_IP);
  std::memcpy(&told.addr.u.ip4, group.bytes.data(), group.bytes.size());
  return bytes_of(told);
}
Bytes entry6(const Ipv6Address& group, std::uint16_t protocol = ETH_P_IPV6) {
  br_mdb_entry told{};
  told.ifindex = kBridge;
  told.addr.proto = htons(protocol);
  std::memcpy(&told.addr.u.ip6, group.bytes.data(), group.bytes.size());
  return bytes_of(told);
}
Bytes timer(std::uint32_t ticks) { return attribute(MDBA_MDB_EATTR_TIMER, bytes_of(ticks)); }

Message table(std::initializer_list<Bytes> infos) {
  Bytes group;
  for (const auto& info : infos) {
    const auto one = attribute(MDBA_MDB_ENTRY, attribute(MDBA_MDB_ENTRY_INFO, info));
    append(group, one.data(), one.size());
  }
  br_port_msg header{};
  header.family = AF_BRIDGE;
  header.ifindex = kBridge;
  return Message{RTM_NEWMDB, header}.with(MDBA_MDB, group);
}

std::vector<BridgeEntry> entries(const Message& message) {
  std::vector<BridgeEntry> all;
  message.give([&](const nlmsghdr& given) { parse_bridge_entries(given, all); });
  return all;
}

TEST(BridgeMessages, ListsTheGroupsOfPortsAndOfThisHost) {
  const auto all = entries(table({joined({entry(kGroup), timer(25934)}),
                                  joined({entry(kGroup, MDB_PERMANENT), timer(0)}),
                                  joined({entry6(kGroup6), timer(1)})}));
  const std::vector<BridgeEntry> expected{
      {.bridge = kBridge, .port = kPort, .group = kGroup, .vlan = 20, .expires = 259'340ms},
      {.bridge = kBridge, .port = kPort, .group = kGroup, .vlan = 20},
      {.bridge = kBridge, .port = kBridge, .group = kGroup6, .expires = 10ms}};
  EXPECT_EQ(all, expected);
}

TEST(BridgeMessages, ListsSources) {
  constexpr Ipv4Address kSource{{192, 0, 2, 7}};
  const auto all = entries(table({joined({entry(kGroup, MDB_TEMPORARY, MDB_FLAGS_BLOCKED), timer(0),
                                          address(MDBA_MDB_EATTR_SOURCE, kSource)})}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].source, IpAddress{kSource});
  EXPECT_TRUE(all[0].is_blocked);
}

TEST(BridgeMessages, SkipsGroupsOfEthernet) {
  EXPECT_TRUE(entries(table({entry6(kGroup6, 0)})).empty());
}

TEST(BridgeMessages, ListsRouters) {
  const auto port = [](std::initializer_list<Bytes> more) {
    auto bytes = bytes_of(std::uint32_t{kPort});
    for (const auto& part : more) append(bytes, part.data(), part.size());
    return attribute(MDBA_ROUTER_PORT, bytes);
  };
  const auto number = [](std::uint16_t type, std::uint32_t ticks) {
    return attribute(type, bytes_of(ticks));
  };
  br_port_msg header{};
  header.family = AF_BRIDGE;
  header.ifindex = kBridge;
  const auto all = entries(Message{RTM_NEWMDB, header}.with(
      MDBA_ROUTER,
      joined(
          {port({number(MDBA_ROUTER_PATTR_TIMER, 500), number(MDBA_ROUTER_PATTR_INET_TIMER, 500)}),
           port({number(MDBA_ROUTER_PATTR_TIMER, 0), number(MDBA_ROUTER_PATTR_INET6_TIMER, 0)}),
           port({number(MDBA_ROUTER_PATTR_TIMER, 100)}), port({})})));
  const BridgeEntry router{.bridge = kBridge, .port = kPort};
  std::vector<BridgeEntry> expected(4, router);
  expected[0].routes4 = expected[1].routes6 = true;
  expected[0].expires = 5s;
  for (const std::size_t older : {2U, 3U}) expected[older].routes4 = expected[older].routes6 = true;
  expected[2].expires = 1s;
  EXPECT_EQ(all, expected);
}

TEST(BridgeMessages, WhatIsCutShortIsSkipped) {
  const auto whole =
      table({joined({entry(kGroup), timer(25934)}), joined({entry(kGroup), timer(1)})});
  ASSERT_EQ(entries(whole).size(), 2U);
  for (std::size_t size = NLMSG_HDRLEN; size < whole.size(); size += NLMSG_ALIGNTO) {
    auto cut = whole;
    cut.cut(size);
    EXPECT_LT(entries(cut).size(), 2U) << size << " bytes";
  }
  EXPECT_TRUE(entries(table({Bytes{1, 2, 3}})).empty());
}

TEST(BridgeMessages, ValuesOfAnotherSizeCountAsMissing) {
  const auto bridge =
      parsed(joined({octet(IFLA_BR_MCAST_MEMBERSHIP_INTVL, 1), time(IFLA_BR_MCAST_SNOOPING, 1),
                     attribute(IFLA_BR_MULTI_BOOLOPT, Bytes{1, 2}),
                     state({attribute(BRIDGE_QUERIER_IP_ADDRESS, Bytes{10, 0, 0})})}));
  EXPECT_EQ(bridge, Bridge{});
}

}  // namespace
}  // namespace mcq::os
