#include "cli/watch_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "text/printable.hpp"

namespace mcq::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

WatchedInterface querier(const std::string& name) {
  return {.name = name,
          .protocol = "IGMPv2",
          .role = "querier",
          .querier = "192.0.2.10",
          .next_query = "0:42",
          .hosts = 14,
          .groups = 31};
}

WatchedGroup group(const std::string& address, double expire = 140) {
  return {.address = *parse_address(address),
          .interface = "eth0",
          .expire = expire,
          .lifetime = 140,
          .hosts = 3,
          .version = 2,
          .last_reporter = "192.0.2.20"};
}

View view(std::size_t groups = 1) {
  View made;
  made.snapshot = Snapshot{.version = "1.0.0",
                           .verdict = "eth0: all is well",
                           .pid = 7,
                           .up_time = 3660,
                           .groups_in_all = groups,
                           .interfaces = {querier("eth0")},
                           .groups = {}};
  for (std::size_t i = 1; i <= groups; ++i) {
    const auto third = std::to_string(i / 256), fourth = std::to_string(i % 256);
    made.snapshot->groups.push_back(group("233.252." + third + "." + fourth));
  }
  return made;
}

std::vector<std::string> lines(const Frame& frame) {
  std::vector<std::string> all;
  std::istringstream text{to_text(frame)};
  for (std::string line; std::getline(text, line);) all.push_back(line);
  return all;
}

/// The style of the span that holds a text.
Style style_of(const Frame& frame, const std::string& text) {
  for (const auto& line : frame.lines) {
    for (const auto& span : line) {
      if (span.text.find(text) != std::string::npos) return span.style;
    }
  }
  ADD_FAILURE() << "nowhere: " << text;
  return Style::kPlain;
}

TEST(WatchView, IsLaidOutInColumns) {
  auto shown = view(0);
  shown.snapshot->groups = {group("224.0.1.129"), group("233.252.0.1", 70)};
  EXPECT_THAT(lines(lay_out(shown, {80, 24})),
              ElementsAre("igmp-querier 1.0.0, up 1:01:00",
                          "eth0: all is well",  //
                          "",                   //
                          "INTERFACE  PROTO   ROLE     QUERIER     NEXT  HOSTS  GROUPS",
                          "eth0       IGMPv2  querier  192.0.2.10  0:42     14      31",  //
                          "Reports/s  -",                                                 //
                          "",                                                             //
                          "Groups 1 to 2 of 2",
                          "GROUP        EXPIRES       IN  HOSTS  VER  LAST REPORTER  NAME",
                          "224.0.1.129  ██████████  2:20      3    2  192.0.2.20     PTP",
                          "233.252.0.1  █████░░░░░  1:10      3    2  192.0.2.20", "", "", "", "",
                          "", "", "", "", "", "", "", "",
                          "q quit  Tab hosts  s sort  r reverse  / filter  arrows scroll"));
}

WatchedHost host(const std::string& address, double last_report = 3) {
  return {.address = *parse_address(address),
          .interface = "eth0",
          .mac_address = "02:00:00:00:00:02",
          .version = 3,
          .up_time = 3725,
          .last_report = last_report};
}

TEST(WatchView, ShowsHostsInstead) {
  auto shown = view(3);
  shown.list.kind = ListChoice::Kind::kHosts;
  shown.snapshot->hosts = {host("192.0.2.100"), host("192.0.2.20", 70)};
  shown.snapshot->hosts[1].silent = true;
  shown.snapshot->hosts[1].name = "tv.lan";
  shown.snapshot->hosts_in_all = 2;
  const auto frame = lay_out(shown, {80, 24});
  const auto all = lines(frame);
  EXPECT_EQ(all[7], "Hosts 1 to 2 of 2");
  EXPECT_EQ(all[8], "HOST          HOST NAME  MAC ADDRESS        VER  FIRST SEEN  LAST REPORT");
  EXPECT_EQ(all[9], "192.0.2.20 ?  tv.lan     02:00:00:00:00:02    3     1:02:05         1:10");
  EXPECT_EQ(all[10], "192.0.2.100              02:00:00:00:00:02    3     1:02:05         0:03");
  EXPECT_EQ(all[23], "q quit  Tab groups  s sort  r reverse  / filter  arrows scroll");
  EXPECT_EQ(style_of(frame, "192.0.2.20 ?"), Style::kWarning);
  EXPECT_EQ(style_of(frame, "192.0.2.100"), Style::kPlain);
}

TEST(WatchView, SortsAndFilters) {
  auto shown = view(0);
  shown.snapshot->groups = {group("239.1.1.1", 50), group("239.1.1.2", 90),
                            group("224.0.1.129", 70)};
  const auto first_words = [&] {
    std::vector<std::string> words;
    for (const auto& line : lines(lay_out(shown, {}))) {
      if (line.starts_with('2')) words.push_back(line.substr(0, line.find(' ')));
    }
    return words;
  };
  EXPECT_THAT(first_words(), ElementsAre("224.0.1.129", "239.1.1.1", "239.1.1.2"));
  shown.list.order() = {.column = 2, .reverse = true};
  EXPECT_THAT(first_words(), ElementsAre("239.1.1.2", "224.0.1.129", "239.1.1.1"));
  EXPECT_THAT(to_text(lay_out(shown, {})),
              HasSubstr("\nGroups 1 to 3 of 3, by EXPIRES reversed\n"));
  shown.list.filter = "ptp";  // its name
  EXPECT_THAT(first_words(), ElementsAre("224.0.1.129"));
  EXPECT_THAT(to_text(lay_out(shown, {})), HasSubstr("\nGroups 1 to 1 of 1 with 'ptp', by "));
  shown.list.filter = "nothing";
  EXPECT_THAT(to_text(lay_out(shown, {})), HasSubstr("\nNo groups with 'nothing'\n"));
}

TEST(WatchView, TheLastLineShowsTheFilterBeingTyped) {
  auto shown = view(30);
  shown.types_filter = true;
  shown.list.filter = "233";
  EXPECT_EQ(lines(lay_out(shown, {80, 24})).back(), "Filter: 233_   Enter keeps it, Esc clears it");
}

TEST(WatchView, CountsFurtherFindings) {
  auto shown = view();
  EXPECT_THAT(to_text(lay_out(shown, {80, 24})), Not(HasSubstr("further")));
  shown.snapshot->further_findings = 2;
  EXPECT_EQ(lines(lay_out(shown, {80, 24}))[2], "2 further findings: igmp-querier status");
}

TEST(WatchView, WithoutAnEndItShowsEverythingAndNoKeys) {
  const auto frame = lay_out(view(300), {80, Size::kEndless});
  EXPECT_THAT(frame.lines, SizeIs(9 + 300));
  EXPECT_EQ(lines(frame)[0], "igmp-querier 1.0.0, up 1:01:00");
}

TEST(WatchView, FitsEverySize) {
  auto shown = view(50);
  shown.snapshot->interfaces.resize(9, querier("eth1"));
  for (int i = 0; i < 9; ++i) {
    Snapshot next = *shown.snapshot;
    next.reports = static_cast<std::uint64_t>(i * i);
    shown.rates.add(next, i);
  }
  for (const auto& trouble : {"", "a sentence about what the trouble is", "onlyonewordbutlong"}) {
    shown.trouble = trouble;
    for (const std::size_t columns :
         std::initializer_list<std::size_t>{0, 1, 2, 3, 5, 9, 12, 20, 43, 60, 79, 80, 200}) {
      for (const std::size_t rows :
           std::initializer_list<std::size_t>{0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 24, 90}) {
        const auto frame = lay_out(shown, {columns, rows});
        ASSERT_LE(frame.lines.size(), rows);
        for (const auto& line : lines(frame)) ASSERT_LE(text::width(line), columns) << line;
      }
    }
  }
}

TEST(WatchView, ScrollsNoFurtherThanThereAreGroups) {
  auto shown = view(30);
  const Size size{80, 24};
  const auto top = lay_out(shown, size);
  EXPECT_EQ(top.first, 0U);
  EXPECT_EQ(top.page, 24U - 10);
  EXPECT_THAT(lines(top)[22], StartsWith("233.252.0.14 "));
  shown.first = 4;
  EXPECT_THAT(lines(lay_out(shown, size))[9], StartsWith("233.252.0.5 "));
  EXPECT_THAT(to_text(lay_out(shown, size)), HasSubstr("\nGroups 5 to 18 of 30\n"));
  shown.first = Size::kEndless;
  const auto end = lay_out(shown, size);
  EXPECT_EQ(end.first, 16U);
  EXPECT_THAT(lines(end)[22], StartsWith("233.252.0.30 "));
}

TEST(WatchView, WithoutRoomForAGroupItCountsNone) {
  EXPECT_THAT(to_text(lay_out(view(30), {80, 10})), HasSubstr("\nGroups 1 to 1 of 30\n"));
  EXPECT_THAT(to_text(lay_out(view(30), {80, 9})), Not(HasSubstr("Groups ")));
  EXPECT_THAT(to_text(lay_out(view(0), {80, 9})), HasSubstr("\nNo groups\n"));
}

TEST(WatchView, SaysThatThereAreMoreGroupsThanItKnows) {
  auto shown = view(2);
  shown.snapshot->groups_in_all = 5000;
  EXPECT_THAT(to_text(lay_out(shown, {})), HasSubstr("\nGroups 1 to 2 of 2, of 5000 in all\n"));
  EXPECT_THAT(to_text(lay_out(view(0), {})), HasSubstr("\nNo groups\n"));
}

TEST(WatchView, ABarShowsWhatIsLeftOfTheTime) {
  struct Row {
    double expire;
    std::string bar;
    Style style;
  };
  for (const auto& [expire, bar, style] :
       {Row{140, "##########", Style::kGood}, Row{500, "##########", Style::kGood},
        Row{126, "#########.", Style::kGood}, Row{35, "###.......", Style::kGood},
        Row{34, "##........", Style::kWarning}, Row{0, "..........", Style::kWarning}}) {
    SCOPED_TRACE(expire);
    auto shown = view(0);
    shown.utf8 = false;
    shown.snapshot->groups = {group("233.252.0.1", expire)};
    const auto frame = lay_out(shown, {});
    EXPECT_THAT(to_text(frame), HasSubstr("  " + bar + "  "));
    EXPECT_EQ(style_of(frame, bar), style);
  }
}

TEST(WatchView, AnUnknownLifetimeFillsNoBar) {
  auto shown = view(1);
  shown.snapshot->groups[0].lifetime = 0;
  EXPECT_THAT(to_text(lay_out(shown, {})), HasSubstr("░░░░░░░░░░"));
}

View with_rates(const std::vector<double>& rates) {
  auto shown = view();
  double moment = 0;
  shown.rates.add(*shown.snapshot, moment);
  for (const auto rate : rates) {
    shown.snapshot->reports += static_cast<std::uint64_t>(rate * 10);
    shown.rates.add(*shown.snapshot, moment += 10);
  }
  return shown;
}

TEST(WatchView, ACurveShowsRatesAgainstTheHighest) {
  auto shown = with_rates({0, 7, 70, 40, 0.5});
  EXPECT_EQ(lines(lay_out(shown, {}))[5], "Reports/s  0.5  at most 70  ▁▂█▅▁");
  shown.utf8 = false;
  EXPECT_EQ(lines(lay_out(shown, {}))[5], "Reports/s  0.5  at most 70  _.#=_");
  EXPECT_EQ(lines(lay_out(with_rates({0, 0}), {}))[5], "Reports/s  0.0  at most 0.0  ▁▁");
}

TEST(WatchView, ACurveWithoutRoomLosesItsOldest) {
  EXPECT_EQ(lines(lay_out(with_rates({0, 7, 70, 40, 0.5}), {30, 24}))[5],
            "Reports/s  0.5  at most 70  ▅▁");
}

TEST(WatchView, ManyInterfacesLeaveRoomForGroups) {
  auto shown = view(5);
  shown.snapshot->interfaces.assign(20, querier("eth0"));
  const auto text = to_text(lay_out(shown, {80, 24}));
  EXPECT_THAT(text, HasSubstr("\nand 13 more\n"));
  EXPECT_THAT(text, HasSubstr("\n233.252.0.5 "));
  EXPECT_THAT(to_text(lay_out(shown, {80, Size::kEndless})), Not(HasSubstr("more")));
}

TEST(WatchView, GroupsNameTheirInterfaceWhereThereAreSeveral) {
  auto shown = view(1);
  EXPECT_THAT(to_text(lay_out(shown, {})), Not(HasSubstr("\nGROUP        INTERFACE")));
  shown.snapshot->interfaces.push_back(querier("eth1"));
  EXPECT_THAT(to_text(lay_out(shown, {})), HasSubstr("\nGROUP        INTERFACE  EXPIRES"));
  EXPECT_THAT(to_text(lay_out(shown, {})), HasSubstr("\n233.252.0.1  eth0       ███"));
}

TEST(WatchView, HealthIsInTheColours) {
  auto shown = view();
  shown.snapshot->interfaces[0].role = "a-role";
  EXPECT_EQ(style_of(lay_out(shown, {}), "all is well"), Style::kGood);
  EXPECT_EQ(style_of(lay_out(shown, {}), "a-role"), Style::kGood);
  shown.snapshot->healthy = shown.snapshot->interfaces[0].healthy = false;
  shown.snapshot->verdict = "eth0: no link";
  EXPECT_EQ(style_of(lay_out(shown, {}), "no link"), Style::kBad);
  EXPECT_EQ(style_of(lay_out(shown, {}), "a-role"), Style::kBad);
}

TEST(WatchView, TroubleTakesThePlaceOfTheVerdict) {
  auto shown = view();
  shown.trouble = "nobody answers";
  const auto frame = lay_out(shown, {});
  EXPECT_EQ(lines(frame)[1], "nobody answers");
  EXPECT_EQ(style_of(frame, "nobody answers"), Style::kBad);
  EXPECT_THAT(to_text(frame), Not(HasSubstr("all is well")));
  EXPECT_THAT(to_text(frame), HasSubstr("233.252.0.1 ")) << "what was known is still there";
  EXPECT_EQ(to_text(lay_out({}, {})), "igmp-querier\nWaiting for the daemon's answer\n");
}

TEST(WatchView, LongSentencesBreakBetweenWords) {
  auto shown = view();
  shown.snapshot->verdict = "one two three four five six seven";
  EXPECT_THAT(lines(lay_out(shown, {9, 5})),
              ElementsAre("igmp-quer", "one two", "three", "four five", ""));
  shown.snapshot->verdict = "abcdefghijklm no";
  EXPECT_THAT(lines(lay_out(shown, {5, 4})), ElementsAre("igmp-", "abcde", "fghij", "klm"));
  shown.snapshot->verdict = "äöüäöüä ßß";  // two bytes and one column each
  EXPECT_THAT(lines(lay_out(shown, {5, 4})), ElementsAre("igmp-", "äöüäö", "üä ßß", ""));
}

}  // namespace
}  // namespace mcq::cli
