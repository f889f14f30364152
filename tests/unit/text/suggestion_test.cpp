#include "text/suggestion.hpp"

#include <gtest/gtest.h>

namespace mcq::text {
namespace {

const std::vector<std::string> kWords{"run", "status", "groups", "hosts", "watch", "exporter"};

TEST(Suggestion, IsTheWordWithATypingError) {
  for (const auto& [given, meant] : std::vector<std::pair<const char*, const char*>>{
           {"stauts", "status"},   // two letters changed places
           {"group", "groups"},    // one too few
           {"grouups", "groups"},  // one too many
           {"hoste", "hosts"},     // another one
           {"exprter", "exporter"},
           {"expotrerr", "exporter"},  // two errors
           {"ruin", "run"},
           {"exp", "exporter"},  // the beginning
           {"status", "status"}}) {
    EXPECT_EQ(suggestion(given, kWords), meant) << given;
  }
}

TEST(Suggestion, IsNoneForAnotherWord) {
  for (const auto* given : {"", "r", "frob", "ab", "statistics", "suns", "eth0", "hots-are-many"}) {
    EXPECT_EQ(suggestion(given, kWords), "") << given;
  }
  EXPECT_EQ(suggestion("status", {}), "");
}

}  // namespace
}  // namespace mcq::text
