#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/hex.hpp"
#include "support/messages.hpp"
#include "wire/mld.hpp"

// What parse_mld makes of messages that nobody should send, and of those that somebody may.

namespace mcq::wire {
namespace {

using test::hex;
using Version = Mld::Version;
using Parsed = Result<Message<Mld>, ParseError>;

constexpr Ipv6Address kNeighbour{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6Address kGroup{{0xff, 0x3e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34}};
constexpr Ipv6Address kSource{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

const std::string kNoGroup = "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
const std::string kGroupBytes = "ff 3e 00 00 00 00 00 00 00 00 00 00 00 00 12 34";
const std::string kSourceBytes = "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01";
const std::string kVersion2Bytes = "82 00 00 00 27 10 00 00" + kNoGroup + "02 7d 00 00";

const Query<Mld> kVersion1{.version = Version::k1, .max_response = 10s};
const Query<Mld> kVersion2{
    .version = Version::k2, .max_response = 10s, .query_interval = 125s, .robustness = 2};

/// The bytes with a checksum that is right for the first `covered` of them: the pseudo header is
/// the sum of its fields (RFC 8200 §8.1).
Buffer summed(Buffer bytes, std::size_t covered, const Ipv6Address& source,
              const Ipv6Address& destination) {
  Buffer pseudo(source.bytes.begin(), source.bytes.end());
  append(pseudo, destination);
  append(pseudo, static_cast<std::uint32_t>(bytes.size()));
  append(pseudo, std::uint32_t{58});
  const auto offset = pseudo.size();
  pseudo.insert(pseudo.end(), bytes.begin(), bytes.end());
  pseudo = test::with_checksum(std::move(pseudo), offset + 2, offset + covered);
  std::copy_n(pseudo.begin() + static_cast<std::ptrdiff_t>(offset), bytes.size(), bytes.begin());
  return bytes;
}

/// What becomes of the bytes once their checksum is right. The records of a report are gone.
Parsed parse_summed(const Buffer& bytes, const Ipv6Address& source = kNeighbour,
                    const Ipv6Address& destination = kGroup) {
  return parse_mld(summed(bytes, bytes.size(), source, destination), source, destination);
}
Parsed parse_summed(const std::string& text) { return parse_summed(hex(text)); }

/// A message of 24 bytes that is right but for its type.
Buffer of_type(unsigned type) {
  auto bytes = hex("00 00 00 00 00 00 00 00" + kGroupBytes);
  bytes[0] = static_cast<std::uint8_t>(type);
  return bytes;
}

TEST(ParseMld, TellsTheVersionOfAQueryFromItsLength) {  // MLD-R-09
  const auto whole = hex(kVersion2Bytes + "ee ee ee ee");
  for (std::size_t size = 8; size <= whole.size(); ++size) {
    const auto parsed = parse_summed(Buffer(whole.begin(), whole.begin() + static_cast<int>(size)));
    if (size == 24) {
      EXPECT_EQ(parsed, (Parsed{Message<Mld>{kVersion1}}));
    } else if (size >= 28) {
      EXPECT_EQ(parsed, (Parsed{Message<Mld>{kVersion2}})) << size;
    } else {
      EXPECT_EQ(parsed, fail(ParseError::kBadLength)) << size;
    }
  }
}

TEST(ParseMld, RefusesLessThanEightBytes) {  // MLD-R-09, MLD-R-19
  for (const unsigned type : {130U, 131U, 132U, 143U}) {
    for (std::size_t size = 0; size < 8; ++size) {
      auto bytes = of_type(type);
      bytes.resize(size);
      const auto parsed = size < 4 ? parse_mld(bytes, kNeighbour, kGroup) : parse_summed(bytes);
      EXPECT_EQ(parsed, fail(ParseError::kTruncated)) << type << ", " << size;
    }
  }
}

TEST(ParseMld, RefusesAVersion1ReportBelow24Bytes) {  // MLD-R-19
  for (const unsigned type : {131U, 132U}) {
    for (std::size_t size = 8; size < 24; ++size) {
      auto bytes = of_type(type);
      bytes.resize(size);
      EXPECT_EQ(parse_summed(bytes), fail(ParseError::kBadLength)) << type << ", " << size;
    }
    EXPECT_TRUE(parse_summed(of_type(type))) << type;
  }
}

TEST(ParseMld, ReadsTheFirst24BytesOfALongerReport) {  // MLD-R-10
  const auto report = hex("83 00 00 00 00 00 00 00" + kGroupBytes + "aa bb cc dd");
  const auto done = hex("84 00 00 00 00 00 00 00" + kGroupBytes + "aa");
  EXPECT_EQ(parse_summed(report), (Parsed{Report<Mld>{Version::k1, kGroup}}));
  EXPECT_EQ(parse_summed(done), (Parsed{Leave<Mld>{kGroup}}));
  EXPECT_EQ(parse_mld(summed(report, 24, kNeighbour, kGroup), kNeighbour, kGroup),
            fail(ParseError::kBadChecksum));
}

TEST(ParseMld, SumsTrailingBytesAndOtherwiseIgnoresThem) {  // MLD-R-11
  const auto longer = hex(kVersion2Bytes + "de ad be ef 01 02 03 04");
  EXPECT_EQ(parse_summed(longer), (Parsed{Message<Mld>{kVersion2}}));
  EXPECT_EQ(parse_mld(summed(longer, 28, kNeighbour, kGroup), kNeighbour, kGroup),
            fail(ParseError::kBadChecksum));
}

TEST(ParseMld, DoesNotInterpretCodeReservedFieldsAndFlags) {  // MLD-R-12, D-03, D-09
  EXPECT_EQ(parse_summed("82 ff 00 00 27 10 ff ff" + kNoGroup), (Parsed{Message<Mld>{kVersion1}}));
  EXPECT_EQ(parse_summed("82 ff 00 00 27 10 ff ff" + kNoGroup + "f2 7d 00 00"),
            (Parsed{Message<Mld>{kVersion2}}));
  EXPECT_EQ(parse_summed("82 00 00 00 27 10 00 00" + kNoGroup + "82 7d 00 00 00 01 00 04 01 02"),
            (Parsed{Message<Mld>{kVersion2}}));
  EXPECT_EQ(parse_summed("83 ff 00 00 12 34 ff ff" + kGroupBytes),
            (Parsed{Report<Mld>{Version::k1, kGroup}}));
  EXPECT_EQ(parse_summed("84 ff 00 00 12 34 ff ff" + kGroupBytes), (Parsed{Leave<Mld>{kGroup}}));
  const auto record = hex("04 00 00 00" + kGroupBytes);
  const auto report =
      summed(hex("8f ff 00 00 ff ff 00 01 04 00 00 00" + kGroupBytes), 28, kNeighbour, kGroup);
  EXPECT_EQ(parse_mld(report, kNeighbour, kGroup), (Parsed{RecordReport<Mld>{1, record}}));
  auto suppressed = kVersion2;
  suppressed.suppress = true;
  EXPECT_EQ(parse_summed("82 00 00 00 27 10 00 00" + kNoGroup + "fa 7d 00 00"),
            (Parsed{Message<Mld>{suppressed}}));
}

TEST(ParseMld, BelievesOnlyNeighbours) {  // MLD-R-02, MLD-R-06 to -08, MLD-Q-09
  struct Row {
    const char* what;
    Ipv6Address source;
    bool accepted;
  };
  for (const auto& [what, source, accepted] : {
           Row{"fe80::1", kNeighbour, true},
           Row{"febf::1", {{0xfe, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, true},
           Row{"::", {}, false},
           Row{"::1", {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, false},
           Row{"2001:db8::1", kSource, false},
           Row{"fec0::1", {{0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, false},
           Row{"ff02::5", {{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}}, false},
       }) {
    for (const unsigned type : {130U, 131U, 132U, 143U}) {
      SCOPED_TRACE(testing::Message() << what << ", type " << type);
      const auto parsed = parse_summed(of_type(type), source);
      ASSERT_EQ(parsed.has_value(), accepted);
      if (accepted) continue;
      const bool tentative = source.is_unspecified() && (type == 131 || type == 143);
      EXPECT_EQ(parsed.error(),
                tentative ? ParseError::kUnspecifiedSource : ParseError::kBadSource);
    }
  }
}

TEST(ParseMld, ReadsWhateverTheDestination) {  // MLD-R-16, MLD-R-18
  for (const auto& destination : {Mld::kAllNodes, kNeighbour, kSource, kGroup}) {
    EXPECT_EQ(parse_summed(hex(kVersion2Bytes), kNeighbour, destination),
              (Parsed{Message<Mld>{kVersion2}}));
    EXPECT_EQ(parse_summed(of_type(131), kNeighbour, destination),
              (Parsed{Report<Mld>{Version::k1, kGroup}}));
    EXPECT_EQ(parse_summed(of_type(132), kNeighbour, destination), (Parsed{Leave<Mld>{kGroup}}));
  }
}

TEST(ParseMld, ReportsEveryOtherTypeAsUnhandled) {  // MLD-R-13
  for (unsigned type = 0; type < 256; ++type) {
    const bool known = (type >= 130 && type <= 132) || type == 143 || (type >= 151 && type <= 153);
    const auto parsed = parse_summed(of_type(type));
    EXPECT_EQ(parsed.has_value(), known) << type;
    if (known) continue;
    EXPECT_EQ(parsed.error(), ParseError::kUnhandledType) << type;
    EXPECT_EQ(parse_summed(of_type(type), kSource), fail(ParseError::kUnhandledType)) << type;
  }
}

TEST(ParseMld, RefusesAGroupThatIsNotMulticast) {  // MLD-R-15
  const auto with_group = [](unsigned type, const Ipv6Address& group) {
    auto bytes = of_type(type);
    std::copy(group.bytes.begin(), group.bytes.end(), bytes.begin() + 8);
    return bytes;
  };
  for (const auto& group : {kSource, kNeighbour, Ipv6Address{{0xfe, 0xff}}}) {
    for (const unsigned type : {130U, 131U, 132U}) {
      EXPECT_EQ(parse_summed(with_group(type, group)), fail(ParseError::kBadGroup)) << type;
    }
    auto version2 = with_group(130, group);
    version2.insert(version2.end(), {2, 0x7d, 0, 0});
    EXPECT_EQ(parse_summed(version2), fail(ParseError::kBadGroup));
  }
  EXPECT_EQ(parse_summed(with_group(131, {})), fail(ParseError::kBadGroup));
  EXPECT_EQ(parse_summed(with_group(132, {})), fail(ParseError::kBadGroup));
  const Ipv6Address lowest{{0xff}};
  EXPECT_EQ(parse_summed(with_group(131, lowest)), (Parsed{Report<Mld>{Version::k1, lowest}}));
}

TEST(ParseMld, RefusesAGeneralQueryWithSources) {  // MLD-R-15
  EXPECT_EQ(parse_summed("82 00 00 00 27 10 00 00" + kNoGroup + "02 7d 00 01" + kSourceBytes),
            fail(ParseError::kBadGroup));
}

TEST(ParseMld, RefusesAQueryWithFewerSourcesThanItSays) {  // MLD-R-19
  const auto query = [](const std::string& count, const std::string& sources) {
    return "82 00 00 00 27 10 00 00" + kGroupBytes + "02 7d" + count + sources;
  };
  EXPECT_EQ(parse_summed(query("00 02", kSourceBytes)), fail(ParseError::kBadLength));
  EXPECT_EQ(parse_summed(query("ff ff", kSourceBytes)), fail(ParseError::kBadLength));
  EXPECT_EQ(parse_summed(query("00 01", "20 01 0d b8")), fail(ParseError::kBadLength));
  EXPECT_EQ(parse_summed(query("00 01", "")), fail(ParseError::kBadLength));
  auto enough = kVersion2;
  enough.group = kGroup;
  enough.sources = {kSource};
  EXPECT_EQ(parse_summed(query("00 01", kSourceBytes)), (Parsed{Message<Mld>{enough}}));
}

TEST(ParseMld, ReadsTheTimesOfAQuery) {  // MLD-F-09, MLD-F-11, MLD-F-12
  struct Row {
    const char* codes;
    Duration version1, version2;
  };
  for (const auto& [code, version1, version2] :
       {Row{"00 00", 0s, 0s}, Row{"7f ff", 32'767ms, 32'767ms}, Row{"80 00", 32'768ms, 32'768ms},
        Row{"80 01", 32'769ms, 32'776ms}, Row{"ff ff", 65'535ms, 8'387'584ms}}) {
    const auto bytes = std::string{"82 00 00 00"} + code + "00 00" + kNoGroup;
    EXPECT_EQ(parse_summed(bytes),
              (Parsed{Message<Mld>{Query<Mld>{.version = Version::k1, .max_response = version1}}}))
        << code;
    EXPECT_EQ(parse_summed(bytes + "07 92 00 00"),
              (Parsed{Message<Mld>{Query<Mld>{.version = Version::k2,
                                              .max_response = version2,
                                              .query_interval = 288s,
                                              .robustness = 7}}}))
        << code;
  }
}

TEST(ParseMld, LeavesTheRecordsOfAReportWhereTheyLie) {  // MLD-R-19
  // Its sum: fe80 + 1 + 2 * (ff3e + 1234) + 1c + 3a + 8f00 + 2 + 0400 = 3b4bd, so b4c0.
  const auto bytes = hex("8f 00 4b 3f 00 00 00 02 04 00 00 00" + kGroupBytes);
  const auto parsed = parse_mld(bytes, kNeighbour, kGroup);
  ASSERT_TRUE(parsed);
  const auto& report = std::get<RecordReport<Mld>>(*parsed);
  EXPECT_EQ(report.count, 2);
  EXPECT_EQ(report.records.data(), bytes.data() + 8);
  EXPECT_EQ(report.records.size(), 20U);
}

/// Bytes that are close to a message: fields at their places, any values, any tail.
Buffer nearly_a_message() {
  const auto byte = [] { return *rc::gen::arbitrary<std::uint8_t>(); };
  auto bytes = of_type(*rc::gen::element(130U, 131U, 132U));
  for (const std::size_t i : {1U, 4U, 5U, 6U, 7U, 23U}) bytes[i] = byte();
  if (*rc::gen::inRange(0, 4) == 0) std::fill(bytes.begin() + 8, bytes.end(), 0);
  const auto sources = *rc::gen::inRange<std::uint8_t>(0, 4);
  for (const auto next : {byte(), byte(), std::uint8_t{0}, sources}) bytes.push_back(next);
  for (auto i = *rc::gen::inRange<std::size_t>(0, 70); i > 0; --i) bytes.push_back(byte());
  if (*rc::gen::arbitrary<bool>()) bytes.resize(24);
  return bytes;
}

RC_GTEST_PROP(ParseMld, WritesWhatItReadSoThatItReadsTheSame, ()) {
  const auto message = parse_summed(nearly_a_message());
  RC_PRE(message.has_value());
  const auto written = test::bytes_of(*message, kNeighbour, kGroup);
  RC_ASSERT(parse_mld(written, kNeighbour, kGroup) == message);
}

}  // namespace
}  // namespace mcq::wire
