#include "instance/link_state.hpp"

#include <gtest/gtest.h>

namespace mcq::instance {
namespace {

constexpr std::uint8_t kUniverse = 0, kSite = 200, kLink = 253, kHost = 254;

constexpr os::InterfaceAddress<4> at(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                                     std::uint8_t scope = kUniverse, std::uint8_t length = 24) {
  return {{{a, b, c, d}}, {{{a, b, c, d}}, length}, scope};
}

TEST(ElectionAddress, IsTheLowestOfTheWidestScope) {
  struct Row {
    std::vector<os::InterfaceAddress<4>> addresses;
    Ipv4Address chosen;
  };
  for (const auto& [addresses, chosen] : {
           Row{{at(192, 168, 1, 10)}, {{192, 168, 1, 10}}},
           Row{{at(192, 168, 1, 10), at(10, 0, 0, 9), at(10, 0, 0, 10)}, {{10, 0, 0, 9}}},
           Row{{at(10, 0, 0, 1, kLink), at(192, 168, 1, 10)}, {{192, 168, 1, 10}}},
           Row{{at(10, 0, 0, 1, kSite), at(9, 0, 0, 1, kLink)}, {{10, 0, 0, 1}}},
           Row{{at(169, 254, 7, 7), at(192, 168, 1, 10)}, {{192, 168, 1, 10}}},
           Row{{at(169, 254, 7, 7)}, {{169, 254, 7, 7}}},
           Row{{at(10, 0, 0, 1, kHost)}, {}},
           Row{{}, {}},
           // What keepalived adds to its master is no reason to move.
           Row{{at(192, 168, 1, 10), at(192, 168, 1, 5, kUniverse, 32)}, {{192, 168, 1, 10}}},
           Row{{at(192, 168, 1, 5, kUniverse, 32), at(169, 254, 7, 7, kUniverse, 16)},
               {{169, 254, 7, 7}}},
           Row{{at(192, 168, 1, 10, kUniverse, 31), at(192, 168, 1, 5, kUniverse, 32)},
               {{192, 168, 1, 10}}},
           Row{{at(10, 0, 0, 9, kUniverse, 32), at(10, 0, 0, 8, kUniverse, 32)}, {{10, 0, 0, 8}}},
           Row{{at(10, 0, 0, 9, kHost), at(10, 0, 0, 8, kUniverse, 32)}, {{10, 0, 0, 8}}},
           // A peer is something else.
           Row{{at(10, 0, 0, 9), {{{10, 0, 0, 2}}, {{{10, 5, 0, 1}}, 32}, kUniverse}},
               {{10, 0, 0, 2}}},
       }) {
    EXPECT_EQ(election_address(addresses), chosen) << to_string(chosen);
  }
}

TEST(LinkOf, CarriesStateAddressAndSubnets) {
  const os::Interface interface {
    .index = 3, .name = "eth0", .up = true, .ethernet = true, .addresses = {
      at(10, 0, 0, 2),
      at(192, 168, 1, 10)
    }
  };
  const core::Link<Igmp> expected{.up = true,
                                  .self = {{10, 0, 0, 2}},
                                  .subnets = {{{{10, 0, 0, 2}}, 24}, {{{192, 168, 1, 10}}, 24}}};
  EXPECT_EQ(link_state<Igmp>(interface), expected);
}

TEST(LinkOf, AHostRouteNamesNoSubnet) {
  const os::Interface interface {
    .name = "eth0", .up = false, .addresses = { at(10, 0, 0, 2, kUniverse, 32) }
  };
  EXPECT_EQ(link_state<Igmp>(interface), (core::Link<Igmp>{.up = false, .self = {{10, 0, 0, 2}}}));
}

TEST(LinkOf, APointToPointLinkReachesTheSubnetOfThePeer) {
  const Prefix<4> peer{{{10, 5, 0, 0}}, 16};
  const os::Interface interface {
    .name = "eth0", .up = true, .addresses = { {{{172, 16, 0, 20}}, peer, kUniverse} }
  };
  EXPECT_EQ(link_state<Igmp>(interface),
            (core::Link<Igmp>{.up = true, .self = {{172, 16, 0, 20}}, .subnets = {peer}}));
}

TEST(LinkOf, APortOfABridgeIsNoLink) {
  const os::Interface interface {
    .name = "eth0", .up = true, .is_port = true, .addresses = { at(10, 0, 0, 2) }
  };
  EXPECT_FALSE(link_state<Igmp>(interface).up);
}

TEST(LinkOf, CarriesTheMtu) {
  const os::Interface interface { .name = "eth0", .up = true, .mtu = 9000 };
  EXPECT_EQ(link_state<Igmp>(interface).mtu, 9000);
  EXPECT_EQ(link_state<Mld>(interface).mtu, 9000);
}

constexpr Ipv6Address link_local(std::uint8_t n) {
  return {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n}};
}
constexpr Ipv6Address global(std::uint8_t n) {
  return {{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n}};
}
constexpr os::InterfaceAddress<16> at6(Ipv6Address address, bool tentative = false,
                                       std::uint8_t length = 64) {
  return {address, {address, length}, is_link_local(address) ? kLink : kUniverse, tentative};
}

TEST(ElectionAddress, OfMldIsTheLowestUsableLinkLocalOne) {  // MLD-F-02, MLD-Q-03
  struct Row {
    std::vector<os::InterfaceAddress<16>> addresses;
    Ipv6Address chosen;
  };
  const Ipv6Address other_half{{0xfe, 0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}};
  for (const auto& [addresses, chosen] : {
           Row{{at6(link_local(2))}, link_local(2)},
           Row{{at6(link_local(9)), at6(link_local(2)), at6(link_local(5))}, link_local(2)},
           Row{{at6(other_half), at6(link_local(2))}, link_local(2)},
           Row{{at6(global(1)), at6(link_local(2))}, link_local(2)},
           Row{{at6(link_local(1), true), at6(link_local(2))}, link_local(2)},
           Row{{at6(link_local(1), true)}, {}},
           Row{{at6(link_local(1), false, 128), at6(link_local(2))}, link_local(2)},
           Row{{at6(link_local(1), false, 128)}, link_local(1)},
           Row{{at6(link_local(1), false, 128), at6(link_local(2), true)}, link_local(1)},
           Row{{at6(global(1))}, {}},
           Row{{}, {}},
       }) {
    EXPECT_EQ(election_address(addresses), chosen) << to_string(chosen);
  }
}

TEST(UsableAddress, IsTheWantedOneIfTheInterfaceHasIt) {
  using List = std::vector<os::InterfaceAddress<4>>;
  const List list{at(192, 168, 1, 10), at(10, 0, 0, 2), at(10, 0, 0, 9, kUniverse, 32),
                  at(127, 0, 0, 1, kHost)};
  struct Row {
    Ipv4Address wanted, usable;
  };
  for (const auto& [wanted, usable] : {
           Row{{{10, 0, 0, 2}}, {{10, 0, 0, 2}}},
           Row{{{192, 168, 1, 10}}, {{192, 168, 1, 10}}},
           Row{{{10, 0, 0, 9}}, {{10, 0, 0, 9}}},  // a /32 that was asked for
           Row{{{10, 0, 0, 3}}, {}},
           Row{{{127, 0, 0, 1}}, {}},
       }) {
    EXPECT_EQ(usable_address(list, wanted), usable) << to_string(wanted);
  }
}

TEST(UsableAddress, OfMldIsLinkLocalAndNotTentative) {
  using List = std::vector<os::InterfaceAddress<16>>;
  const List list{at6(link_local(1), true), at6(link_local(2)), at6(link_local(3)), at6(global(1))};
  EXPECT_EQ(usable_address(list, link_local(3)), link_local(3));
  EXPECT_EQ(usable_address(list, link_local(1)), Ipv6Address{});
  EXPECT_EQ(usable_address(list, link_local(4)), Ipv6Address{});
  EXPECT_EQ(usable_address(list, global(1)), Ipv6Address{});
}

TEST(LinkOf, MldCarriesTheLinkLocalPrefixWhateverTheAddresses) {
  const Prefix<16> link_locals{{{0xfe, 0x80}}, 10};
  os::Interface interface {
    .name = "eth0", .up = true, .addresses = { at(10, 0, 0, 2) }
  };
  EXPECT_EQ(link_state<Mld>(interface), (core::Link<Mld>{.up = true, .subnets = {link_locals}}));
  interface.addresses6 = {at6(global(1)), at6(link_local(7))};
  EXPECT_EQ(link_state<Mld>(interface),
            (core::Link<Mld>{.up = true, .self = link_local(7), .subnets = {link_locals}}));
  EXPECT_EQ(link_state<Igmp>(interface).self, (Ipv4Address{{10, 0, 0, 2}}));
  interface.is_port = true;
  EXPECT_FALSE(link_state<Mld>(interface).up);
}

}  // namespace
}  // namespace mcq::instance
