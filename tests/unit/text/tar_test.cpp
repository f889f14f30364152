#include "text/tar.hpp"

#include <gtest/gtest.h>

namespace mcq::text {
namespace {

TEST(Tar, FillsBlocks) {
  EXPECT_EQ(tar_entry("a", "", 0).size(), 512U);
  EXPECT_EQ(tar_entry("a", "x", 0).size(), 1024U);
  EXPECT_EQ(tar_entry("a", std::string(512, 'x'), 0).size(), 1024U);
  EXPECT_EQ(tar_entry("a", std::string(513, 'x'), 0).size(), 1536U);
  EXPECT_EQ(tar_end(), std::string(1024, '\0'));
}

/// Places of POSIX.1-1988: the size is 12 bytes at 124, the checksum at 148 counts itself as
/// blanks.
TEST(Tar, HasTheFieldsOfUstar) {
  const auto entry = tar_entry("dir/name", "hello", 8);
  EXPECT_EQ(entry.substr(0, 9), std::string("dir/name\0", 9));
  EXPECT_EQ(entry.substr(124, 12), std::string("00000000005\0", 12));
  EXPECT_EQ(entry.substr(136, 12), std::string("00000000010\0", 12));
  EXPECT_EQ(entry.substr(257, 8), std::string("ustar\0"
                                              "00",
                                              8));
  EXPECT_EQ(entry.substr(512, 6), std::string("hello\0", 6));
  auto header = entry.substr(0, 512);
  const auto told = std::stoul(header.substr(148, 6), nullptr, 8);
  header.replace(148, 8, 8, ' ');
  unsigned long sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  EXPECT_EQ(told, sum);
}

}  // namespace
}  // namespace mcq::text
