#include "diagnose/capture_reader.hpp"

#include <gtest/gtest.h>

#include "support/hex.hpp"
#include "wire/packet.hpp"

namespace mcq::diagnose {
namespace {

using test::hex;
using wire::Buffer;

constexpr Ipv4Address kQuerier{{192, 0, 2, 1}};
constexpr Duration kBegin = 1'700'000'000s;

Buffer with_header(const std::string& header, const Buffer& packet) {
  auto frame = hex(header);
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

const std::string kMacs = "01 00 5e 00 00 01  02 00 00 00 00 99";

Buffer igmp_query() {
  Query<Igmp> query;
  query.version = Igmp::Version::k2;
  query.max_response = 10s;
  return wire::serialize_packet(query, kQuerier, Igmp::kAllNodes, wire::Reach::kLink);
}

Buffer mld_query() {
  return wire::serialize_packet(Query<Mld>{},
                                {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
                                Mld::kAllNodes, wire::Reach::kLink);
}

TEST(CaptureReader, SortsByProtocolAndVlan) {
  CaptureReader reader{wire::LinkLayer::kEthernet};
  reader.received(1, kBegin, with_header(kMacs + "81 00 00 14 08 00", igmp_query()));
  reader.received(2, kBegin + 1s, with_header(kMacs + "08 00", igmp_query()));
  reader.received(3, kBegin + 2s, with_header(kMacs + "86 dd", mld_query()));
  const auto links = reader.evidence();
  ASSERT_EQ(links.size(), 3U);
  EXPECT_EQ(links[0].protocol, "IGMP");
  EXPECT_FALSE(links[0].vlan);
  EXPECT_EQ(links[0].queriers.at(0).first, (Sighting{1s, 2}));
  EXPECT_EQ(links[0].queriers.at(0).mac, "02:00:00:00:00:99");
  EXPECT_EQ(links[1].protocol, "MLD");
  EXPECT_EQ(links[2].vlan, 20);
  EXPECT_EQ(reader.totals().igmp, 2U);
  EXPECT_EQ(reader.totals().mld, 1U);
  EXPECT_EQ(reader.totals().observed, 2s);
}

TEST(CaptureReader, StreamsAreSortedByVlanToo) {
  CaptureReader reader{wire::LinkLayer::kEthernet};
  const auto datagram =
      hex("45 00 00 20 00 00 40 00 05 11 00 00 c0 00 02 1e ef 01 02 03 13 88 13 8c 00 0c 00 00 de "
          "ad be ef");
  reader.received(1, kBegin, with_header(kMacs + "81 00 00 14 08 00", datagram));
  reader.received(2, kBegin + 1s, with_header(kMacs + "08 00", igmp_query()));
  const auto links = reader.evidence();
  ASSERT_EQ(links.size(), 2U);
  EXPECT_TRUE(links[0].streams.empty());
  EXPECT_EQ(links[1].vlan, 20);
  ASSERT_EQ(links[1].streams.size(), 1U);
  EXPECT_EQ(links[1].streams[0].mac, "02:00:00:00:00:99");
  EXPECT_EQ(links[1].streams[0].ttl, 5);
  EXPECT_EQ(reader.totals().igmp, 1U);
}

TEST(CaptureReader, OtherTrafficIsCountedAndNothingElse) {
  CaptureReader reader{wire::LinkLayer::kEthernet};
  auto udp = igmp_query();
  udp[9] = 17;
  reader.received(1, kBegin, with_header(kMacs + "08 00", udp));
  reader.received(2, kBegin, with_header(kMacs + "08 06", {}));
  reader.received(3, kBegin, hex("00"));
  EXPECT_EQ(reader.totals().frames, 3U);
  EXPECT_EQ(reader.totals().igmp, 0U);
  EXPECT_EQ(reader.totals().unreadable, 1U);
  EXPECT_TRUE(reader.evidence().empty());
}

TEST(CaptureReader, MalformedMessagesAreTold) {
  CaptureReader reader{wire::LinkLayer::kEthernet};
  auto packet = igmp_query();
  packet.back() ^= 1;
  reader.received(7, kBegin, with_header(kMacs + "08 00", packet));
  const auto links = reader.evidence();
  ASSERT_EQ(links.size(), 1U);
  ASSERT_EQ(links[0].malformed.size(), 1U);
  EXPECT_EQ(links[0].malformed[0].reason, "bad checksum");
  EXPECT_EQ(links[0].malformed[0].first_frame, 7U);
}

TEST(CaptureReader, TimeDoesNotGoBack) {
  CaptureReader reader{wire::LinkLayer::kEthernet};
  const auto frame = with_header(kMacs + "08 00", igmp_query());
  reader.received(1, kBegin, frame);
  reader.received(2, kBegin + 60s, frame);
  reader.received(3, kBegin - 10s, frame);
  EXPECT_EQ(reader.totals().observed, 60s);
  EXPECT_EQ(reader.evidence().at(0).queriers.at(0).last, (Sighting{60s, 3}));
}

}  // namespace
}  // namespace mcq::diagnose
