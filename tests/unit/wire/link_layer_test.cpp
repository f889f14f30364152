#include "wire/link_layer.hpp"

#include <gtest/gtest.h>

#include "support/hex.hpp"

namespace mcq::wire {
namespace {

const std::string kMacs = "01 00 5e 00 00 01  02 00 00 00 00 99";
using test::hex;

constexpr MacAddress kSource{{2, 0, 0, 0, 0, 0x99}};

TEST(LinkLayer, Ethernet) {
  const auto bytes = hex(kMacs + "08 00 45 00");
  const auto frame = parse_link(LinkLayer::kEthernet, bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->source, kSource);
  EXPECT_EQ(frame->ether_type, kEtherTypeIpv4);
  EXPECT_FALSE(frame->vlan);
  EXPECT_EQ(frame->payload.size(), 2U);
}

TEST(LinkLayer, VlanTags) {
  struct Row {
    const char* tags;
    std::optional<std::uint16_t> vlan;
  };
  for (const auto& [tags, vlan] :
       {Row{"81 00 00 14", 20}, Row{"81 00 a0 14", 20}, Row{"88 a8 00 0a 81 00 00 14", 20},
        Row{"81 00 00 00", std::nullopt}, Row{"81 00 00 14 81 00 e0 00", 20}}) {
    SCOPED_TRACE(tags);
    const auto bytes = hex(kMacs + tags + "86 dd 60");
    const auto frame = parse_link(LinkLayer::kEthernet, bytes);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->vlan, vlan);
    EXPECT_EQ(frame->ether_type, kEtherTypeIpv6);
    EXPECT_EQ(frame->payload.size(), 1U);
  }
}

TEST(LinkLayer, LinuxCooked) {
  const auto first = hex("00 02 00 01 00 06 02 00 00 00 00 99 00 00 08 00 45");
  const auto second = hex("08 00 00 00 00 00 00 02 00 01 02 06 02 00 00 00 00 99 00 00 45");
  for (const auto& frame :
       {parse_link(LinkLayer::kLinuxCooked, first), parse_link(LinkLayer::kLinuxCooked2, second)}) {
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->source, kSource);
    EXPECT_EQ(frame->ether_type, kEtherTypeIpv4);
    EXPECT_EQ(frame->payload.size(), 1U);
  }
}

TEST(LinkLayer, ACookedFrameOfAnotherHardwareHasNoMacAddress) {
  const auto bytes = hex("00 00 02 00 00 00 00 00 00 00 00 00 00 00 08 00 45");
  EXPECT_FALSE(parse_link(LinkLayer::kLinuxCooked, bytes)->source);
}

TEST(LinkLayer, RawIpIsToldByItsVersion) {
  EXPECT_EQ(parse_link(LinkLayer::kRawIp, hex("45 00"))->ether_type, kEtherTypeIpv4);
  EXPECT_EQ(parse_link(LinkLayer::kRawIp, hex("60 00"))->ether_type, kEtherTypeIpv6);
}

TEST(LinkLayer, AFrameThatEndsWithinItsHeaderIsTruncated) {
  struct Row {
    LinkLayer layer;
    std::string bytes;
  };
  for (const auto& [layer, bytes] :
       {Row{LinkLayer::kEthernet, kMacs + "08"}, Row{LinkLayer::kEthernet, kMacs + "81 00 00"},
        Row{LinkLayer::kLinuxCooked, "00 02 00 01 00 06 02 00 00 00 00 99 00 00 08"},
        Row{LinkLayer::kLinuxCooked2, "08 00 00 00 00 00 00 02 00 01 02 06 02 00 00 00 00 99 00"},
        Row{LinkLayer::kRawIp, ""}}) {
    SCOPED_TRACE(bytes);
    const auto frame = parse_link(layer, hex(bytes));
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error(), ParseError::kTruncated);
  }
}

TEST(LinkLayer, AnotherOneIsNotRead) {
  EXPECT_EQ(parse_link(LinkLayer{127}, hex("00")).error(), ParseError::kUnhandledType);
}

}  // namespace
}  // namespace mcq::wire
