#include "config/prefix_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(PrefixList, AreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_querier<Igmp>("192.0.2.1"), (Result<Prefix<4>>{{{{192, 0, 2, 1}}, 32}}));
  EXPECT_EQ(parse_querier<Igmp>("192.0.2.0/24"), (Result<Prefix<4>>{{{{192, 0, 2, 0}}, 24}}));
  EXPECT_EQ(parse_querier<Igmp>("192.0.2.128/25"), (Result<Prefix<4>>{{{{192, 0, 2, 128}}, 25}}));
  EXPECT_EQ(parse_querier<Igmp>("0.0.0.0/0"), (Result<Prefix<4>>{Prefix<4>{}}));
  EXPECT_EQ(parse_querier<Igmp>("128.0.0.0/2"), (Result<Prefix<4>>{{{{128}}, 2}}));
  EXPECT_EQ(parse_querier<Mld>("fe80::/64"), (Result<Prefix<16>>{{{{0xfe, 0x80}}, 64}}));
  EXPECT_EQ(parse_querier<Mld>("::/0"), (Result<Prefix<16>>{Prefix<16>{}}));
  EXPECT_EQ(parse_querier<Mld>("fe80::"), (Result<Prefix<16>>{{{{0xfe, 0x80}}, 128}}));
}

TEST(PrefixList, AreWrittenAsTheyAreRead) {
  for (const auto* text : {"192.0.2.1", "192.0.2.0/24", "0.0.0.0/0"}) {
    EXPECT_EQ(to_string(*parse_querier<Igmp>(text)), text);
  }
  for (const auto* text : {"fe80::1", "fe80::/64", "::/0"}) {
    EXPECT_EQ(to_string(*parse_querier<Mld>(text)), text);
  }
}

TEST(PrefixList, ThatMeanNothingAreRefusedWithWhatIsAllowed) {
  for (const auto* text :
       {"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8",
        "192.0.2.0/24 ", " 192.0.2.1", "192.0.2", "192.0.2.256", "192.0.2.0/24/8", "192.0.2.0/2x",
        "fe80::1", "eth0", "192.0.2.0/99999999999999999999"}) {
    SCOPED_TRACE(text);
    const auto refused = parse_querier<Igmp>(text);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "'" + std::string{text} +
                  "' is not allowed: it must be an IPv4 address or a prefix, "
                  "as 192.0.2.1 or 192.0.2.0/24");
  }
  for (const auto* text : {"192.0.2.1", "fe80::1%eth0", "fe80::/129", "fe80:/64"}) {
    SCOPED_TRACE(text);
    const auto refused = parse_querier<Mld>(text);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("it must be an IPv6 address or a prefix, as"));
  }
}

TEST(PrefixList, BitsBehindThePrefixAreAMistake) {
  const auto refused = parse_querier<Igmp>("192.0.2.5/24");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "'192.0.2.5/24' is not allowed: it has bits behind its prefix: write '192.0.2.5' for "
            "that address alone, or '192.0.2.0/24' for all of them");
  EXPECT_FALSE(parse_querier<Mld>("fe80::1/64"));
  EXPECT_FALSE(parse_querier<Igmp>("192.0.2.129/25"));
}

TEST(PrefixList, WhereNoQuerierCanBeAreAMistake) {
  for (const auto* text : {"0.0.0.0", "0.0.0.0/8", "224.0.0.1", "224.0.0.0/4", "255.255.255.255"}) {
    const auto refused = parse_querier<Igmp>(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("no querier has such an address"));
  }
  for (const auto* text : {"::", "::1", "2001:db8::/32", "ff02::1", "fec0::/10"}) {
    const auto refused = parse_querier<Mld>(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("link-local addresses, as fe80::1"));
  }
}

TEST(PrefixList, OverlapWhereTheyHaveAnAddressInCommon) {
  using List = std::vector<Prefix<4>>;
  const auto list = [](std::initializer_list<const char*> texts) {
    List all;
    for (const auto* text : texts) all.push_back(*parse_querier<Igmp>(text));
    return all;
  };
  EXPECT_EQ(find_overlap(list({"192.0.2.1"}), list({"192.0.2.2"})), std::nullopt);
  EXPECT_EQ(find_overlap(list({"192.0.2.0/25"}), list({"192.0.2.128/25"})), std::nullopt);
  EXPECT_EQ(find_overlap(List{}, list({"0.0.0.0/0"})), std::nullopt);
  for (const auto& [wide, narrow] :
       {std::pair{"192.0.2.0/24", "192.0.2.7"}, std::pair{"192.0.2.7", "192.0.2.7"},
        std::pair{"0.0.0.0/0", "10.0.0.0/8"}}) {
    const auto a = *parse_querier<Igmp>(wide), b = *parse_querier<Igmp>(narrow);
    EXPECT_EQ(find_overlap(list({"198.51.100.1", wide}), list({narrow})), (std::pair{a, b}));
    EXPECT_EQ(find_overlap(list({narrow}), list({wide})), (std::pair{b, a}));
  }
}

}  // namespace
}  // namespace mcq::config
