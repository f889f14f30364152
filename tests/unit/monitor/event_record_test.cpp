#include "monitor/event_record.hpp"

#include <gtest/gtest.h>

namespace mcq::monitor {
namespace {

using namespace std::string_literals;

TEST(JournalEntry, HasALineForEachField) {
  EXPECT_EQ(journal_entry({"MESSAGE=eth0: a = b", "PRIORITY=6"}),
            "MESSAGE=eth0: a = b\nPRIORITY=6\n");
}

TEST(JournalEntry, ALineBreakInAValueAddsNoField) {
  EXPECT_EQ(journal_entry({"MESSAGE=a\nPRIORITY=0", "PRIORITY=6"}),
            "MESSAGE\n\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\nPRIORITY=6\n"s);
}

TEST(JournalEntry, AFieldHasABound) {
  const std::string longest = "MESSAGE=" + std::string(8192 - 8, 'x');
  EXPECT_EQ(journal_entry({longest}), longest + "\n");
  EXPECT_EQ(journal_entry({longest + "y"}), longest + "\n");
}

}  // namespace
}  // namespace mcq::monitor
