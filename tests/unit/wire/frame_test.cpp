#include "wire/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "support/frames.hpp"
#include "support/hex.hpp"

namespace mcq::wire {
namespace {

using test::hex;
using test::seen;
using test::with_checksum;
using Golden = test::GoldenPacket<Igmp>;
using Seen = test::Seen<Igmp>;

constexpr Ipv4Address kSource = Golden::kSource;
constexpr Ipv4Address kAllSystems = Igmp::kAllNodes;
constexpr std::size_t kChecksumOffset = 10;
constexpr std::size_t kHeaderSize = Golden::kHeaderSize;
const Buffer& kPayload = Golden::kPayload;
const Buffer& kPacket = Golden::kPacket;
const Seen kGood{kSource, kAllSystems, Golden::kPayload};

/// kPacket with one byte of its header changed and the header checksum made right again.
Buffer packet_with(std::size_t offset, std::uint8_t byte) {
  auto bytes = kPacket;
  bytes[offset] = byte;
  return with_checksum(std::move(bytes), kChecksumOffset, kHeaderSize);
}

/// A packet with these bytes of options (a multiple of four) around kPayload.
Buffer packet_with_options(const Buffer& options) {
  auto bytes = hex("45 c0 00 00 00 00 00 00 01 02 00 00 c0 00 02 01 e0 00 00 01");
  bytes[0] = static_cast<std::uint8_t>(bytes[0] + options.size() / 4);
  const auto header_size = bytes.size() + options.size();
  bytes[3] = static_cast<std::uint8_t>(header_size + kPayload.size());
  bytes.insert(bytes.end(), options.begin(), options.end());
  bytes.insert(bytes.end(), kPayload.begin(), kPayload.end());
  return with_checksum(std::move(bytes), kChecksumOffset, header_size);
}

TEST(Ipv4Packet, IsTheGoldenHeaderAndItsPayload) {  // IGMP-F-01 to -03, IGMP-F-21, IGMP-F-26, RA-01
  EXPECT_EQ(ipv4_packet(kSource, kAllSystems, Reach::kLink, kPayload), kPacket);
}

TEST(Ipv4Packet, HasTimeToLiveZeroWhenItStaysOnTheHost) {
  auto expected = kPacket;
  expected[8] = 0;
  expected[10] = 0x43;  // one less in the sum's high byte is one more in its complement
  EXPECT_EQ(ipv4_packet(kSource, kAllSystems, Reach::kHost, kPayload), expected);
}

TEST(Ipv4Packet, CarriesAnySource) {  // IGMP-F-04, SNP-02
  const auto bytes = ipv4_packet({}, kAllSystems, Reach::kLink, kPayload);
  EXPECT_EQ(seen<Igmp>(bytes), (Seen{{}, kAllSystems, kPayload}));
}

TEST(Ipv4Packet, CanLackRouterAlert) {
  const auto bytes =
      ipv4_packet(kSource, kAllSystems, Reach::kLink, kPayload, RouterAlert::kAbsent);
  EXPECT_EQ(bytes.size(), 20 + kPayload.size());
  const auto packet = parse_ipv4(bytes);
  ASSERT_TRUE(packet);
  EXPECT_FALSE(packet->router_alert);
  EXPECT_TRUE(std::ranges::equal(packet->payload, kPayload));
}

TEST(EthernetAddress, HoldsTheLow23BitsOfTheGroup) {  // IGMP-F-05, IGMP-F-06
  struct Row {
    Ipv4Address group;
    MacAddress mac;
  };
  for (const auto& [group, mac] :
       {Row{{{224, 0, 0, 1}}, {{0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}}},
        Row{{{239, 129, 2, 3}}, {{0x01, 0x00, 0x5e, 0x01, 0x02, 0x03}}},
        Row{{{239, 255, 255, 255}}, {{0x01, 0x00, 0x5e, 0x7f, 0xff, 0xff}}}}) {
    EXPECT_EQ(ethernet_address(group), mac) << to_string(group);
  }
}

template <class F>
class ParseIp : public testing::Test {
 protected:
  static Buffer golden() { return test::GoldenPacket<F>::kPacket; }
  static Result<test::Seen<F>, ParseError> good() {
    return test::Seen<F>{test::GoldenPacket<F>::kSource, F::kAllNodes,
                         test::GoldenPacket<F>::kPayload};
  }
};
using Families = testing::Types<Igmp, Mld>;
TYPED_TEST_SUITE(ParseIp, Families);

TYPED_TEST(ParseIp, ReadsTheGoldenPacket) {
  EXPECT_EQ(seen<TypeParam>(this->golden()), this->good());
}

TYPED_TEST(ParseIp, TakesItsLengthFromTheHeaderNotTheFrame) {  // IGMP-R-06, MLD-R-09
  auto padded = this->golden();
  padded.resize(padded.size() + 10, 0xee);
  EXPECT_EQ(seen<TypeParam>(padded), this->good());
}

TYPED_TEST(ParseIp, RefusesEveryShorterFrame) {  // IGMP-R-31, MLD-R-19
  for (auto packet = this->golden(); !packet.empty();) {
    packet.pop_back();
    EXPECT_EQ(seen<TypeParam>(packet), fail(ParseError::kTruncated)) << packet.size() << " bytes";
  }
}

TEST(ParseIpv4, RefusesAHeaderThatCannotBe) {  // IGMP-R-31, IGMP-R-18
  struct Row {
    const char* what;
    std::size_t offset;
    std::uint8_t byte;
    ParseError error;
  };
  using enum ParseError;
  for (const auto& [what, offset, byte, error] : {
           Row{"version 6", 0, 0x66, kBadIpHeader},
           Row{"version 0", 0, 0x06, kBadIpHeader},
           Row{"header of 16 bytes", 0, 0x44, kBadIpHeader},
           Row{"header longer than the packet", 0, 0x4f, kBadIpHeader},
           Row{"total length below the header", 3, 23, kBadIpHeader},
           Row{"total length 0", 3, 0, kBadIpHeader},
           Row{"total length above what is there", 3, 0x25, kTruncated},
           Row{"total length far above", 2, 0xff, kTruncated},
           Row{"more fragments", 6, 0x20, kFragment},
           Row{"fragment offset", 7, 0x01, kFragment},
           Row{"fragment offset, high bit", 6, 0x10, kFragment},
           Row{"UDP", 9, 17, kWrongProtocol},
           Row{"TTL 0", 8, 0, kWrongTtl},
           Row{"TTL 2", 8, 2, kWrongTtl},
           Row{"TTL 64", 8, 64, kWrongTtl},
           Row{"TTL 255", 8, 255, kWrongTtl},
       }) {
    EXPECT_EQ(seen<Igmp>(packet_with(offset, byte)), fail(error)) << what;
  }
}

TEST(ParseIpv4, AcceptsWhatSwitchesAndHostsMayChange) {  // IGMP-R-19, IGMP-R-31
  struct Row {
    const char* what;
    std::size_t offset;
    std::uint8_t byte;
  };
  for (const auto& [what, offset, byte] :
       {Row{"TOS 0", 1, 0}, Row{"TOS 0xff", 1, 0xff}, Row{"identification", 5, 7},
        Row{"may be fragmented", 6, 0}, Row{"TTL 1", 8, 1}}) {
    EXPECT_EQ(seen<Igmp>(packet_with(offset, byte)), kGood) << what;
  }
}

TEST(ParseIpv4, NoticesAnyFlippedBitOfTheHeader) {  // IGMP-R-31
  for (std::size_t bit = 0; bit < kHeaderSize * 8; ++bit) {
    auto bytes = kPacket;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(parse_ipv4(bytes)) << "bit " << bit;
  }
}

TEST(ParseIpv4, ChecksTheHeaderChecksumOverTheOptionsToo) {  // IGMP-R-31
  auto bytes = kPacket;
  bytes[23] = 1;
  EXPECT_EQ(seen<Igmp>(bytes), fail(ParseError::kBadIpChecksum));
}

TEST(ParseIpv4, KnowsWhichSourcesCanBeAHost) {  // IGMP-R-15, IGMP-R-31
  struct Row {
    std::uint8_t first_octet;
    bool accepted;
  };
  for (const auto& [first_octet, accepted] :
       {Row{0, false}, Row{1, true}, Row{10, true}, Row{126, true}, Row{127, false}, Row{128, true},
        Row{223, true}, Row{224, false}, Row{239, false}, Row{240, false}, Row{255, false}}) {
    SCOPED_TRACE(int{first_octet});
    const auto result = parse_ipv4(packet_with(12, first_octet));
    ASSERT_EQ(result.has_value(), accepted);
    if (!accepted) {
      EXPECT_EQ(result.error(), ParseError::kBadSource);
    }
  }
  const auto from_nobody = ipv4_packet({}, kAllSystems, Reach::kLink, kPayload);
  EXPECT_EQ(seen<Igmp>(from_nobody), (Seen{{}, kAllSystems, kPayload}));
}

TEST(ParseIpv4, FindsRouterAlertAmongOtherOptions) {  // RA-01, RA-03, IGMP-R-17
  struct Row {
    const char* what;
    const char* options;
    bool found;
  };
  for (const auto& [what, options, found] : {
           Row{"none", "", false},
           Row{"alone", "94 04 00 00", true},
           Row{"after no-operations", "01 01 01 01 94 04 00 00", true},
           Row{"after another option", "44 04 05 00 94 04 00 00", true},
           Row{"before another option", "94 04 00 00 44 04 05 00", true},
           Row{"unaligned", "01 94 04 00 00 00 00 00", true},
           Row{"behind the end of the options", "00 00 00 00 94 04 00 00", false},
           Row{"as data of another option", "44 08 05 00 94 04 00 00", false},
           Row{"of a wrong length", "94 03 00 00", false},
           Row{"only no-operations", "01 01 01 01", false},
       }) {
    EXPECT_EQ(seen<Igmp>(packet_with_options(hex(options))),
              (Seen{kSource, kAllSystems, kPayload, found}))
        << what;
  }
}

TEST(ParseIpv4, RefusesOptionsThatDoNotFit) {  // RA-03
  struct Row {
    const char* what;
    const char* options;
  };
  for (const auto& [what, options] : {
           Row{"length 0", "44 00 00 00"},
           Row{"length 1", "44 01 00 00"},
           Row{"longer than the header", "94 05 00 00"},
           Row{"length missing", "01 01 01 94"},
           Row{"the second one too long", "94 04 00 00 44 ff 00 00"},
       }) {
    EXPECT_EQ(seen<Igmp>(packet_with_options(hex(options))), fail(ParseError::kBadIpHeader))
        << what;
  }
}

TEST(ParseIpv4, TakesTheLongestHeader) {  // IGMP-R-31
  auto options = Buffer(36, 1);
  options.insert(options.end(), {0x94, 4, 0, 0});
  EXPECT_EQ(seen<Igmp>(packet_with_options(options)), kGood);
}

RC_GTEST_PROP(ParseIpv4, ReadsBackWhatIpv4PacketWrote,
              (std::array<std::uint8_t, 4> source, std::array<std::uint8_t, 4> destination,
               Buffer payload)) {
  RC_PRE(source[0] > 0 && source[0] < 224 && source[0] != 127);
  const auto bytes = ipv4_packet({source}, {destination}, Reach::kLink, payload);
  RC_ASSERT(
      (seen<Igmp>(bytes) == Result<Seen, ParseError>{Seen{{source}, {destination}, payload}}));
}

TEST(ParseError, HasWordsOfItsOwnForEveryReason) {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < kParseErrorCount; ++i) {
    words.push_back(to_string(static_cast<ParseError>(i)));
    EXPECT_FALSE(words.back().empty()) << i;
  }
  EXPECT_EQ(words.front(), "truncated packet");
  EXPECT_EQ(to_string(ParseError::kWrongTtl), "TTL other than 1");
  EXPECT_EQ(to_string(ParseError::kUnhandledType), "message of another type");
  EXPECT_EQ(to_string(ParseError::kNoRouterAlert), "no Router Alert");
  EXPECT_EQ(words.back(), "report from ::");
  std::sort(words.begin(), words.end());
  EXPECT_EQ(std::adjacent_find(words.begin(), words.end()), words.end());
}

}  // namespace
}  // namespace mcq::wire
