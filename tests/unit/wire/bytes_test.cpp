#include "wire/bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

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
           Row{"01", 0xfeff},           // an odd byte is the high half of its word
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

TEST(Checksum, CoversWhatComesBefore) {  // MLD-F-05
  const auto bytes = hex("00 01 f2 03 f4 f5 f6 f7");
  EXPECT_EQ(internet_sum(bytes), 0xddf2);  // RFC 1071 §3
  EXPECT_EQ(checksum(Bytes{bytes}.subspan(2), 0x0001), 0x220d);
  EXPECT_EQ(checksum({}, 0x1234'0001), 0xedca);  // 1234 + 0001, folded
  static_assert(checksum({}, 0xffff'ffff) == 0);
}

/// RFC 1071 §1 word by word.
std::uint16_t obvious_checksum(const Buffer& bytes, std::size_t from) {
  std::uint64_t sum = 0;
  for (auto i = from; i < bytes.size(); i += 2) {
    sum += bytes[i] * 256U + (i + 1 < bytes.size() ? bytes[i + 1] : 0U);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

TEST(Checksum, IsThatOfTheObviousLoopAtEveryLengthAndPlace) {
  Buffer bytes;
  for (unsigned i = 0; i < 80; ++i) bytes.push_back(static_cast<std::uint8_t>(251 * i + 7));
  while (!bytes.empty()) {
    for (std::size_t from = 0; from <= std::min<std::size_t>(8, bytes.size()); ++from) {
      EXPECT_EQ(checksum(Bytes{bytes}.subspan(from)), obvious_checksum(bytes, from))
          << bytes.size() << " bytes but " << from;
    }
    bytes.pop_back();
  }
}

RC_GTEST_PROP(Checksum, IsThatOfTheObviousLoop, (const Buffer& bytes)) {
  const auto from = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
  RC_ASSERT(checksum(Bytes{bytes}.subspan(from)) == obvious_checksum(bytes, from));
}

TEST(Bytes, AreSeenAsAddressesWhereTheyLie) {
  const auto bytes = hex("ff 01 02 03 04 05 06 07 08 09");
  const auto seen = addresses<4>(Bytes{bytes}.subspan(1));  // whatever the alignment
  ASSERT_EQ(seen.size(), 2U);                               // and half of one is none
  EXPECT_EQ(seen[0], (Ipv4Address{{1, 2, 3, 4}}));
  EXPECT_EQ(seen[1], (Ipv4Address{{5, 6, 7, 8}}));
  EXPECT_EQ(seen[0].bytes.data(), bytes.data() + 1);
  EXPECT_TRUE(addresses<16>(bytes).empty());
  EXPECT_TRUE(addresses<4>({}).empty());
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
