#include "app/table_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/querier_rig.hpp"

namespace mcq::app {
namespace {

using core::FilterMode;
using test::Lan;
using test::Rig;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimePoint kNow{1000s};

TEST(DescribeGroup, ThatAllSourcesReach) {
  core::Group<Igmp> group{.address = {{239, 1, 2, 3}},
                          .last_reporter = {{10, 0, 0, 5}},
                          .mode = FilterMode::kExclude,
                          .since = kNow - 12'300ms,
                          .expires = kNow + 139'900ms};
  group.older_until[1] = kNow + 1ns;
  group.hosts = {{{{10, 0, 0, 5}}, Igmp::Version::k2, kNow - 3'100ms},
                 {{{10, 0, 0, 6}}, Igmp::Version::k3, kNow - 1s}};
  EXPECT_EQ(describe(group, kNow),
            "IGMP 239.1.2.3 exclude {} version 2 since 12.3s expires 139.9s last-reporter 10.0.0.5 "
            "hosts {10.0.0.5 v2 3.1s, 10.0.0.6 v3 1.0s}");
  EXPECT_THAT(describe(group, kNow + 1ns), HasSubstr(" version 3 "));
}

TEST(DescribeGroup, ThatCertainSourcesReach) {
  const core::Group<Igmp> group{.address = {{232, 1, 1, 1}},
                                .last_reporter = {{10, 0, 0, 5}},
                                .since = kNow - 1s,
                                .sources = {{.address = {{10, 9, 9, 9}}, .expires = kNow + 130s}}};
  EXPECT_EQ(describe(group, kNow),
            "IGMP 232.1.1.1 include {10.9.9.9 130.0s} version 3 since 1.0s last-reporter 10.0.0.5 "
            "hosts {}");
}

TEST(DescribeGroup, TellsRequestedFromExcludedSources) {
  const core::Group<Mld> group{.address = Lan<Mld>::kGroup,
                               .last_reporter = Lan<Mld>::host(5),
                               .mode = FilterMode::kExclude,
                               .since = kNow,
                               .expires = kNow + 1s,
                               .sources = {{.address = Lan<Mld>::source(1)},
                                           {.address = Lan<Mld>::source(2), .expires = kNow + 2s}}};
  EXPECT_EQ(describe(group, kNow),
            "MLD ff3e::1234 exclude {2001:db8::1 excluded, 2001:db8::2 2.0s} version 2 since 0.0s "
            "expires 1.0s last-reporter fe80::5 hosts {}");
}

TEST(DescribeGroup, WhatIsOverdueIsDueNow) {
  const core::Group<Igmp> group{
      .address = {{239, 1, 2, 3}}, .mode = FilterMode::kExclude, .expires = kNow - 1s};
  EXPECT_THAT(describe(group, kNow), HasSubstr(" expires 0.0s "));
}

TEST(DescribeGroup, ListsSoManyMembersAndCountsTheRest) {
  core::Group<Igmp> group{.address = {{239, 1, 2, 3}}};
  const auto add = [&] {
    group.hosts.push_back({.address = Lan<Igmp>::source(0), .last_report = kNow});
  };
  for (std::size_t i = 0; i < kMostReportedMembers; ++i) add();
  EXPECT_THAT(describe(group, kNow), testing::Not(HasSubstr("more")));
  for (int i = 0; i < 3; ++i) add();
  EXPECT_THAT(describe(group, kNow), testing::EndsWith("198.51.0.0 v3 0.0s, 3 more}"));
}

template <Family F>
std::vector<std::string> report(const Rig<F>& rig) {
  std::vector<std::string> lines;
  report_table<F>("eth0", rig.querier(), rig.settings(), rig.now(),
                  [&](const std::string& line) { lines.push_back(line); });
  return lines;
}

TEST(TableReport, BeginsWithASum) {
  Rig<Igmp> rig;
  EXPECT_THAT(report(rig), ElementsAre("eth0: IGMP: querier none, 0 of at most 131072 groups, "
                                       "0 sources, 0 hosts"));
  rig.link_up();
  EXPECT_THAT(report(rig), ElementsAre("eth0: IGMP: querier 192.0.2.10, 0 of at most 131072 "
                                       "groups, 0 sources, 0 hosts"));
  rig.hear(1s, Rig<Igmp>::kLower);
  EXPECT_THAT(report(rig)[0], HasSubstr("eth0: IGMP: querier 192.0.2.2, "));
}

TEST(TableReport, HasALineForEachGroupByAddress) {
  Rig<Mld> rig;
  rig.link_up();
  const std::array sources{Lan<Mld>::source(1), Lan<Mld>::source(2)};
  for (const auto n : std::array<std::uint16_t, 3>{300, 2, 1}) {
    rig.apply(1s, core::RecordHeard<Mld>{Lan<Mld>::host(n == 2 ? 7 : 5),
                                         {RecordType::kIsIn, Lan<Mld>::group(n), sources}});
  }
  rig.run_until(3s);
  EXPECT_THAT(
      report(rig),
      ElementsAre("eth0: MLD: querier fe80::a, 3 of at most 131072 groups, 6 sources, 3 hosts",
                  "eth0: MLD ff15::9:1 include {2001:db8::1 268.0s, 2001:db8::2 268.0s} version 2 "
                  "since 2.0s last-reporter fe80::5 hosts {fe80::5 v2 2.0s}",
                  "eth0: MLD ff15::9:2 include {2001:db8::1 268.0s, 2001:db8::2 268.0s} version 2 "
                  "since 2.0s last-reporter fe80::7 hosts {fe80::7 v2 2.0s}",
                  "eth0: MLD ff15::9:12c include {2001:db8::1 268.0s, 2001:db8::2 268.0s} version "
                  "2 since 2.0s last-reporter fe80::5 hosts {fe80::5 v2 2.0s}"));
}

TEST(TableReport, EndsAfterAThousandGroups) {
  Rig<Igmp> rig;
  rig.link_up();
  const auto join = [&](std::uint16_t n) {
    rig.apply(
        1s, core::ReportHeard<Igmp>{Lan<Igmp>::host(5), {Igmp::Version::k2, Lan<Igmp>::group(n)}});
  };
  for (std::uint16_t n = 0; n < kMostReportedGroups; ++n) join(n);
  ASSERT_EQ(report(rig).size(), 1 + kMostReportedGroups);
  EXPECT_THAT(report(rig).back(), HasSubstr("eth0: IGMP 239.9.3.231 exclude"));
  for (std::uint16_t n = 0; n < 7; ++n) join(static_cast<std::uint16_t>(kMostReportedGroups + n));
  const auto lines = report(rig);
  ASSERT_EQ(lines.size(), 2 + kMostReportedGroups);
  EXPECT_THAT(lines[kMostReportedGroups], HasSubstr("eth0: IGMP 239.9.3.231 exclude"));
  EXPECT_EQ(lines.back(), "eth0: IGMP: and 7 more");
}

}  // namespace
}  // namespace mcq::app
