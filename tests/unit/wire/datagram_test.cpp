#include "wire/datagram.hpp"

#include <gtest/gtest.h>

#include "support/hex.hpp"

namespace mcq::wire {
namespace {

using test::hex;

const Buffer kIpv4 =
    hex("45 00 00 20 00 00 40 00 05 11 00 00 c0 00 02 1e ef 01 02 03"
        "13 88 13 8c 00 0c 00 00 de ad be ef");
const Buffer kIpv6 =
    hex("60 00 00 00 00 0c 11 07 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 1e"
        "ff 05 00 00 00 00 00 00 00 00 00 00 00 00 01 23"
        "13 88 13 8c 00 0c 00 00 de ad be ef");
const Datagram<Igmp> kDatagram4{{{192, 0, 2, 30}}, {{239, 1, 2, 3}}, 5004, 5, 32};
const Datagram<Mld> kDatagram6{{{0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1e}},
                               {{0xff, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x23}},
                               5004,
                               7,
                               52};

TEST(Datagram, IsReadFromItsHeaders) {
  EXPECT_EQ(parse_datagram<Igmp>(kIpv4), kDatagram4);
  EXPECT_EQ(parse_datagram<Mld>(kIpv6), kDatagram6);
}

/// A capture may hold no more than the headers.
TEST(Datagram, MayBeCutBehindItsPorts) {
  for (std::size_t size = 0; size <= kIpv4.size(); ++size) {
    const auto cut = parse_datagram<Igmp>(Bytes{kIpv4}.first(size));
    EXPECT_EQ(cut, size < 24 ? std::nullopt : std::optional{kDatagram4}) << size;
  }
  for (std::size_t size = 0; size <= kIpv6.size(); ++size) {
    const auto cut = parse_datagram<Mld>(Bytes{kIpv6}.first(size));
    EXPECT_EQ(cut, size < 44 ? std::nullopt : std::optional{kDatagram6}) << size;
  }
}

TEST(Datagram, MayHaveIpOptions) {
  auto bytes = kIpv4;
  bytes[0] = 0x46;
  bytes.insert(bytes.begin() + 20, {1, 1, 1, 0});
  EXPECT_EQ(parse_datagram<Igmp>(bytes), kDatagram4);
  EXPECT_EQ(parse_datagram<Igmp>(Bytes{bytes}.first(27)), std::nullopt);
}

TEST(Datagram, OtherPacketsAreNone) {
  struct Row {
    const char* what;
    std::size_t offset;
    std::uint8_t byte;
  };
  for (const auto& [what, offset, byte] :
       {Row{"TCP", 9, 6}, Row{"unicast", 16, 192}, Row{"version 6", 0, 0x65},
        Row{"a header too short", 0, 0x44}, Row{"a later fragment", 7, 1}}) {
    auto bytes = kIpv4;
    bytes[offset] = byte;
    EXPECT_EQ(parse_datagram<Igmp>(bytes), std::nullopt) << what;
  }
  for (const auto& [what, offset, byte] :
       {Row{"TCP", 6, 6}, Row{"unicast", 24, 0xfe}, Row{"version 4", 0, 0x40}}) {
    auto bytes = kIpv6;
    bytes[offset] = byte;
    EXPECT_EQ(parse_datagram<Mld>(bytes), std::nullopt) << what;
  }
}

}  // namespace
}  // namespace mcq::wire
