#include "wire/bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/hex.hpp"
#include "support/printers.hpp"

namespace mcq::wire {
namespace {

using test::hex;

TEST(Bytes, LoadsBigEndianFields) {
  const auto buffer = hex("01 02 03 04 05 06 07 08 ff");
  const auto bytes = Bytes{buffer}.first<9>();
  EXPECT_EQ((load<std::uint8_t, 8>(bytes)), 0xff);
  EXPECT_EQ((load<std::uint16_t, 1>(bytes)), 0x0203);
  EXPECT_EQ((load<std::uint32_t, 4>(bytes)), 0x05060708U);
  EXPECT_EQ((load<std::uint64_t, 0>(bytes)), 0x0102030405060708U);
  EXPECT_EQ((load_address<4, 5>(bytes)), (Ipv4Address{{6, 7, 8, 255}}));
}

TEST(Bytes, AppendsBigEndianFields) {
  Buffer out;
  append(out, std::uint8_t{0xff});
  append(out, std::uint16_t{0x0203});
  append(out, std::uint32_t{0x04050607});
  append(out, Ipv4Address{{224, 0, 0, 1}});
  EXPECT_EQ(out, hex("ff 02 03 04 05 06 07 e0 00 00 01"));
}

TEST(Checksum, IsTheInternetChecksum) {
  struct Row {
    const char* bytes;
    std::uint16_t sum;
  };
  for (const auto& [bytes, sum] : {
           Row{"", 0xffff},
           Row{"00 00", 0xffff},
           Row{"ff ff", 0x0000},
           Row{"00 01 f2 03 f4 f5 f6 f7", 0x220d},  // RFC 1071 §3: the sum is ddf2
           Row{"11 00 00 00 00 00 00 00", 0xeeff},
           Row{"01", 0xfeff},           // an odd octet is the high half of its word
           Row{"ff ff 00 01", 0xfffe},  // the carry comes round
           Row{"ff ff ff ff ff ff", 0x0000},
       }) {
    SCOPED_TRACE(bytes);
    EXPECT_EQ(checksum(hex(bytes)), sum);
  }
}

TEST(Checksum, FoldsTheCarriesOfALongMessage) {
  EXPECT_EQ(checksum(Buffer(65'534, 0xff)), 0);
  EXPECT_EQ(checksum(Buffer(65'536, 0x80)), 0xbfbf);  // 32768 words of 8080 sum to 40400000
}

RC_GTEST_PROP(Checksum, IsZeroOverWhatCarriesARightOne, (std::vector<std::uint8_t> bytes)) {
  bytes.insert(bytes.begin(), 2, 0);
  set_checksum(bytes, 0);
  RC_ASSERT(checksum(bytes) == 0);
}

RC_GTEST_PROP(Checksum, NoticesAnyFlippedBit, (std::vector<std::uint8_t> bytes)) {
  bytes.insert(bytes.begin(), 2, 0);
  set_checksum(bytes, 0);
  const auto bit = *rc::gen::inRange<std::size_t>(0, bytes.size() * 8);
  bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
  RC_ASSERT(checksum(bytes) != 0);
}

}  // namespace
}  // namespace mcq::wire
