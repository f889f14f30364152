#include "wire/bpdu.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/hex.hpp"

// The frames are put together from IEEE 802.1D-2004 §9.3: a BPDU behind 42 42 03, or, for PVST,
// behind a SNAP header.

namespace mcq::wire {
namespace {

using test::hex;

const std::string kToBridges = "01 80 c2 00 00 00  02 00 00 00 00 01";
const std::string kToPvst = "01 00 0c cc cc cd  02 00 00 00 00 01";
const std::string kBehindFlags =  // root, cost, bridge, port, four times
    "80 00 02 00 00 00 00 01  00 00 00 00  80 00 02 00 00 00 00 01  80 01"
    "00 00  14 00  02 00  0f 00";

Buffer configuration(const std::string& flags) {
  return hex(kToBridges + "00 26  42 42 03  00 00 00 00" + flags + kBehindFlags);
}
Buffer rapid(const std::string& flags) {
  return hex(kToBridges + "00 27  42 42 03  00 00 02 02" + flags + kBehindFlags + "00");
}
Buffer pvst(const std::string& flags) {
  return hex(kToPvst + "00 32  aa aa 03 00 00 0c 01 0b  00 00 02 02" + flags + kBehindFlags +
             "00  00 00 00 02 00 14");
}
Buffer notification() { return hex(kToBridges + "00 07  42 42 03  00 00 00 80"); }

TEST(ParseBpdu, TellsWhetherTheTopologyChanged) {  // SNP-09
  for (const auto& make : {configuration, rapid, pvst}) {
    for (const auto& [flags, changed] : {std::pair{"01", true},
                                         {"81", true},
                                         {"7f", true},
                                         {"00", false},
                                         {"80", false},
                                         {"7c", false}}) {
      const auto bpdu = parse_bpdu(make(flags));
      ASSERT_TRUE(bpdu) << flags;
      EXPECT_EQ(bpdu->topology_change, changed) << flags;
    }
  }
}

TEST(ParseBpdu, ANotificationIsAChange) {  // SNP-09
  const auto bpdu = parse_bpdu(notification());
  ASSERT_TRUE(bpdu);
  EXPECT_TRUE(bpdu->topology_change);
}

TEST(ParseBpdu, PaddingIsNoPartOfIt) {
  auto frame = notification();
  frame.resize(60);
  EXPECT_TRUE(parse_bpdu(frame));
  frame = configuration("01");
  frame.resize(60);
  EXPECT_TRUE(parse_bpdu(frame));
}

TEST(ParseBpdu, CutShortItIsRefused) {  // SNP-09
  for (const auto& whole : {configuration("01"), rapid("01"), pvst("01"), notification()}) {
    const auto needed = whole.size() - (whole == pvst("01") ? 6 : 0);
    for (std::size_t size = 0; size < needed; ++size) {
      EXPECT_FALSE(parse_bpdu(Bytes{whole}.first(size))) << size;
    }
  }
}

/// The length field ends it, not the padding.
TEST(ParseBpdu, AShortLengthCutsIt) {
  auto frame = configuration("01");
  frame[13] = 0x25;
  EXPECT_EQ(parse_bpdu(frame).error(), ParseError::kTruncated);
}

TEST(ParseBpdu, OtherFramesAreNone) {
  auto other_address = configuration("01");
  other_address[5] = 0x0e;  // LLDP
  auto other_llc = configuration("01");
  other_llc[14] = 0xe0;
  auto other_protocol = configuration("01");
  other_protocol[18] = 1;
  auto other_type = configuration("01");
  other_type[20] = 0x03;
  auto other_snap = pvst("01");
  other_snap[21] = 0x04;  // VTP and its like
  for (const auto& frame : {other_address, other_llc, other_protocol, other_type, other_snap}) {
    EXPECT_EQ(parse_bpdu(frame).error(), ParseError::kUnhandledType);
  }
}

}  // namespace
}  // namespace mcq::wire
