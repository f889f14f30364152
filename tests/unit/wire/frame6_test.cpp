#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/frames.hpp"
#include "support/hex.hpp"

// The IPv6 half of frame.hpp.

namespace mcq::wire {
namespace {

using test::hex;
using test::joined;
using test::seen;
using Golden = test::GoldenPacket<Mld>;
using Seen = test::Seen<Mld>;

constexpr Ipv6Address kSource = Golden::kSource;
constexpr std::size_t kHeaderSize = Golden::kHeaderSize;
const std::string& kAlert = Golden::kAlert;
const Buffer& kPayload = Golden::kPayload;
const Buffer& kPacket = Golden::kPacket;
const Seen kGood{kSource, Mld::kAllNodes, Golden::kPayload};

/// A packet with these bytes behind its fixed header, which announces `next`.
Buffer packet_of(std::uint8_t next, const Buffer& behind) {
  auto bytes = Golden::kHeader;
  bytes[5] = static_cast<std::uint8_t>(behind.size());
  bytes[6] = next;
  return joined(std::move(bytes), behind);
}

/// A packet with these hop-by-hop options, of which 6, 14, 22 … bytes fill whole units.
Buffer packet_with_options(const std::string& options, const Buffer& payload = kPayload) {
  const auto bytes = hex(options);
  Buffer header{58, static_cast<std::uint8_t>((bytes.size() + 2) / 8 - 1)};
  return packet_of(0, joined(joined(std::move(header), bytes), payload));
}

TEST(Ipv6Packet, IsTheGoldenHeadersAndItsPayload) {  // MLD-F-01, -03, -04, -14, RA-02
  EXPECT_EQ(ipv6_packet(kSource, Mld::kAllNodes, kPayload), kPacket);
}

TEST(EthernetAddress, HoldsTheLow32BitsOfAnIpv6Group) {  // MLD-F-06, MLD-F-07
  struct Row {
    Ipv6Address group;
    MacAddress mac;
  };
  for (const auto& [group, mac] :
       {Row{Mld::kAllNodes, {{0x33, 0x33, 0, 0, 0, 1}}},
        Row{{{0xff, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x80, 0x81, 0x82, 0x83}},
            {{0x33, 0x33, 0x80, 0x81, 0x82, 0x83}}}}) {
    EXPECT_EQ(ethernet_address(group), mac) << to_string(group);
  }
}

TEST(ParseIpv6, RefusesAHeaderThatCannotBe) {  // MLD-R-03, MLD-R-05, MLD-R-20
  struct Row {
    const char* what;
    std::size_t offset;
    std::uint8_t byte;
    ParseError error;
  };
  using enum ParseError;
  for (const auto& [what, offset, byte, error] : {
           Row{"version 4", 0, 0x40, kBadIpHeader},
           Row{"version 0", 0, 0x00, kBadIpHeader},
           Row{"payload length 0", 5, 0, kBadIpHeader},
           Row{"payload shorter than the options", 5, 7, kBadIpHeader},
           Row{"payload length above what is there", 5, 37, kTruncated},
           Row{"payload length far above", 4, 0xff, kTruncated},
           Row{"UDP", 6, 17, kWrongProtocol},
           Row{"ICMP of IPv4", 6, 1, kWrongProtocol},
           Row{"a routing header", 6, 43, kWrongProtocol},
           Row{"destination options", 6, 60, kWrongProtocol},
           Row{"no next header", 6, 59, kWrongProtocol},
           Row{"a fragment", 6, 44, kFragment},
           Row{"hop limit 0", 7, 0, kWrongTtl},
           Row{"hop limit 2", 7, 2, kWrongTtl},
           Row{"hop limit 64", 7, 64, kWrongTtl},
           Row{"hop limit 255", 7, 255, kWrongTtl},
           Row{"a multicast source", 8, 0xff, kBadSource},
           Row{"UDP behind the options", kHeaderSize, 17, kWrongProtocol},
           Row{"a routing header behind the options", kHeaderSize, 43, kWrongProtocol},
           Row{"destination options behind the options", kHeaderSize, 60, kWrongProtocol},
           Row{"options behind the options", kHeaderSize, 0, kWrongProtocol},
           Row{"a fragment behind the options", kHeaderSize, 44, kFragment},
           Row{"options longer than the packet", kHeaderSize + 1, 4, kBadIpHeader},
           Row{"the longest options", kHeaderSize + 1, 255, kBadIpHeader},
       }) {
    auto bytes = kPacket;
    bytes[offset] = byte;
    EXPECT_EQ(seen<Mld>(bytes), fail(error)) << what;
  }
}

TEST(ParseIpv6, AcceptsWhatSwitchesAndHostsMayChange) {
  struct Row {
    const char* what;
    std::size_t offset;
    std::uint8_t byte;
  };
  for (const auto& [what, offset, byte] :
       {Row{"traffic class, high", 0, 0x6c}, Row{"traffic class and flow label", 1, 0xff},
        Row{"flow label", 3, 1}, Row{"hop limit 1", 7, 1}}) {
    auto bytes = kPacket;
    bytes[offset] = byte;
    EXPECT_EQ(seen<Mld>(bytes), kGood) << what;
  }
  // Who may be believed is for parse_mld to say: a report from :: is told apart from nonsense.
  EXPECT_EQ(seen<Mld>(ipv6_packet({}, kSource, kPayload)), (Seen{{}, kSource, kPayload}));
}

TEST(ParseIpv6, FindsRouterAlertAmongOtherOptions) {  // MLD-R-04, RA-02, RA-03
  for (const std::string options : {
           "05 02 00 00 01 00",                          // as we send it
           "05 02 00 00 00 00",                          // with two Pad1 behind it
           "00 00 05 02 00 00",                          // and in front
           "01 00 05 02 00 00",                          // PadN in front
           "00 05 02 00 00 00",                          // unaligned
           "01 06 ee ee ee ee ee ee 05 02 00 00 01 00",  // a longer PadN
           "1e 06 05 02 00 00 01 00 05 02 00 00 01 00",  // behind an option to be skipped
           "05 02 00 00 1e 08 ff ff ff ff ff ff ff ff",  // in front of one
           "05 02 00 02 00 00 05 02 00 00 00 00 00 00",  // behind another Router Alert
       }) {
    EXPECT_EQ(seen<Mld>(packet_with_options(options)), kGood) << options;
  }
}

TEST(ParseIpv6, RefusesMldWithoutRouterAlert) {  // MLD-R-04, MLD-R-05, RA-03
  for (const std::string options : {
           "01 04 00 00 00 00",  // only PadN
           "00 00 00 00 00 00",  // only Pad1
           "05 02 00 01 01 00",  // for RSVP
           "05 02 01 00 01 00",  // value 256
           "05 00 00 00 00 00",  // without a value
           "05 04 00 00 00 00",  // too long a value
           "05 01 00 01 01 00",  // too short a value
           "1e 04 05 02 00 00",  // as data of another option
       }) {
    EXPECT_EQ(seen<Mld>(packet_with_options(options)), fail(ParseError::kNoRouterAlert)) << options;
  }
  EXPECT_EQ(seen<Mld>(packet_of(58, kPayload)), fail(ParseError::kNoRouterAlert));
}

TEST(ParseIpv6, DoesNotMindOtherIcmpv6WithoutRouterAlert) {  // MLD-R-13
  for (unsigned type = 0; type < 256; ++type) {
    auto payload = kPayload;
    payload[0] = static_cast<std::uint8_t>(type);
    auto bytes = packet_of(58, payload);
    bytes[7] = 255;  // that of Neighbor Discovery
    const bool is_mld = (type >= 130 && type <= 132) || type == 143 || (type >= 151 && type <= 153);
    EXPECT_EQ(seen<Mld>(bytes),
              fail(is_mld ? ParseError::kNoRouterAlert : ParseError::kUnhandledType))
        << type;
  }
  EXPECT_EQ(seen<Mld>(packet_of(58, {})), fail(ParseError::kUnhandledType));
}

TEST(ParseIpv6, RefusesOptionsThatDoNotFit) {  // RA-03, MLD-R-19
  for (const std::string options : {
           "05 02 00 00 01 01",  // one byte too long
           "05 02 00 00 00 01",  // length missing
           "05 02 00 00 00 05",  // a second one, length missing
           "01 ff 05 02 00 00",  // longer than any header
           "01 05 05 02 00 00",
       }) {
    EXPECT_EQ(seen<Mld>(packet_with_options(options)), fail(ParseError::kBadIpHeader)) << options;
    // Nothing behind them: what reads on leaves the packet.
    EXPECT_EQ(seen<Mld>(packet_with_options(options, {})), fail(ParseError::kBadIpHeader))
        << options;
  }
}

TEST(ParseIpv6, RefusesOptionsLongerThanThePacket) {  // RA-03, MLD-R-19
  for (const std::uint8_t units : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{255}}) {
    auto bytes = packet_with_options(kAlert, {});
    EXPECT_EQ(seen<Mld>(bytes), (Seen{kSource, Mld::kAllNodes, {}}));
    bytes[kHeaderSize + 1] = units;
    EXPECT_EQ(seen<Mld>(bytes), fail(ParseError::kBadIpHeader)) << int{units};
  }
}

TEST(ParseIpv6, SkipsOnlyUnknownOptionsThatMayBeSkipped) {  // RFC 8200 §4.2
  struct Row {
    const char* type;
    bool accepted;
  };
  for (const auto& [type, accepted] : {Row{"3e", true}, Row{"1e", true}, Row{"5e", false},
                                       Row{"9e", false}, Row{"de", false}, Row{"c2", false}}) {
    const auto bytes = packet_with_options("05 02 00 00" + std::string{type} + "00");
    EXPECT_EQ(parse_ipv6(bytes).has_value(), accepted) << type;
  }
}

TEST(ParseIpv6, TakesTheLongestOptions) {
  std::string options = kAlert;
  for (int i = 0; i < 255; ++i) options += "01 06 ff ff ff ff ff ff";
  const auto hop_options = hex(options);
  auto behind = joined(joined({58, 255}, hop_options), kPayload);
  auto bytes = packet_of(0, behind);
  bytes[4] = static_cast<std::uint8_t>(behind.size() >> 8U);
  EXPECT_EQ(seen<Mld>(bytes), kGood);
}

TEST(ParseIpv6, MayHaveNoPayload) {
  EXPECT_EQ(seen<Mld>(ipv6_packet(kSource, Mld::kAllNodes, {})),
            (Seen{kSource, Mld::kAllNodes, {}}));
}

RC_GTEST_PROP(ParseIpv6, ReadsBackWhatIpv6PacketWrote,
              (std::array<std::uint8_t, 16> source, std::array<std::uint8_t, 16> destination,
               Buffer payload)) {
  RC_PRE(source[0] != 0xff);
  const auto bytes = ipv6_packet({source}, {destination}, payload);
  RC_ASSERT((seen<Mld>(bytes) == Result<Seen, ParseError>{Seen{{source}, {destination}, payload}}));
}

}  // namespace
}  // namespace mcq::wire
