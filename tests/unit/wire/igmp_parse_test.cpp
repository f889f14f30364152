#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/hex.hpp"
#include "support/messages.hpp"
#include "wire/igmp.hpp"

// What parse_igmp makes of messages that nobody should send, and of those that somebody may.

namespace mcq::wire {
namespace {

using test::hex;
using Version = Igmp::Version;
using Parsed = Result<Message<Igmp>, ParseError>;

constexpr Ipv4Address kGroup{{239, 1, 2, 3}};

/// The bytes with a right IGMP checksum over all of them.
Buffer summed(Buffer bytes) {
  const auto size = bytes.size();
  return test::with_checksum(std::move(bytes), 2, size);
}
Buffer summed(const char* text) { return summed(hex(text)); }

const Query<Igmp> kVersion3{
    .version = Version::k3, .max_response = 10s, .query_interval = 125s, .robustness = 2};
constexpr const char* kVersion3Bytes = "11 64 00 00 00 00 00 00 02 7d 00 00";

TEST(ParseIgmp, RefusesLessThanEightBytes) {  // IGMP-R-04
  for (const unsigned type : {0x11U, 0x12U, 0x16U, 0x17U, 0x22U}) {
    for (std::size_t size = 0; size < 8; ++size) {
      Buffer bytes(size, 0);
      if (size > 0) bytes[0] = static_cast<std::uint8_t>(type);
      if (size >= 4) bytes = summed(std::move(bytes));
      EXPECT_EQ(parse_igmp(bytes), fail(ParseError::kTruncated)) << type << ", " << size;
    }
  }
}

TEST(ParseIgmp, TellsTheVersionOfAQueryFromItsLength) {  // IGMP-R-05, IGMP-R-06
  struct Row {
    const char* bytes;
    Parsed parsed;
  };
  const auto query = [](Query<Igmp> q) { return Parsed{Message<Igmp>{std::move(q)}}; };
  for (const auto& [bytes, parsed] : {
           Row{"11 00 00 00 00 00 00 00", query({.version = Version::k1})},
           Row{"11 64 00 00 00 00 00 00", query({.version = Version::k2, .max_response = 10s})},
           Row{"11 ff 00 00 00 00 00 00",
               query({.version = Version::k2, .max_response = 25'500ms})},
           Row{"11 64 00 00 00 00 00 00 02", fail(ParseError::kBadLength)},
           Row{"11 64 00 00 00 00 00 00 02 7d", fail(ParseError::kBadLength)},
           Row{"11 64 00 00 00 00 00 00 02 7d 00", fail(ParseError::kBadLength)},
           Row{"11 00 00 00 00 00 00 00 00 00 00", fail(ParseError::kBadLength)},
           Row{kVersion3Bytes, query(kVersion3)},
           Row{"11 00 00 00 00 00 00 00 00 00 00 00", query({.version = Version::k3})},
       }) {
    EXPECT_EQ(parse_igmp(summed(bytes)), parsed) << bytes;
  }
}

TEST(ParseIgmp, SumsTrailingBytesAndOtherwiseIgnoresThem) {  // IGMP-R-02, IGMP-R-03
  const auto longer = hex(std::string{kVersion3Bytes} + "de ad be ef 01 02 03 04");
  EXPECT_EQ(parse_igmp(summed(longer)), (Parsed{Message<Igmp>{kVersion3}}));
  EXPECT_EQ(parse_igmp(test::with_checksum(longer, 2, 12)), fail(ParseError::kBadChecksum));
}

TEST(ParseIgmp, RefusesAQueryWithFewerSourcesThanItSays) {  // IGMP-R-07
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 ef 01 02 03 02 7d 00 05 c0 00 02 01 c0 00 02 02")),
            fail(ParseError::kBadLength));
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 ef 01 02 03 02 7d ff ff c0 00 02 01")),
            fail(ParseError::kBadLength));
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 ef 01 02 03 02 7d 00 01 c0 00 02")),
            fail(ParseError::kBadLength));
  auto enough = kVersion3;
  enough.group = kGroup;
  enough.sources = {{{192, 0, 2, 1}}};
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 ef 01 02 03 02 7d 00 01 c0 00 02 01")),
            (Parsed{Message<Igmp>{enough}}));
}

TEST(ParseIgmp, ReportsEveryOtherTypeAsUnhandled) {  // IGMP-R-08
  for (int type = 0; type < 256; ++type) {
    auto bytes = hex("00 00 00 00 ef 01 02 03");
    bytes[0] = static_cast<std::uint8_t>(type);
    const bool known = type == 0x11 || type == 0x12 || type == 0x16 || type == 0x17 ||
                       type == 0x22 || (type >= 0x30 && type <= 0x32);
    const auto parsed = parse_igmp(summed(std::move(bytes)));
    EXPECT_EQ(parsed.has_value(), known) << type;
    if (!known) {
      EXPECT_EQ(parsed.error(), ParseError::kUnhandledType) << type;
    }
  }
}

TEST(ParseIgmp, ReadsTheFirstEightBytesOfALongerReport) {  // IGMP-R-09
  struct Row {
    const char* bytes;
    Message<Igmp> message;
  };
  for (const auto& [bytes, message] : {
           Row{"12 00 00 00 ef 01 02 03 aa bb cc dd", Report<Igmp>{Version::k1, kGroup}},
           Row{"16 00 00 00 ef 01 02 03 aa bb cc dd", Report<Igmp>{Version::k2, kGroup}},
           Row{"17 00 00 00 ef 01 02 03 aa", Leave<Igmp>{kGroup}},
       }) {
    EXPECT_EQ(parse_igmp(summed(bytes)), Parsed{message}) << bytes;
    EXPECT_EQ(parse_igmp(test::with_checksum(hex(bytes), 2, 8)), fail(ParseError::kBadChecksum));
  }
}

TEST(ParseIgmp, DoesNotInterpretTheSecondByteOfAReport) {  // IGMP-R-10
  EXPECT_EQ(parse_igmp(summed("12 ff 00 00 ef 01 02 03")),
            (Parsed{Report<Igmp>{Version::k1, kGroup}}));
  EXPECT_EQ(parse_igmp(summed("16 ff 00 00 ef 01 02 03")),
            (Parsed{Report<Igmp>{Version::k2, kGroup}}));
  EXPECT_EQ(parse_igmp(summed("17 ff 00 00 ef 01 02 03")), (Parsed{Leave<Igmp>{kGroup}}));
}

TEST(ParseIgmp, LeavesTheRecordsOfAReportWhereTheyLie) {  // IGMP-R-11, IGMP-R-13
  // Two records by its own account, the bytes of one: that is for RecordReader to find out.
  const auto bytes = summed("22 00 00 00 00 00 00 02 04 00 00 00 ef 01 02 03");
  const auto parsed = parse_igmp(bytes);
  ASSERT_TRUE(parsed);
  const auto& report = std::get<RecordReport<Igmp>>(*parsed);
  EXPECT_EQ(report.count, 2);
  EXPECT_EQ(report.records.data(), bytes.data() + 8);
  EXPECT_EQ(report.records.size(), 8U);
}

TEST(ParseIgmp, SumsAllOfAReport) {  // IGMP-R-01, IGMP-R-02
  const auto bytes = hex("22 00 00 00 00 00 00 01 04 00 00 00 ef 01 02 03 de ad be ef");
  EXPECT_TRUE(parse_igmp(summed(bytes)));
  for (const std::size_t covered : {8U, 16U, 18U}) {
    EXPECT_EQ(parse_igmp(test::with_checksum(bytes, 2, covered)), fail(ParseError::kBadChecksum))
        << covered;
  }
}

TEST(ParseIgmp, IgnoresTheReservedFieldsOfAReport) {  // IGMP-R-14, D-03
  const auto record = hex("04 00 00 00 ef 01 02 03");
  EXPECT_EQ(parse_igmp(summed("22 ff 00 00 ff ff 00 01 04 00 00 00 ef 01 02 03")),
            (Parsed{RecordReport<Igmp>{1, record}}));
}

TEST(ParseIgmp, IgnoresTheReservedFlagsOfAQuery) {  // IGMP-R-14, D-03, D-09
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 00 00 00 00 f2 7d 00 00")),
            (Parsed{Message<Igmp>{kVersion3}}));
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 00 00 00 00 82 7d 00 00 00 01 00 04 01 02 03 04")),
            (Parsed{Message<Igmp>{kVersion3}}));
  auto suppressed = kVersion3;
  suppressed.suppress = true;
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 00 00 00 00 fa 7d 00 00")),
            (Parsed{Message<Igmp>{suppressed}}));
}

TEST(ParseIgmp, RefusesAGroupThatIsNotMulticast) {  // IGMP-R-25
  struct Row {
    const char* group;
    bool accepted;
  };
  for (const auto& [group, accepted] : {
           Row{"0a 00 00 01", false},
           Row{"df ff ff ff", false},
           Row{"e0 00 00 00", true},
           Row{"ef ff ff ff", true},
           Row{"f0 00 00 01", false},
           Row{"ff ff ff ff", false},
       }) {
    for (const char* type : {"11 64 00 00", "12 00 00 00", "16 00 00 00", "17 00 00 00"}) {
      SCOPED_TRACE(testing::Message() << type << ' ' << group);
      const auto parsed = parse_igmp(summed(hex(std::string{type} + group)));
      ASSERT_EQ(parsed.has_value(), accepted);
      if (!accepted) {
        EXPECT_EQ(parsed.error(), ParseError::kBadGroup);
      }
    }
    const auto query = std::string{"11 64 00 00"} + group + "02 7d 00 00";
    EXPECT_EQ(parse_igmp(summed(hex(query))).has_value(), accepted) << query;
  }
}

TEST(ParseIgmp, RefusesAReportOfTheUnspecifiedGroup) {  // IGMP-R-25
  for (const char* bytes : {"12 00 00 00 00 00 00 00", "16 00 00 00 00 00 00 00"}) {
    EXPECT_EQ(parse_igmp(summed(bytes)), fail(ParseError::kBadGroup)) << bytes;
  }
}

TEST(ParseIgmp, TakesALeaveOfTheUnspecifiedGroupForASolicitation) {  // SNP-08
  const auto parsed = parse_igmp(summed("17 00 00 00 00 00 00 00"));
  ASSERT_EQ(parsed, (Parsed{Leave<Igmp>{}}));
  EXPECT_TRUE(Leave<Igmp>{}.is_solicitation());
  EXPECT_FALSE(Leave<Igmp>{kGroup}.is_solicitation());
}

TEST(ParseIgmp, IgnoresTheGroupOfAVersion1Query) {
  EXPECT_EQ(parse_igmp(summed("11 00 00 00 0a 00 00 01")),
            (Parsed{Message<Igmp>{Query<Igmp>{.version = Version::k1}}}));
}

TEST(ParseIgmp, RefusesAGeneralQueryWithSources) {  // IGMP-R-26
  EXPECT_EQ(parse_igmp(summed("11 64 00 00 00 00 00 00 02 7d 00 01 c0 00 02 01")),
            fail(ParseError::kBadGroup));
}

TEST(ParseIgmp, ReadsTheFloatsOfAQuery) {  // IGMP-F-14, IGMP-F-17
  struct Row {
    const char* bytes;
    Duration response, interval;
  };
  for (const auto& [bytes, response, interval] : {
           Row{"11 7f 00 00 00 00 00 00 00 7f 00 00", 12'700ms, 127s},
           Row{"11 80 00 00 00 00 00 00 00 80 00 00", 12'800ms, 128s},
           Row{"11 a2 00 00 00 00 00 00 00 92 00 00", 57'600ms, 288s},
           Row{"11 ff 00 00 00 00 00 00 00 ff 00 00", 3'174'400ms, 31'744s},
       }) {
    EXPECT_EQ(parse_igmp(summed(bytes)),
              (Parsed{Message<Igmp>{Query<Igmp>{
                  .version = Version::k3, .max_response = response, .query_interval = interval}}}))
        << bytes;
  }
}

/// Bytes that are close to a message: fields at their places, any values, any tail.
Buffer nearly_a_message() {
  const auto byte = [] { return *rc::gen::arbitrary<std::uint8_t>(); };
  const auto type = *rc::gen::element<std::uint8_t>(0x11, 0x12, 0x16, 0x17);
  Buffer bytes{type, byte(), 0, 0, 0, 0, 0, 0};
  if (*rc::gen::arbitrary<bool>()) {
    const auto first = static_cast<std::uint8_t>(0xe0U | (byte() & 0x0fU));
    bytes = {type, byte(), 0, 0, first, byte(), byte(), byte()};
  }
  const auto sources = *rc::gen::inRange<std::uint8_t>(0, 4);
  for (const auto next : {byte(), byte(), std::uint8_t{0}, sources}) bytes.push_back(next);
  for (auto i = *rc::gen::inRange<std::size_t>(0, 20); i > 0; --i) bytes.push_back(byte());
  if (*rc::gen::arbitrary<bool>()) bytes.resize(8);
  return summed(std::move(bytes));
}

RC_GTEST_PROP(ParseIgmp, WritesWhatItReadSoThatItReadsTheSame, ()) {
  const auto message = parse_igmp(nearly_a_message());
  RC_PRE(message.has_value());
  RC_ASSERT(parse_igmp(test::bytes_of(*message)) == message);
}

}  // namespace
}  // namespace mcq::wire
