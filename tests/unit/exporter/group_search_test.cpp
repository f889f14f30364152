#include "exporter/group_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mcq::exporter {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string error(const std::string& query) {
  const auto search = parse_group_search(query);
  return search ? "" : search.error().message;
}

TEST(GroupSearch, HasWordsAndMayNameAnInterfaceAndAFamily) {
  const auto search = parse_group_search("match=%20SSDP%20%2010.0.0.7&interface=eth0&family=ipv4");
  ASSERT_TRUE(search);
  EXPECT_EQ(*search, (GroupSearch{"eth0", "ipv4", {"ssdp", "10.0.0.7"}}));
  EXPECT_EQ(*parse_group_search("match=x"), (GroupSearch{"", "", {"x"}}));
}

TEST(GroupSearch, IsBounded) {
  EXPECT_EQ(error("match=" + std::string(200, 'x')), "");
  EXPECT_THAT(error("match=" + std::string(201, 'x')), HasSubstr("at most 200"));
  EXPECT_EQ(error("match=1%202%203%204%205%206%207%208"), "");
  EXPECT_THAT(error("match=1%202%203%204%205%206%207%208%209"), HasSubstr("at most 8"));
}

TEST(GroupSearch, IsRefusedWithAReason) {
  for (const auto* query : {"", "interface=eth0", "match=", "match=%20%09"}) {
    EXPECT_THAT(error(query), HasSubstr("match is missing")) << query;
  }
  EXPECT_THAT(error("match=x&family=ipv5"), HasSubstr("ipv4 or ipv6"));
  EXPECT_THAT(error("match=x&limit=9"), HasSubstr("there is no parameter 'limit'"));
  EXPECT_THAT(error("match=x&match=y"), HasSubstr("twice"));
  EXPECT_THAT(error("match=%"), HasSubstr("hexadecimal"));
  EXPECT_EQ(error("%1b=x").find('\x1b'), std::string::npos);
}

TEST(GroupSearch, FindsWhatHasAllWords) {
  const json group{{"interface-name", "eth0"},
                   {"family", "ipv4"},
                   {"group-address", "224.0.0.251"},
                   {"filter-mode", "exclude"},
                   {"last-reporter", "10.0.0.9"},
                   {"host", {{{"host-address", "10.0.0.7"}}, {{"host-address", "10.0.0.9"}}}}};
  struct Row {
    GroupSearch search;
    bool is_found;
  };
  for (const auto& [search, is_found] : {
           Row{{"", "", {"0.251"}}, true},
           Row{{"", "", {"mdns"}}, true},
           Row{{"", "", {"exclude", "10.0.0.7"}}, true},
           Row{{"eth0", "ipv4", {"10.0.0.9"}}, true},
           Row{{"", "", {"exclude", "10.0.0.8"}}, false},
           Row{{"", "", {"include"}}, false},
           Row{{"eth1", "", {"mdns"}}, false},
           Row{{"", "ipv6", {"mdns"}}, false},
       }) {
    EXPECT_EQ(matches(group, search), is_found) << search.words.front();
  }
}

TEST(GroupSearch, TakesOddGroups) {
  const GroupSearch any{"", "", {"x"}};
  for (const auto* text : {"null", "7", "[]", "\"x\"", R"({"host":7})",
                           R"({"host":[1,{"host-address":[]}]})", R"({"group-address":{"x":1}})"}) {
    EXPECT_FALSE(matches(json::parse(text), any)) << text;
  }
  EXPECT_TRUE(matches(json::parse(R"({"group-address":"<X>\u0000"})"), any));
}

}  // namespace
}  // namespace mcq::exporter
