#include "base/address.hpp"

#include <gtest/gtest.h>

#include "support/printers.hpp"

namespace mcq {
namespace {

TEST(Address, ComparesInNetworkOrder) {  // IGMP-Q-07
  struct Row {
    Ipv4Address lower, higher;
  };
  for (const auto& [lower, higher] :
       {Row{{{10, 0, 0, 9}}, {{10, 0, 0, 10}}}, Row{{{9, 255, 255, 255}}, {{10, 0, 0, 0}}},
        Row{{{10, 255, 255, 255}}, {{192, 0, 0, 0}}}, Row{{{127, 0, 0, 1}}, {{128, 0, 0, 0}}},
        Row{{{0, 0, 0, 0}}, {{0, 0, 0, 1}}}}) {
    SCOPED_TRACE(to_string(lower) + " < " + to_string(higher));
    EXPECT_LT(lower, higher);
    EXPECT_FALSE(higher < lower);
    EXPECT_FALSE(lower < lower);
  }
}

TEST(Address, IsUnspecifiedOnlyWhenAllZero) {
  EXPECT_TRUE(Ipv4Address{}.is_unspecified());
  EXPECT_TRUE(Ipv6Address{}.is_unspecified());
  EXPECT_FALSE((Ipv4Address{{0, 0, 0, 1}}.is_unspecified()));
  EXPECT_FALSE((Ipv4Address{{1, 0, 0, 0}}.is_unspecified()));
}

TEST(Address, KnowsMulticast) {
  struct Row {
    Ipv4Address address;
    bool multicast;
  };
  for (const auto& [address, multicast] :
       {Row{{{223, 255, 255, 255}}, false}, Row{{{224, 0, 0, 0}}, true},
        Row{{{239, 255, 255, 255}}, true}, Row{{{240, 0, 0, 0}}, false},
        Row{{{255, 255, 255, 255}}, false}, Row{{{0, 0, 0, 0}}, false}}) {
    SCOPED_TRACE(to_string(address));
    EXPECT_EQ(is_multicast(address), multicast);
  }
  EXPECT_TRUE((is_multicast(Ipv6Address{{0xff, 2}})));
  EXPECT_TRUE((is_multicast(Ipv6Address{{0xff}})));
  EXPECT_FALSE((is_multicast(Ipv6Address{{0xfe, 0x80}})));
  EXPECT_FALSE(is_multicast(Ipv6Address{}));
}

TEST(Address, KnowsWhatAPacketCanComeFrom) {  // IGMP-R-27
  struct Row {
    Ipv4Address address;
    bool unicast;
  };
  for (const auto& [address, unicast] :
       {Row{{{0, 0, 0, 0}}, false}, Row{{{0, 0, 0, 1}}, false}, Row{{{1, 0, 0, 0}}, true},
        Row{{{192, 0, 2, 1}}, true}, Row{{{223, 255, 255, 255}}, true},
        Row{{{224, 0, 0, 0}}, false}, Row{{{240, 0, 0, 1}}, false},
        Row{{{255, 255, 255, 255}}, false}}) {
    EXPECT_EQ(is_unicast(address), unicast) << to_string(address);
  }
  EXPECT_TRUE((is_unicast(Ipv6Address{{0x20, 0x01, 0x0d, 0xb8}})));
  EXPECT_TRUE((is_unicast(Ipv6Address{{0xfe, 0x80}})));
  EXPECT_FALSE(is_unicast(Ipv6Address{}));
  EXPECT_FALSE((is_unicast(Ipv6Address{{0xff, 0x02}})));
}

TEST(Address, KnowsLinkLocal) {  // MLD-R-02
  EXPECT_TRUE((is_link_local(Ipv6Address{{0xfe, 0x80}})));
  EXPECT_TRUE((is_link_local(Ipv6Address{{0xfe, 0xbf, 0xff}})));
  EXPECT_FALSE((is_link_local(Ipv6Address{{0xfe, 0x7f, 0xff}})));
  EXPECT_FALSE((is_link_local(Ipv6Address{{0xfe, 0xc0}})));
  EXPECT_FALSE((is_link_local(Ipv6Address{{0xff, 0x80}})));
  EXPECT_FALSE(is_link_local(Ipv6Address{}));
}

TEST(Prefix, ContainsTheAddressesThatShareItsBits) {
  struct Row {
    Prefix<4> prefix;
    Ipv4Address address;
    bool contained;
  };
  for (const auto& [prefix, address, contained] : {
           Row{{{{192, 0, 2, 1}}, 24}, {{192, 0, 2, 255}}, true},
           Row{{{{192, 0, 2, 1}}, 24}, {{192, 0, 3, 1}}, false},
           Row{{{{192, 0, 2, 64}}, 26}, {{192, 0, 2, 127}}, true},
           Row{{{{192, 0, 2, 64}}, 26}, {{192, 0, 2, 128}}, false},
           Row{{{{192, 0, 2, 64}}, 26}, {{192, 0, 2, 63}}, false},
           Row{{{{10, 128, 0, 0}}, 9}, {{10, 255, 0, 1}}, true},
           Row{{{{10, 128, 0, 0}}, 9}, {{10, 127, 0, 1}}, false},
           Row{{{{10, 0, 0, 1}}, 32}, {{10, 0, 0, 1}}, true},
           Row{{{{10, 0, 0, 1}}, 32}, {{10, 0, 0, 0}}, false},
           Row{{{{10, 0, 0, 1}}, 31}, {{10, 0, 0, 0}}, true},
           Row{{{{10, 0, 0, 1}}, 0}, {{203, 0, 113, 9}}, true},
       }) {
    SCOPED_TRACE(to_string(prefix.address) + "/" + std::to_string(prefix.length) + " and " +
                 to_string(address));
    EXPECT_EQ(prefix.contains(address), contained);
  }
}

TEST(Prefix, WorksForTheLongerFamily) {
  const Prefix<16> link_local{{{0xfe, 0x80}}, 64};
  EXPECT_TRUE((link_local.contains(Ipv6Address{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1}})));
  EXPECT_FALSE((link_local.contains(Ipv6Address{{0xfe, 0x80, 0, 0, 0, 0, 0, 1}})));
}

TEST(Address, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(to_string(Ipv4Address{{192, 168, 1, 10}}), "192.168.1.10");
  EXPECT_EQ(to_string(Ipv4Address{}), "0.0.0.0");
  EXPECT_EQ(to_string(Ipv6Address{}), "::");
  EXPECT_EQ(to_string(Ipv6Address{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 1}}),
            "2001:db8::ab01");
  EXPECT_EQ(to_string(Ipv6Address{{0xff, 0x3e, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0xff, 0xff}}),
            "ff3e:1:2:3:4:5:6:ffff");
  EXPECT_EQ(to_string(MacAddress{{0x02, 0x00, 0x5e, 0x10, 0xab, 0x0f}}), "02:00:5e:10:ab:0f");
}

}  // namespace
}  // namespace mcq
