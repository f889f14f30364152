#include "config/vlans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::config {
namespace {

using testing::HasSubstr;

TEST(ParseVlan, IsANumberFrom1To4094) {
  EXPECT_EQ(parse_vlan("1"), 1);
  EXPECT_EQ(parse_vlan("4094"), 4094);
  for (const auto* text : {"0", "4095", "65556", "020", "", "-1", "+1", "1.", "0x14", "20 ", "a"}) {
    EXPECT_EQ(parse_vlan(text), std::nullopt) << text;
  }
}

TEST(ParseVlans, ReadsNumbersAndRanges) {
  struct Row {
    const char* given;
    VlanRanges ranges;
    const char* printed;
  };
  for (const auto& [given, ranges, printed] :
       {Row{"1-4094", {{1, 4094}}, "1-4094"}, Row{"20", {{20, 20}}, "20"},
        Row{"10,20,30-40", {{10, 10}, {20, 20}, {30, 40}}, "10,20,30-40"},
        Row{"30-40, 10 ,20", {{10, 10}, {20, 20}, {30, 40}}, "10,20,30-40"},
        Row{"7-7", {{7, 7}}, "7"}}) {
    SCOPED_TRACE(given);
    const auto parsed = parse_vlans(given);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, ranges);
    EXPECT_EQ(to_string(ranges), printed);
  }
}

TEST(ParseVlans, SaysWhatIsWrong) {
  struct Row {
    const char* given;
    const char* says;
  };
  for (const auto& [given, says] :
       {Row{"", "is not allowed"}, Row{"0-4094", "'0-4094' is not allowed: it must be a list of"},
        Row{"1-4095", "is not allowed"}, Row{"40-30", "is not allowed"},
        Row{"10,,20", "is not allowed"}, Row{"10,", "is not allowed"}, Row{"1-2-3", "is not"},
        Row{"ten", "is not allowed"}, Row{"10,20,10", "'10,20,10' has VLAN 10 twice"},
        Row{"10-20,20-30", "has VLAN 20 twice"}, Row{"1-4094,5", "has VLAN 5 twice"}}) {
    SCOPED_TRACE(given);
    const auto parsed = parse_vlans(given);
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message, HasSubstr(says));
  }
}

TEST(ParseVlanAddress, NeedsThePrefixOnce) {
  const Prefix<4> expected{{{192, 168, 20, 2}}, 24};
  EXPECT_EQ(parse_vlan_address("192.168.20.2/24", {}), Result<Prefix<4>>{expected});
  EXPECT_EQ(parse_vlan_address("192.168.20.2", 24), Result<Prefix<4>>{expected});
  EXPECT_THAT(parse_vlan_address("192.168.20.2", {}).error().message,
              HasSubstr("it must be an IPv4 address with the length of its prefix, 1 to 31"));
  EXPECT_THAT(parse_vlan_address("192.168.20.2/24", 24).error().message,
              HasSubstr("leave prefix out"));
}

TEST(ParseVlanAddress, IsThatOfAHost) {
  for (const auto* given : {"192.168.20.0/31", "192.168.20.1/30", "10.0.0.1/8"}) {
    EXPECT_TRUE(parse_vlan_address(given, {})) << given;
  }
  for (const auto* given : {"192.168.20.0/24", "192.168.20.255/24", "192.168.20.0/30", "0.0.0.1/8",
                            "224.0.0.1/24", "255.255.255.255/1"}) {
    EXPECT_THAT(parse_vlan_address(given, {}).error().message,
                HasSubstr("no host has such an address"))
        << given;
  }
  for (const auto* given : {"192.168.20.2/0", "192.168.20.2/32", "192.168.20.2/024", "fe80::1/64",
                            "192.168.20/24", "", "/24", "192.168.20.2/"}) {
    EXPECT_THAT(parse_vlan_address(given, {}).error().message, HasSubstr("it must be an IPv4"))
        << given;
  }
}

TEST(Vlans, AreInRangesOrHaveATable) {
  const Vlans vlans{.ranges = {{10, 10}, {30, 40}}, .rules = {{.number = 20}, {.number = 50}}};
  EXPECT_EQ(vlans.size(), 14U);
  std::vector<unsigned> all;
  vlans.for_each([&](unsigned number) { all.push_back(number); });
  EXPECT_EQ(all, (std::vector<unsigned>{10, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 20, 50}));
  for (const unsigned number : all) EXPECT_TRUE(vlans.contains(number)) << number;
  for (const unsigned number : {9U, 11U, 29U, 41U, 51U}) EXPECT_FALSE(vlans.contains(number));
  EXPECT_EQ(vlans.table_of(50), &vlans.rules[1]);
  EXPECT_EQ(vlans.table_of(30), nullptr);
}

}  // namespace
}  // namespace mcq::config
