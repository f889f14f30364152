#include "monitor/event_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::monitor {
namespace {

using core::Notice;
using testing::HasSubstr;

constexpr MacAddress kSender{{2, 0, 0, 0, 0, 0x99}};

std::string igmp(Notice notice) {
  return explain(core::Noticed<Igmp>{notice, {{10, 0, 0, 7}}}, kSender);
}
std::string mld(Notice notice) {
  constexpr Ipv6Address kFrom{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}};
  return explain(core::Noticed<Mld>{notice, kFrom}, kSender);
}

TEST(Notices, SayWhoWithBothAddresses) {
  EXPECT_EQ(igmp(Notice::kOlderHost),
            "host 10.0.0.7 (02:00:00:00:00:99) uses an older IGMP version: its groups "
            "fall back to that version");
  EXPECT_EQ(mld(Notice::kOlderReport),
            "report from fe80::7 (02:00:00:00:00:99) ignored: of an older MLD version "
            "(accept-older-reports)");
  EXPECT_THAT(igmp(Notice::kWrongDestination), HasSubstr("must be sent to 224.0.0.1"));
  EXPECT_THAT(mld(Notice::kWrongDestination), HasSubstr("must be sent to ff02::1"));
}

TEST(Notices, NameTheSettingThatSaysOtherwise) {
  struct Row {
    Notice notice;
    const char* setting;
  };
  for (const auto& [notice, setting] :
       {Row{Notice::kForeignSubnet, "(require-same-subnet)"},
        Row{Notice::kUnicastQuery, "(accept-unicast-query)"},
        Row{Notice::kOlderReport, "(accept-older-reports)"},
        Row{Notice::kForeignReport, "(verify-source-subnet)"},
        Row{Notice::kAnySource, "(ssm-aware)"}, Row{Notice::kTooManyGroups, "(raise max-groups)"},
        Row{Notice::kIgnoredQuerier, "is in ignore-queriers"},
        Row{Notice::kRogueRefused, "not in trusted-queriers"},
        Row{Notice::kRogueRefused, "we keep querying (on-rogue-querier)"},
        Row{Notice::kRogueQuerier, "we yield to it (on-rogue-querier)"},
        Row{Notice::kTooManySources, "(raise max-sources-per-group; "},
        Row{Notice::kTooManyHosts, "(raise max-hosts-per-group; "}}) {
    EXPECT_THAT(igmp(notice), HasSubstr(setting));
  }
}

TEST(Notices, SayWhatIsAnnounced) {
  EXPECT_EQ(
      explain(core::Noticed<Igmp>{Notice::kLongSilence, {{10, 0, 0, 7}}, 2'462'200ms}, kSender),
      "query from 10.0.0.7 (02:00:00:00:00:99) announces that it may be silent for 2462.2s: "
      "we take over sooner, unless it is in trusted-queriers");
}

TEST(Notices, AllBeginWithWhoItWas) {
  for (std::size_t i = 0; i < core::kNoticeCount; ++i) {
    const auto text = igmp(static_cast<Notice>(i));
    SCOPED_TRACE(text);
    const auto who = text.find("10.0.0.7 (02:00:00:00:00:99) ");
    ASSERT_NE(who, std::string::npos);
    EXPECT_THAT(text.substr(0, who), testing::AnyOf("query from ", "report from ", "leave from ",
                                                    "host ", "router discovery message from "));
    EXPECT_GT(text.size(), who + std::string{"10.0.0.7 (02:00:00:00:00:99) "}.size());
  }
}

}  // namespace
}  // namespace mcq::monitor
