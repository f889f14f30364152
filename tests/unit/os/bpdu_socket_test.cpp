#include "os/bpdu_socket.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/filter_gate.hpp"
#include "support/hex.hpp"

namespace mcq::os {
namespace {

using test::hex;

/// Whether the filter passes the frame with these bytes.
struct Gate {
  bool passes(const std::string& frame) { return gate.passes(hex(frame)); }
  test::FilterGate gate{bpdu_filter()};
};

const std::string kStp = "0180c2000000 020000000001 0026 424203 0000";
const std::string kPvst = "01000ccccccd 020000000001 0032 aaaa0300000c010b 0000";

TEST(BpduFilter, PassesThoseWithTheFlag) {  // SNP-09
  Gate gate;
  for (const auto& header : {kStp, kPvst}) {
    EXPECT_TRUE(gate.passes(header + "00 80"));
    for (const auto* type : {"00 00", "02 02", "03 02"}) {
      EXPECT_TRUE(gate.passes(header + type + "01")) << header << type;
      EXPECT_TRUE(gate.passes(header + type + "7f")) << header << type;
    }
  }
}

TEST(BpduFilter, DropsThoseWithoutIt) {  // SNP-09
  Gate gate;
  for (const auto& header : {kStp, kPvst}) {
    for (const auto* type : {"00 00", "02 02", "03 02"}) {
      EXPECT_FALSE(gate.passes(header + type + "00")) << header << type;
      EXPECT_FALSE(gate.passes(header + type + "fe")) << header << type;
    }
    EXPECT_FALSE(gate.passes(header + "00 03 01"));
  }
}

TEST(BpduFilter, DropsOtherFrames) {
  Gate gate;
  for (const auto* frame :
       {"0180c200000e 020000000001 0026 424203 0000 0000 01",
        "0180c2000100 020000000001 0026 424203 0000 0000 01",
        "0180c2000000 020000000001 0026 424202 0000 0000 01",
        "0180c2000000 020000000001 0026 e0e003 0000 0000 01",
        "0180c2000000 020000000001 0026 424203 0001 0000 01",
        "01000ccccccc 020000000001 0032 aaaa0300000c010b 0000 0202 01",
        "01000ccccccd 020000000001 0032 aaaa0300000c2004 0000 0202 01",
        "01000ccccccd 020000000001 0032 424203 0000 0000 01", "ffffffffffff 020000000001 0800"}) {
    EXPECT_FALSE(gate.passes(frame)) << frame;
  }
}

TEST(BpduFilter, DropsWhatEndsBeforeTheFlags) {
  Gate gate;
  EXPECT_FALSE(gate.passes(kStp + "00"));
  EXPECT_FALSE(gate.passes(kStp + "00 00"));
  EXPECT_FALSE(gate.passes("0180c2000000 020000000001 0026 4242"));
}

}  // namespace
}  // namespace mcq::os
