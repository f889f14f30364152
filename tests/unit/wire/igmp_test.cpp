#include "wire/igmp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/hex.hpp"
#include "support/messages.hpp"
#include "wire/time_code.hpp"

namespace mcq::wire {
namespace {

using test::bytes_of;
using test::hex;
using Version = Igmp::Version;

constexpr Ipv4Address kGroup{{239, 1, 2, 3}};
constexpr Ipv4Address kFirst{{192, 0, 2, 1}}, kSecond{{192, 0, 2, 2}};

/// TO_EX(239.1.2.3) behind the header of a report; and BLOCK(239.1.2.3, {192.0.2.1, 192.0.2.2})
/// followed by TO_IN(232.1.2.3).
const Buffer kRecord = hex("04 00 00 00 ef 01 02 03");
const Buffer kRecords =
    hex("06 00 00 02 ef 01 02 03 c0 00 02 01 c0 00 02 02 03 00 00 00 e8 01 02 03");

/// The IGMPv3 General Query of a router with the RFC's defaults.
Query<Igmp> general_query() {
  return {.version = Version::k3, .max_response = 10s, .query_interval = 125s, .robustness = 2};
}

struct Golden {
  const char* name;
  Message<Igmp> message;
  Buffer bytes;
};

std::vector<Golden> golden_vectors() {
  const auto query = [](Query<Igmp> q) { return Message<Igmp>{std::move(q)}; };
  Query<Igmp> specific{.version = Version::k3,
                       .group = kGroup,
                       .max_response = 1s,
                       .query_interval = 125s,
                       .robustness = 2};
  auto suppressed = specific, with_sources = specific;
  suppressed.suppress = true;
  with_sources.sources = {kFirst, kSecond};
  return {
      {"v1 general", query({.version = Version::k1}), hex("11 00 ee ff 00 00 00 00")},
      {"v2 general", query({.version = Version::k2, .max_response = 10s}),
       hex("11 64 ee 9b 00 00 00 00")},
      {"v2 specific", query({.version = Version::k2, .group = kGroup, .max_response = 1s}),
       hex("11 0a fd f0 ef 01 02 03")},
      {"v3 general", query(general_query()), hex("11 64 ec 1e 00 00 00 00 02 7d 00 00")},
      {"v3 specific", query(specific), hex("11 0a fb 73 ef 01 02 03 02 7d 00 00")},
      {"v3 specific, S", query(suppressed), hex("11 0a f3 73 ef 01 02 03 0a 7d 00 00")},
      {"v3 with sources", query(with_sources),
       hex("11 0a 77 6d ef 01 02 03 02 7d 00 02 c0 00 02 01 c0 00 02 02")},
      // The sums by hand: 1200 + ef01 + 0203 = 10304, so 0305; 1600 and 1700 likewise.
      {"v1 report", Report<Igmp>{Version::k1, kGroup}, hex("12 00 fc fa ef 01 02 03")},
      {"v2 report", Report<Igmp>{Version::k2, kGroup}, hex("16 00 f8 fa ef 01 02 03")},
      {"leave", Leave<Igmp>{kGroup}, hex("17 00 f7 fa ef 01 02 03")},
      // 2200 + 0001 + 0400 + ef01 + 0203 = 11705, so 1706.
      {"v3 report", RecordReport<Igmp>{1, kRecord},
       hex("22 00 e8 f9 00 00 00 01 04 00 00 00 ef 01 02 03")},
      // 2200 + 0002 + 0600 + 0002 + 0300 + ef01 + e801 + 2 * 0203 + 2 * (c000 + 0200) + 3 = 38a0f.
      {"v3 report with sources", RecordReport<Igmp>{2, kRecords},
       hex("22 00 75 ed 00 00 00 02 06 00 00 02 ef 01 02 03 c0 00 02 01 c0 00 02 02"
           "03 00 00 00 e8 01 02 03")},
  };
}

TEST(Igmp, WritesTheGoldenVectors) {  // IGMP-F-07 to -11, IGMP-F-21
  for (const auto& golden : golden_vectors()) {
    EXPECT_EQ(bytes_of(golden.message), golden.bytes) << golden.name;
  }
}

TEST(Igmp, ReadsTheGoldenVectors) {  // IGMP-R-06
  for (const auto& golden : golden_vectors()) {
    EXPECT_EQ(parse_igmp(golden.bytes), (Result<Message<Igmp>, ParseError>{golden.message}))
        << golden.name;
  }
}

TEST(Igmp, DropsAMessageWithAnyBitFlipped) {  // IGMP-F-08, IGMP-R-01
  for (const auto& golden : golden_vectors()) {
    for (std::size_t bit = 0; bit < golden.bytes.size() * 8; ++bit) {
      auto bytes = golden.bytes;
      bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
      ASSERT_EQ(parse_igmp(bytes), fail(ParseError::kBadChecksum))
          << golden.name << ", bit " << bit;
    }
  }
}

TEST(IgmpQuery, GrowsByFourBytesForEverySource) {  // IGMP-F-11, IGMP-F-21
  for (const std::size_t count : {0U, 1U, 2U, 366U}) {
    auto query = general_query();
    query.group = kGroup;
    query.sources.assign(count, kFirst);
    const auto bytes = serialize(query);
    EXPECT_EQ(bytes.size(), 12 + 4 * count);
    EXPECT_EQ((load<std::uint16_t, 10>(Bytes{bytes}.first<12>())), count);
  }
}

TEST(IgmpQuery, OfVersion2HasALinearResponseTime) {  // IGMP-F-12
  struct Row {
    Duration time;
    std::uint8_t code;
  };
  for (const auto& [time, code] :
       {Row{10s, 100}, Row{100ms, 1}, Row{12'700ms, 127}, Row{12'800ms, 128}, Row{25'500ms, 255},
        Row{25'600ms, 255}, Row{30s, 255}, Row{24h, 255}, Row{0s, 1}, Row{50ms, 1},
        Row{199ms, 1}}) {
    SCOPED_TRACE(testing::Message() << seconds(time) << " s");
    const auto bytes = serialize(Query<Igmp>{.version = Version::k2, .max_response = time});
    ASSERT_EQ(bytes.size(), 8U);
    EXPECT_EQ(bytes[1], code);
  }
}

TEST(IgmpQuery, OfVersion2KeepsToItsFields) {  // IGMP-F-12
  auto query = general_query();
  query.version = Version::k2;
  query.suppress = true;
  query.sources = {kFirst};
  EXPECT_EQ(serialize(query), hex("11 64 ee 9b 00 00 00 00"));
}

TEST(IgmpQuery, OfVersion1AsksAboutEverythingWithoutATime) {  // IGMP-F-13
  auto query = general_query();
  query.version = Version::k1;
  query.group = kGroup;
  EXPECT_EQ(serialize(query), hex("11 00 ee ff 00 00 00 00"));
}

TEST(IgmpQuery, CarriesTimesAsCodes) {  // IGMP-F-15 to -17, IGMP-F-23
  struct Row {
    Duration response, interval;
    std::uint8_t response_code, interval_code;
  };
  for (const auto& [response, interval, response_code, interval_code] : {
           Row{10s, 125s, 100, 0x7d},
           Row{12'700ms, 127s, 127, 127},
           Row{12'800ms, 128s, 0x80, 0x80},
           Row{12'900ms, 129s, 0x80, 0x80},
           Row{25'500ms, 300s, 0x8f, 0x92},
           Row{60s, 3600s, 0xa2, 0xcc},
           Row{1s, 1500ms, 10, 1},
           Row{3'174'400ms, 31'744s, 0xff, 0xff},
           Row{3'276'800ms, 32'768s, 0xff, 0xff},
           Row{Duration::max(), Duration::max(), 0xff, 0xff},
           Row{0s, 0s, 0, 0},
           Row{-1s, -1s, 0, 0},
       }) {
    SCOPED_TRACE(testing::Message() << seconds(response) << " s, " << seconds(interval) << " s");
    const auto bytes = serialize(Query<Igmp>{.max_response = response, .query_interval = interval});
    ASSERT_EQ(bytes.size(), 12U);
    EXPECT_EQ(bytes[1], response_code);
    EXPECT_EQ(bytes[9], interval_code);
  }
}

TEST(IgmpQuery, CarriesTheRobustnessUpToSevenAndNoFlagsButItsOwn) {  // IGMP-F-18, -19, -20
  struct Row {
    std::uint8_t robustness;
    bool suppress;
    std::uint8_t byte;
  };
  for (const auto& [robustness, suppress, byte] :
       {Row{0, false, 0}, Row{1, false, 1}, Row{2, false, 2}, Row{3, false, 3}, Row{4, false, 4},
        Row{5, false, 5}, Row{6, false, 6}, Row{7, false, 7}, Row{8, false, 0}, Row{9, false, 0},
        Row{255, false, 0}, Row{0, true, 8}, Row{7, true, 15}, Row{8, true, 8}}) {
    auto query = general_query();
    query.robustness = robustness;
    query.suppress = suppress;
    EXPECT_EQ(serialize(query)[8], byte) << int{robustness};
  }
}

TEST(IgmpReport, HoldsItsRecordsInTheirOrder) {
  const std::vector<Ipv4Address> sources{kFirst, kSecond};
  const std::vector<Record<Igmp>> records{{RecordType::kBlock, kGroup, sources},
                                          {RecordType::kToIn, {{232, 1, 2, 3}}, {}}};
  EXPECT_EQ(serialize(std::span{records}),
            hex("22 00 75 ed 00 00 00 02 06 00 00 02 ef 01 02 03 c0 00 02 01 c0 00 02 02"
                "03 00 00 00 e8 01 02 03"));
  EXPECT_EQ(serialize(std::span<const Record<Igmp>>{}), hex("22 00 dd ff 00 00 00 00"));
}

/// A query all of whose values the wire can carry.
Query<Igmp> representable_query() {
  const auto byte = [] { return *rc::gen::arbitrary<std::uint8_t>(); };
  const auto address = [&] { return Ipv4Address{{byte(), byte(), byte(), byte()}}; };
  Query<Igmp> query{.version = static_cast<Version>(*rc::gen::inRange(1, 4))};
  if (query.version == Version::k1) return query;
  if (*rc::gen::arbitrary<bool>()) {
    query.group = address();
    query.group.bytes[0] = static_cast<std::uint8_t>(0xe0U | (query.group.bytes[0] & 0x0fU));
  }
  if (query.version == Version::k2) {
    query.max_response = *rc::gen::inRange(1, 256) * Igmp::kResponseUnit;
    return query;
  }
  query.max_response = TimeCode8::decode(byte()) * Igmp::kResponseUnit;
  query.query_interval = TimeCode8::decode(byte()) * Duration{1s};
  query.robustness = byte() & 0x07;
  query.suppress = *rc::gen::arbitrary<bool>();
  if (query.is_general()) return query;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) query.sources.push_back(address());
  return query;
}

RC_GTEST_PROP(IgmpQuery, SurvivesTheRoundTrip, ()) {
  const auto query = representable_query();
  RC_ASSERT(
      (parse_igmp(serialize(query)) == Result<Message<Igmp>, ParseError>{Message<Igmp>{query}}));
}

}  // namespace
}  // namespace mcq::wire
