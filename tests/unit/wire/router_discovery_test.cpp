#include "wire/router_discovery.hpp"

#include <gtest/gtest.h>

#include <array>

#include "support/hex.hpp"
#include "support/messages.hpp"
#include "wire/packet.hpp"

namespace mcq::wire {
namespace {

using test::hex;
using Type = RouterMessage::Type;

constexpr Ipv4Address kRouter{{192, 0, 2, 1}};
constexpr Ipv6Address kRouter6{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6Address kFar6{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
const RouterMessage kAdvertisement{Type::kAdvertisement, 20s, 60s, 2};
const RouterMessage kSolicitation{Type::kSolicitation}, kTermination{Type::kTermination};

struct Row {
  RouterMessage message;
  const char* igmp;
  Ipv6Address destination;
  const char* mld;
};
const std::array kVectors{
    Row{kAdvertisement, "30 14 cf ad 00 3c 00 02", Mld::kAllSnoopers, "97 14 6a 7c 00 3c 00 02"},
    Row{kSolicitation, "31 00 ce ff", Mld::kAllRouters, "98 00 6a 3a"},
    Row{kTermination, "32 00 cd ff", Mld::kAllSnoopers, "99 00 68 d2"}};

TEST(RouterMessage, IsWrittenAsTheGoldenVectors) {  // MRD-01 to -04
  for (const auto& [message, igmp, destination, mld] : kVectors) {
    EXPECT_EQ(serialize(message), hex(igmp)) << igmp;
    EXPECT_EQ(serialize(message, kRouter6, destination), hex(mld)) << mld;
  }
}

TEST(RouterMessage, IsReadFromTheGoldenVectors) {  // MRD-01 to -04
  for (const auto& [message, igmp, destination, mld] : kVectors) {
    EXPECT_EQ(parse_igmp(hex(igmp)), (Result<Message<Igmp>, ParseError>{message})) << igmp;
    EXPECT_EQ(parse_mld(hex(mld), kRouter6, destination),
              (Result<Message<Mld>, ParseError>{message}))
        << mld;
  }
}

TEST(RouterMessage, IsRefusedWithAnyBitFlipped) {  // MRD-05
  for (const auto& [message, igmp, destination, mld] : kVectors) {
    const auto bytes = hex(igmp), bytes6 = hex(mld);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      auto flipped = bytes, flipped6 = bytes6;
      flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << bit % 8));
      flipped6[bit / 8] = static_cast<std::uint8_t>(flipped6[bit / 8] ^ (1U << bit % 8));
      EXPECT_FALSE(parse_igmp(flipped)) << bit;
      EXPECT_FALSE(parse_mld(flipped6, kRouter6, destination)) << bit;
    }
    EXPECT_FALSE(parse_mld(bytes6, kRouter6, Mld::kAllNodes)) << "other addresses";
  }
}

TEST(RouterMessage, IsFollowedByBytesThatAreIgnored) {  // MRD-06
  const auto longer = test::with_checksum(hex("30 14 00 00 00 3c 00 02 de ad be ef 01"), 2, 13);
  EXPECT_EQ(parse_igmp(longer), (Result<Message<Igmp>, ParseError>{kAdvertisement}));
  const auto solicitation = test::with_checksum(hex("31 77 00 00 de ad be ef 01 02"), 2, 10);
  EXPECT_EQ(parse_igmp(solicitation), (Result<Message<Igmp>, ParseError>{kSolicitation}));
  const auto unsummed = test::with_checksum(hex("31 00 00 00 de ad be ef 01 02"), 2, 4);
  EXPECT_EQ(parse_igmp(unsummed), fail(ParseError::kBadChecksum));
}

TEST(RouterMessage, IsRefusedWhenItEndsTooSoon) {  // MRD-05
  const auto cut = [](std::size_t size) {
    auto bytes = hex("30 14 00 00 00 3c 00 02");
    bytes.resize(size);
    return parse_igmp(size < 4 ? bytes : test::with_checksum(bytes, 2, size));
  };
  for (std::size_t size = 0; size < 4; ++size) {
    EXPECT_EQ(cut(size), fail(ParseError::kTruncated)) << size;
  }
  for (std::size_t size = 4; size < 8; ++size) {
    EXPECT_EQ(cut(size), fail(ParseError::kBadLength)) << size;
  }
  EXPECT_TRUE(cut(8));
  EXPECT_EQ(parse_mld(hex("98 00 6a"), kRouter6, Mld::kAllRouters), fail(ParseError::kTruncated));
  EXPECT_EQ(parse_igmp(hex("33 00 cc ff")), fail(ParseError::kTruncated)) << "of no such type";
}

TEST(RouterMessage, OfMldComesFromALinkLocalAddress) {  // MRD-07
  for (const auto& source : {kFar6, Ipv6Address{}}) {
    for (const auto& message : {kAdvertisement, kSolicitation, kTermination}) {
      const auto bytes = serialize(message, source, Mld::kAllRouters);
      EXPECT_EQ(parse_mld(bytes, source, Mld::kAllRouters), fail(ParseError::kBadSource));
    }
  }
}

TEST(RouterMessage, CarriesWholeSecondsUpToWhatItsFieldsHold) {  // MRD-02
  const auto read = [](Duration interval, Duration query_interval) {
    return std::get<RouterMessage>(
        *parse_igmp(serialize(RouterMessage{Type::kAdvertisement, interval, query_interval, 7})));
  };
  EXPECT_EQ(read(4999ms, 125s), (RouterMessage{Type::kAdvertisement, 4s, 125s, 7}));
  EXPECT_EQ(read(300s, 31744s), (RouterMessage{Type::kAdvertisement, 255s, 31744s, 7}));
  EXPECT_EQ(read(180s, 70000s), (RouterMessage{Type::kAdvertisement, 180s, 65535s, 7}));
}

TEST(RouterMessage, LeavesWithRouterAlertAndTtl1) {  // MRD-08, MRD-09
  const auto packet = serialize_packet<Igmp>(kAdvertisement, kRouter, Igmp::kAllSnoopers);
  const auto parsed = parse_packet<Igmp>(packet);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(packet[8], 1) << "TTL";
  EXPECT_TRUE(parsed->router_alert);
  EXPECT_EQ(parsed->source, kRouter);
  EXPECT_EQ(parsed->destination, Igmp::kAllSnoopers);
  EXPECT_EQ(parsed->message, Message<Igmp>{kAdvertisement});
  const auto packet6 = serialize_packet<Mld>(kTermination, kRouter6, Mld::kAllSnoopers);
  const auto parsed6 = parse_packet<Mld>(packet6);
  ASSERT_TRUE(parsed6);
  EXPECT_EQ(packet6[7], 1) << "hop limit";
  EXPECT_EQ(parsed6->source, kRouter6);
  EXPECT_EQ(parsed6->destination, Mld::kAllSnoopers);
  EXPECT_EQ(parsed6->message, Message<Mld>{kTermination});
}

TEST(RouterMessage, IsRefusedWithAnotherTtl) {  // MRD-05
  auto packet = serialize_packet<Igmp>(kSolicitation, kRouter, Igmp::kAllRouters);
  packet[8] = 2;
  packet[10] = packet[11] = 0;
  set_checksum(std::span{packet}.first<24>(), 10);
  EXPECT_EQ(parse_packet<Igmp>(packet).error(), ParseError::kWrongTtl);
  auto packet6 = serialize_packet<Mld>(kSolicitation, kRouter6, Mld::kAllRouters);
  packet6[7] = 255;
  EXPECT_EQ(parse_packet<Mld>(packet6).error(), ParseError::kWrongTtl);
}

}  // namespace
}  // namespace mcq::wire
