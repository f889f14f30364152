#include "api/query_parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Returns the error, which says what was given and what is allowed; empty without one.
template <class T>
std::string error(const Result<T>& result) {
  return result ? "" : result.error().message;
}

TEST(QueryParameters, SelectWhatIsListed) {
  instance::InstanceTable instances;
  instances["eth0"];
  struct Row {
    QueryParameters parameters;
    Selection selection;
  };
  for (const auto& [parameters, selection] : {
           Row{{}, {}},
           Row{{{"interface", "eth0"}}, {.interface = "eth0"}},
           Row{{{"family", "ipv4"}}, {.family = "ipv4"}},
           Row{{{"family", "ipv6"}}, {.family = "ipv6"}},
           Row{{{"limit", "1"}}, {.limit = 1}},
           Row{{{"limit", "16777216"}}, {.limit = kMaxListed}},
           Row{{{"interface", "eth0"}, {"family", "ipv4"}, {"limit", "7"}}, {"eth0", "ipv4", 7}},
           Row{{{"group", "239.1.2.3"}}, {}},
       }) {
    const auto parsed = parse_selection(parameters, instances);
    ASSERT_TRUE(parsed) << error(parsed);
    EXPECT_EQ(*parsed, selection);
  }
}

TEST(QueryParameters, SelectNothingThatCannotBe) {
  instance::InstanceTable instances;
  EXPECT_THAT(error(parse_selection({{"interface", "eth0"}}, instances)),
              AllOf(HasSubstr("'eth0'"), HasSubstr("served are: none")));
  instances["eth0"];
  instances["eth1"];
  struct Row {
    QueryParameters parameters;
    const char *given, *allowed;
  };
  for (const auto& [parameters, given, allowed] : {
           Row{{{"interface", "eth9"}}, "interface is 'eth9'", "served are: eth0, eth1"},
           Row{{{"interface", ""}}, "interface is ''", "served are: eth0, eth1"},
           Row{{{"family", "ipv5"}}, "family is 'ipv5'", "ipv4 or ipv6"},
           Row{{{"family", "IPv4"}}, "family is 'IPv4'", "ipv4 or ipv6"},
           Row{{{"limit", "0"}}, "limit is '0'", "a number from 1 to 16777216"},
           Row{{{"limit", "16777217"}}, "limit is '16777217'", "1 to 16777216"},
           Row{{{"limit", "99999999999999999999"}}, "limit is '99999999999999999999'", "1 to"},
           Row{{{"limit", "-1"}}, "limit is '-1'", "1 to"},
           Row{{{"limit", "1x"}}, "limit is '1x'", "1 to"},
           Row{{{"limit", ""}}, "limit is ''", "1 to"},
       }) {
    EXPECT_THAT(error(parse_selection(parameters, instances)),
                AllOf(HasSubstr(given), HasSubstr(allowed)));
  }
}

TEST(QueryParameters, NameAGroup) {
  EXPECT_EQ(parse_group({}), std::optional<IpAddress>{});
  for (const std::string group : {"224.0.0.1", "239.1.2.3", "ff02::fb", "ff3e::1234"}) {
    EXPECT_EQ(parse_group({{"group", group}}), parse_address(group)) << group;
  }
  for (const std::string address : {"10.0.0.1", "fe80::1", "hello", "", "239.1.2", "239.1.2.3 "}) {
    EXPECT_EQ(error(parse_group({{"group", address}})),
              "group is '" + address + "', but it must be a multicast address");
  }
}

TEST(QueryParameters, TellWhichEventsToFollow) {
  struct Row {
    QueryParameters parameters;
    const char* last_event_id;
    std::optional<std::uint64_t> since;
    bool details;
  };
  for (const auto& [parameters, last_event_id, since, details] : {
           Row{{}, "", std::nullopt, true},
           Row{{{"since", "7"}}, "", 7U, true},
           Row{{}, "8", 8U, true},
           Row{{{"since", "7"}}, "8", 7U, true},
           Row{{{"since", "0"}}, "x", 0U, true},
           Row{{{"since", "9223372036854775807"}}, "", 9'223'372'036'854'775'807U, true},
           Row{{{"details", "true"}}, "", std::nullopt, true},
           Row{{{"details", "false"}}, "8", 8U, false},
       }) {
    const auto follow = parse_follow_events(parameters, last_event_id);
    ASSERT_TRUE(follow) << error(follow);
    EXPECT_EQ(follow->since, since);
    EXPECT_EQ(follow->details, details);
  }
}

TEST(QueryParameters, TellWhetherFurtherEventsAreAwaited) {
  EXPECT_FALSE(parse_follow_events({}, "")->ends);
  EXPECT_FALSE(parse_follow_events({{"follow", "true"}}, "")->ends);
  EXPECT_TRUE(parse_follow_events({{"follow", "false"}, {"since", "0"}}, "")->ends);
}

TEST(QueryParameters, TellNoEventsThatCannotBe) {
  EXPECT_EQ(error(parse_follow_events({{"follow", ""}}, "")),
            "follow is '', but it must be true or false");
  EXPECT_EQ(error(parse_follow_events({{"details", "no"}}, "")),
            "details is 'no', but it must be true or false");
  for (const std::string since : {"-1", "", "9223372036854775808", "1 "}) {
    EXPECT_EQ(error(parse_follow_events({{"since", since}}, "")),
              "since is '" + since + "', but it must be a number from 0 to 9223372036854775807");
  }
  EXPECT_THAT(error(parse_follow_events({}, "x")), HasSubstr("Last-Event-ID is 'x'"));
}

}  // namespace
}  // namespace mcq::api
