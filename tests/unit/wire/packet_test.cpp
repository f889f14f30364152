#include "wire/packet.hpp"

#include <gtest/gtest.h>

#include "support/heap.hpp"
#include "support/hex.hpp"
#include "support/messages.hpp"

namespace mcq::wire {
namespace {

using test::hex;
using test::records_of;

constexpr Ipv4Address kRouter{{192, 0, 2, 1}};
constexpr Ipv4Address kGroup{{239, 1, 2, 3}};
constexpr Ipv6Address kRouter6{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6Address kGroup6{{0xff, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34}};

/// The General Queries of routers with the RFC's defaults, and their packets.
template <Family F>
Query<F> general_query() {
  return {.max_response = 10s, .query_interval = 125s, .robustness = 2};
}
const Buffer kIgmpPacket =
    hex("46 c0 00 24 00 00 40 00 01 02 42 11 c0 00 02 01 e0 00 00 01 94 04 00 00"
        "11 64 ec 1e 00 00 00 00 02 7d 00 00");
const Buffer kMldPacket =
    hex("60 00 00 00 00 24 00 01 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01"
        "ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01 3a 00 05 02 00 00 01 00"
        "82 00 56 96 27 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 7d 00 00");

TEST(Packet, OfIgmpIsWrittenWhole) {  // IGMP-F-01 to -03, IGMP-F-05
  const auto bytes =
      serialize_packet(general_query<Igmp>(), kRouter, Igmp::kAllNodes, Reach::kLink);
  EXPECT_EQ(bytes, kIgmpPacket);
}

TEST(Packet, OfIgmpMayStayOnTheHost) {
  const auto bytes =
      serialize_packet(general_query<Igmp>(), kRouter, Igmp::kAllNodes, Reach::kHost);
  EXPECT_EQ(bytes[8], 0);
  EXPECT_EQ(parse_packet<Igmp>(bytes).error(), ParseError::kWrongTtl);
}

/// A leave for 0.0.0.0 to 224.0.0.`n`.
Buffer solicitation(std::uint8_t n) {
  auto packet = hex("46 c0 00 20 00 00 40 00 01 02 00 00 c0 00 02 09 e0 00 00 00 94 04 00 00");
  packet[19] = n;
  set_checksum(packet, 10);
  const auto leave = hex("17 00 e8 ff 00 00 00 00");
  packet.insert(packet.end(), leave.begin(), leave.end());
  return packet;
}

TEST(Packet, ASwitchSolicitsQueriesOfRoutersOrOfAll) {  // SNP-08
  for (const auto n : {std::uint8_t{1}, std::uint8_t{2}}) {
    const auto packet = parse_packet<Igmp>(solicitation(n));
    ASSERT_TRUE(packet) << int{n};
    EXPECT_EQ(packet->message, Message<Igmp>{Leave<Igmp>{}});
  }
  for (const auto n : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{22}, std::uint8_t{106}}) {
    EXPECT_EQ(parse_packet<Igmp>(solicitation(n)).error(), ParseError::kBadGroup) << int{n};
  }
}

TEST(Packet, OfIgmpMayHaveNoRouterAlert) {
  const auto bytes = serialize_packet(general_query<Igmp>(), kRouter, Igmp::kAllNodes, Reach::kLink,
                                      RouterAlert::kAbsent);
  EXPECT_EQ(bytes, hex("45 c0 00 20 00 00 40 00 01 02 d7 19 c0 00 02 01 e0 00 00 01"
                       "11 64 ec 1e 00 00 00 00 02 7d 00 00"));
  EXPECT_FALSE(parse_packet<Igmp>(bytes)->router_alert);
}

TEST(Packet, OfMldIsWrittenWhole) {  // MLD-F-01, MLD-F-03 to -06
  const auto bytes = serialize_packet(general_query<Mld>(), kRouter6, Mld::kAllNodes, Reach::kLink);
  EXPECT_EQ(bytes, kMldPacket);
}

TEST(Packet, OfMldAlwaysHasHopLimit1) {  // MLD-F-03
  const auto bytes = serialize_packet(general_query<Mld>(), kRouter6, Mld::kAllNodes, Reach::kHost);
  EXPECT_EQ(bytes, kMldPacket);
}

TEST(Packet, OfMldAlwaysHasRouterAlert) {  // MLD-F-04
  const auto bytes = serialize_packet(general_query<Mld>(), kRouter6, Mld::kAllNodes, Reach::kLink,
                                      RouterAlert::kAbsent);
  EXPECT_EQ(bytes, kMldPacket);
}

TEST(Packet, GoesWhereItIsTold) {  // IGMP-F-06, MLD-F-07
  auto query = general_query<Igmp>();
  query.group = kGroup;
  const auto bytes = serialize_packet(query, kRouter, kGroup, Reach::kLink);
  EXPECT_EQ((load_address<4, 16>(Bytes{bytes}.first<20>())), kGroup);
  EXPECT_EQ((load_address<4, 28>(Bytes{bytes}.first<32>())), kGroup);
  auto query6 = general_query<Mld>();
  query6.group = kGroup6;
  const auto bytes6 = serialize_packet(query6, kRouter6, kGroup6, Reach::kLink);
  EXPECT_EQ((load_address<16, 24>(Bytes{bytes6}.first<40>())), kGroup6);
  EXPECT_EQ((load_address<16, 56>(Bytes{bytes6}.first<72>())), kGroup6);
}

TEST(Packet, FillsOneEthernetFrameWithTheMostSources) {  // IGMP-F-22, MLD-F-15
  auto query = general_query<Igmp>();
  query.group = kGroup;
  query.sources.assign((1500 - Igmp::kQueryOverhead) / 4, kRouter);
  EXPECT_EQ(query.sources.size(), 366U);
  EXPECT_EQ(serialize_packet(query, kRouter, kGroup, Reach::kLink).size(), 1500U);
  auto query6 = general_query<Mld>();
  query6.group = kGroup6;
  query6.sources.assign((1500 - Mld::kQueryOverhead) / 16, kRouter6);
  EXPECT_EQ(query6.sources.size(), 89U);
  EXPECT_EQ(serialize_packet(query6, kRouter6, kGroup6, Reach::kLink).size(), 1500U);
}

TEST(Packet, OfIgmpIsReadWhole) {  // IGMP-R-06, IGMP-R-17
  const auto packet = parse_packet<Igmp>(kIgmpPacket);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, kRouter);
  EXPECT_EQ(packet->destination, Igmp::kAllNodes);
  EXPECT_TRUE(packet->router_alert);
  EXPECT_EQ(packet->message, Message<Igmp>{general_query<Igmp>()});
  const auto plain = parse_packet<Igmp>(
      hex("45 c0 00 1c 00 00 00 00 01 02 17 1e c0 00 02 01 e0 00 00 01 11 64 ee 9b 00 00 00 00"));
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->router_alert);
}

TEST(Packet, OfMldIsReadWhole) {  // MLD-R-09
  auto padded = kMldPacket;
  padded.resize(90, 0xee);
  const auto packet = parse_packet<Mld>(padded);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, kRouter6);
  EXPECT_EQ(packet->destination, Mld::kAllNodes);
  EXPECT_TRUE(packet->router_alert);
  EXPECT_EQ(packet->message, Message<Mld>{general_query<Mld>()});
}

TEST(Packet, KeepsTheRecordsOfAReport) {  // IGMP-R-15, MLD-R-09
  const auto report = hex("22 00 e8 f9 00 00 00 01 04 00 00 00 ef 01 02 03");
  const auto bytes = ipv4_packet({}, {{224, 0, 0, 22}}, Reach::kLink, report);
  const auto packet = parse_packet<Igmp>(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(records_of(std::get<RecordReport<Igmp>>(packet->message)),
            (std::vector<Record<Igmp>>{{RecordType::kToEx, kGroup, {}}}));

  const Ipv6Address all_routers{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16}};
  const Ipv6Address host{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
  const auto report6 =
      hex("8f 00 5d 99 00 00 00 01 04 00 00 00 ff 3e 00 00 00 00 00 00 00 00 00 00 00 00 12 34");
  const auto bytes6 = ipv6_packet(host, all_routers, report6);
  const auto packet6 = parse_packet<Mld>(bytes6);
  ASSERT_TRUE(packet6);
  EXPECT_EQ(records_of(std::get<RecordReport<Mld>>(packet6->message)),
            (std::vector<Record<Mld>>{{RecordType::kToEx, kGroup6, {}}}));
}

/// Reads a packet and all of its records; how often that asks for memory.
template <Family F>
std::int64_t allocations_of_reading(const Buffer& bytes, std::size_t expected_records) {
  const auto before = test::allocations();
  const auto packet = parse_packet<F>(bytes);
  std::size_t records = 0;
  if (packet) {
    RecordReader<F> reader{std::get<RecordReport<F>>(packet->message)};
    while (reader.next()) ++records;
  }
  const auto after = test::allocations();
  EXPECT_EQ(records, expected_records);
  return after - before;
}

TEST(Packet, OfAReportIsReadWhereItLies) {
  const std::vector sources(100, kRouter);
  const std::vector<Record<Igmp>> records(3, {RecordType::kAllow, kGroup, sources});
  const auto bytes = ipv4_packet(kRouter, kGroup, Reach::kLink, serialize(std::span{records}));
  EXPECT_EQ(allocations_of_reading<Igmp>(bytes, 3), 0);

  const std::vector sources6(20, kRouter6);
  const std::vector<Record<Mld>> records6(3, {RecordType::kAllow, kGroup6, sources6});
  const auto bytes6 =
      ipv6_packet(kRouter6, kGroup6, serialize(std::span{records6}, kRouter6, kGroup6));
  EXPECT_EQ(allocations_of_reading<Mld>(bytes6, 3), 0);

  const auto before = test::allocations();  // and that it would be noticed
  EXPECT_EQ(Buffer(1).size(), 1U);
  EXPECT_GT(test::allocations(), before);
}

TEST(Packet, TellsItsGroupBeforeItIsRead) {
  const auto old = ipv4_packet(kRouter, kGroup, Reach::kLink,
                               serialize(Report<Igmp>{Igmp::Version::k2, kGroup}));
  EXPECT_EQ(group_to_prefetch<Igmp>(old), kGroup);
  const std::vector<Record<Igmp>> records{{RecordType::kIsEx, kGroup, {}},
                                          {RecordType::kIsEx, Igmp::kAllNodes, {}}};
  const auto newest =
      ipv4_packet(kRouter, {{224, 0, 0, 22}}, Reach::kLink, serialize(std::span{records}));
  EXPECT_EQ(group_to_prefetch<Igmp>(newest), kGroup);

  const auto old6 = ipv6_packet(
      kRouter6, kGroup6, serialize(Report<Mld>{Mld::Version::k1, kGroup6}, kRouter6, kGroup6));
  EXPECT_EQ(group_to_prefetch<Mld>(old6), kGroup6);
  const std::vector<Record<Mld>> records6{{RecordType::kIsEx, kGroup6, {}}};
  const auto newest6 =
      ipv6_packet(kRouter6, kGroup6, serialize(std::span{records6}, kRouter6, kGroup6));
  EXPECT_EQ(group_to_prefetch<Mld>(newest6), kGroup6);
}

TEST(Packet, TellsNoGroupThatIsNotAllThere) {
  const std::vector<Record<Igmp>> records{{RecordType::kIsEx, kGroup, {}}};
  const auto newest = ipv4_packet(kRouter, kGroup, Reach::kLink, serialize(std::span{records}));
  for (std::size_t size = 0; size < newest.size(); ++size) {
    EXPECT_EQ(group_to_prefetch<Igmp>(Bytes{newest}.first(size)), Ipv4Address{}) << size;
  }
  const auto old = ipv4_packet(kRouter, kGroup, Reach::kLink,
                               serialize(Report<Igmp>{Igmp::Version::k2, kGroup}));
  EXPECT_EQ(group_to_prefetch<Igmp>(Bytes{old}.first(old.size() - 1)), Ipv4Address{});
}

TEST(Packet, IsRefusedForItsHeaderOrForItsMessage) {  // IGMP-R-01, MLD-R-01
  auto bytes = kIgmpPacket;
  bytes.back() ^= 1U;
  EXPECT_EQ(parse_packet<Igmp>(bytes).error(), ParseError::kBadChecksum);
  EXPECT_EQ(parse_packet<Igmp>(kMldPacket).error(), ParseError::kBadIpHeader);
  auto bytes6 = kMldPacket;
  bytes6.back() ^= 1U;
  EXPECT_EQ(parse_packet<Mld>(bytes6).error(), ParseError::kBadChecksum);
  auto tampered = kMldPacket;
  tampered[23] = 2;  // the source, of which only the checksum of the message knows
  EXPECT_EQ(parse_packet<Mld>(tampered).error(), ParseError::kBadChecksum);
  EXPECT_EQ(parse_packet<Mld>(kIgmpPacket).error(), ParseError::kTruncated);
}

}  // namespace
}  // namespace mcq::wire
