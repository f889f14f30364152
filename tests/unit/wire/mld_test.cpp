#include "wire/mld.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/hex.hpp"
#include "support/messages.hpp"
#include "wire/time_code.hpp"

namespace mcq::wire {
namespace {

using test::bytes_of;
using test::hex;
using Version = Mld::Version;

constexpr Ipv6Address kQuerier{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6Address kHost{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
constexpr Ipv6Address kGroup{{0xff, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34}};
constexpr Ipv6Address kAllRouters{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
constexpr Ipv6Address kAllMldv2Routers{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16}};
constexpr Ipv6Address kFirst{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6Address kSecond{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};

const std::string kNoGroup = "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
const std::string kGroupBytes = "ff 3e 00 00 00 00 00 00 00 00 00 00 00 00 12 34";
const std::string kSourceBytes =
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02";

/// TO_EX(ff3e::1234); and ALLOW(ff3e::1234, {2001:db8::1, 2001:db8::2}) behind it.
const Buffer kRecord = hex("04 00 00 00" + kGroupBytes);
const Buffer kRecords =
    hex("04 00 00 00" + kGroupBytes + "05 00 00 02" + kGroupBytes + kSourceBytes);

/// The MLDv2 General Query of a router with the RFC's defaults.
Query<Mld> general_query() {
  return {.version = Version::k2, .max_response = 10s, .query_interval = 125s, .robustness = 2};
}

struct Golden {
  const char* name;
  Ipv6Address source, destination;
  Message<Mld> message;
  Buffer bytes;
};

/// The comments are sums of all 16-bit words, pseudo header and lengths included; a vector without
/// one is that of the conformance list.
std::vector<Golden> golden_vectors() {
  const auto query = [](Query<Mld> q) { return Message<Mld>{std::move(q)}; };
  auto specific = general_query();
  specific.group = kGroup;
  specific.max_response = 1s;
  auto suppressed = specific, with_sources = specific, version1 = specific;
  suppressed.suppress = true;
  with_sources.sources = {kFirst, kSecond};
  version1 = {.version = Version::k1, .group = kGroup, .max_response = 1s};
  const auto all = Mld::kAllNodes;
  return {
      {"v1 general", kQuerier, all, query({.version = Version::k1, .max_response = 10s}),
       hex("82 00 59 17 27 10 00 00" + kNoGroup)},
      {"v2 general", kQuerier, all, query(general_query()),
       hex("82 00 56 96 27 10 00 00" + kNoGroup + "02 7d 00 00")},
      {"v2 specific", kQuerier, kGroup, query(specific),
       hex("82 00 55 dc 03 e8 00 00" + kGroupBytes + "02 7d 00 00")},
      // 3a79f, so a7a2.
      {"v1 specific", kQuerier, kGroup, query(version1),
       hex("82 00 58 5d 03 e8 00 00" + kGroupBytes)},
      // 3b220, so b223.
      {"v2 specific, S", kQuerier, kGroup, query(suppressed),
       hex("82 00 4d dc 03 e8 00 00" + kGroupBytes + "0a 7d 00 00")},
      // 405b7, so 05bb.
      {"v2 with sources", kQuerier, kGroup, query(with_sources),
       hex("82 00 fa 44 03 e8 00 00" + kGroupBytes + "02 7d 00 02" + kSourceBytes)},
      // fe80 + 2 + 2 * (ff3e + 1234) + 18 + 3a + 8300 = 3a4b8, so a4bb.
      {"v1 report", kHost, kGroup, Report<Mld>{Version::k1, kGroup},
       hex("83 00 5b 44 00 00 00 00" + kGroupBytes)},
      // fe80 + 2 + ff02 + 2 + ff3e + 1234 + 18 + 3a + 8400 = 3934a, so 934d.
      {"done", kHost, kAllRouters, Leave<Mld>{kGroup},
       hex("84 00 6c b2 00 00 00 00" + kGroupBytes)},
      // fe80 + 2 + ff02 + 16 + 1c + 3a + 8f00 + 1 + 0400 + ff3e + 1234 = 3a263, so a266.
      {"v2 report", kHost, kAllMldv2Routers, RecordReport<Mld>{1, kRecord},
       hex("8f 00 5d 99 00 00 00 01 04 00 00 00" + kGroupBytes)},
      // 51481, so 1486.
      {"v2 report with sources", kHost, kAllMldv2Routers, RecordReport<Mld>{2, kRecords},
       hex("8f 00 eb 79 00 00 00 02 04 00 00 00" + kGroupBytes + "05 00 00 02" + kGroupBytes +
           kSourceBytes)},
  };
}

TEST(Mld, WritesTheGoldenVectors) {  // MLD-F-01, -05 to -08, -12 to -14, -16
  for (const auto& golden : golden_vectors()) {
    EXPECT_EQ(bytes_of(golden.message, golden.source, golden.destination), golden.bytes)
        << golden.name;
  }
}

TEST(Mld, ReadsTheGoldenVectors) {  // MLD-R-09
  for (const auto& golden : golden_vectors()) {
    EXPECT_EQ(parse_mld(golden.bytes, golden.source, golden.destination),
              (Result<Message<Mld>, ParseError>{golden.message}))
        << golden.name;
  }
}

TEST(Mld, DropsAMessageWithAnyBitFlipped) {  // MLD-F-05, MLD-R-01
  for (const auto& golden : golden_vectors()) {
    for (std::size_t bit = 0; bit < golden.bytes.size() * 8; ++bit) {
      auto bytes = golden.bytes;
      bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
      ASSERT_EQ(parse_mld(bytes, golden.source, golden.destination), fail(ParseError::kBadChecksum))
          << golden.name << ", bit " << bit;
    }
  }
}

TEST(Mld, DropsAMessageOfAnotherPacket) {  // MLD-F-05, MLD-R-01
  for (const auto& golden : golden_vectors()) {
    for (std::size_t bit = 0; bit < 128; ++bit) {
      auto source = golden.source, destination = golden.destination;
      for (auto* address : {&source, &destination}) {
        auto& byte = address->bytes[bit / 8];
        byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
      }
      EXPECT_EQ(parse_mld(golden.bytes, source, golden.destination),
                fail(ParseError::kBadChecksum));
      EXPECT_EQ(parse_mld(golden.bytes, golden.source, destination),
                fail(ParseError::kBadChecksum));
    }
  }
}

TEST(MldQuery, GrowsBySixteenBytesForEverySource) {  // MLD-F-08, MLD-F-14
  for (const std::size_t count : {0U, 1U, 2U, 89U}) {
    auto query = general_query();
    query.group = kGroup;
    query.sources.assign(count, kFirst);
    const auto bytes = serialize(query, kQuerier, kGroup);
    EXPECT_EQ(bytes.size(), 28 + 16 * count);
    EXPECT_EQ((load<std::uint16_t, 26>(Bytes{bytes}.first<28>())), count);
  }
}

TEST(MldQuery, OfVersion1HasALinearResponseTime) {  // MLD-F-11
  struct Row {
    Duration time;
    std::uint16_t code;
  };
  for (const auto& [time, code] :
       {Row{10s, 10'000}, Row{1ms, 1}, Row{32'767ms, 32'767}, Row{32'768ms, 32'768},
        Row{40s, 40'000}, Row{65'535ms, 65'535}, Row{65'536ms, 65'535}, Row{24h, 65'535},
        Row{0s, 0}, Row{999us, 0}, Row{1'999us, 1}, Row{-1s, 0}}) {
    SCOPED_TRACE(testing::Message() << seconds(time) << " s");
    const auto bytes =
        serialize(Query<Mld>{.version = Version::k1, .max_response = time}, kQuerier, kGroup);
    ASSERT_EQ(bytes.size(), 24U);
    EXPECT_EQ((load<std::uint16_t, 4>(Bytes{bytes}.first<24>())), code);
  }
}

TEST(MldQuery, OfVersion1KeepsToItsFields) {  // MLD-F-08
  auto query = general_query();
  query.version = Version::k1;
  query.suppress = true;
  query.sources = {kFirst};
  EXPECT_EQ(serialize(query, kQuerier, Mld::kAllNodes), hex("82 00 59 17 27 10 00 00" + kNoGroup));
}

TEST(MldQuery, CarriesTimesAsCodes) {  // MLD-F-09, -10, -12, -16
  struct Row {
    Duration response, interval;
    std::uint16_t response_code;
    std::uint8_t interval_code;
  };
  for (const auto& [response, interval, response_code, interval_code] : {
           Row{10s, 125s, 10'000, 0x7d},
           Row{32'767ms, 127s, 0x7fff, 127},
           Row{32'768ms, 128s, 0x8000, 0x80},
           Row{32'775ms, 129s, 0x8000, 0x80},
           Row{32'776ms, 300s, 0x8001, 0x92},
           Row{65'536ms, 3600s, 0x9000, 0xcc},
           Row{1'999us, 1500ms, 1, 1},
           Row{8'387'584ms, 31'744s, 0xffff, 0xff},
           Row{8'387'585ms, 32'768s, 0xffff, 0xff},
           Row{Duration::max(), Duration::max(), 0xffff, 0xff},
           Row{0s, 0s, 0, 0},
           Row{-1s, -1s, 0, 0},
       }) {
    SCOPED_TRACE(testing::Message() << seconds(response) << " s, " << seconds(interval) << " s");
    const auto bytes = serialize(Query<Mld>{.max_response = response, .query_interval = interval},
                                 kQuerier, kGroup);
    ASSERT_EQ(bytes.size(), 28U);
    EXPECT_EQ((load<std::uint16_t, 4>(Bytes{bytes}.first<28>())), response_code);
    EXPECT_EQ(bytes[25], interval_code);
  }
}

TEST(MldQuery, CarriesTheRobustnessUpToSevenAndNoFlagsButItsOwn) {  // MLD-F-12, MLD-F-13
  struct Row {
    std::uint8_t robustness;
    bool suppress;
    std::uint8_t byte;
  };
  for (const auto& [robustness, suppress, byte] :
       {Row{0, false, 0}, Row{1, false, 1}, Row{2, false, 2}, Row{7, false, 7}, Row{8, false, 0},
        Row{9, false, 0}, Row{255, false, 0}, Row{0, true, 8}, Row{7, true, 15}, Row{8, true, 8}}) {
    auto query = general_query();
    query.robustness = robustness;
    query.suppress = suppress;
    const auto bytes = serialize(query, kQuerier, kGroup);
    EXPECT_EQ(bytes[24], byte) << int{robustness};
    EXPECT_EQ(bytes[6], 0);
    EXPECT_EQ(bytes[7], 0);
  }
}

/// A query all of whose values the wire can carry.
Query<Mld> representable_query() {
  const auto byte = [] { return *rc::gen::arbitrary<std::uint8_t>(); };
  const auto code = *rc::gen::arbitrary<std::uint16_t>();
  Query<Mld> query{.version = *rc::gen::element(Version::k1, Version::k2)};
  if (*rc::gen::arbitrary<bool>()) query.group = kGroup;
  if (!query.is_general()) query.group.bytes.back() = byte();
  query.max_response = code * Mld::kResponseUnit;
  if (query.version == Version::k1) return query;
  query.max_response = TimeCode16::decode(code) * Mld::kResponseUnit;
  query.query_interval = TimeCode8::decode(byte()) * Duration{1s};
  query.robustness = byte() & 0x07;
  query.suppress = *rc::gen::arbitrary<bool>();
  if (query.is_general()) return query;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
    query.sources.push_back(kFirst);
    query.sources.back().bytes.back() = byte();
  }
  return query;
}

RC_GTEST_PROP(MldQuery, SurvivesTheRoundTrip, ()) {
  const auto query = representable_query();
  RC_ASSERT((parse_mld(serialize(query, kQuerier, kGroup), kQuerier, kGroup) ==
             Result<Message<Mld>, ParseError>{Message<Mld>{query}}));
}

}  // namespace
}  // namespace mcq::wire
