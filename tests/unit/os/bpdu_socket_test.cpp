#include "os/bpdu_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "support/hex.hpp"

namespace mcq::os {
namespace {

using test::hex;

/// A pair of sockets, of which one lets through what the filter does.
class Gate {
 public:
  Gate() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends_.data()), 0);
    auto filter = bpdu_filter();
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    EXPECT_EQ(::setsockopt(ends_[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
  }
  ~Gate() {
    for (const int end : ends_) ::close(end);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  bool passes(const std::string& frame) {
    const auto bytes = hex(frame);
    EXPECT_EQ(::send(ends_[0], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    std::array<std::uint8_t, 256> buffer{};
    return ::recv(ends_[1], buffer.data(), buffer.size(), 0) == static_cast<ssize_t>(bytes.size());
  }

 private:
  std::array<int, 2> ends_{};
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
