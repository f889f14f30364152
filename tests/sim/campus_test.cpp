// What docs/scale.md says of large links: each host answers each query once for each report that it
// takes, in the time that the query gives; nothing else is sent, and no stream stops.

#include "sim/campus.hpp"
#include "sim/families.hpp"

namespace mcq::sim {
namespace {

template <class F>
struct LargeLink : testing::Test {
  /// Many hosts for twenty minutes, with so many reports of a host for one query, and so
  /// long a silence before a standby takes over.
  static void expect_traffic(typename F::Version version, std::size_t reports_for_a_query,
                             Duration silence) {
    const std::size_t hosts = std::same_as<F, Igmp> ? 10'000 : 1000;
    const Campus<F> campus{.hosts = hosts, .version = version, .length = 20min};
    const auto traffic = watch(campus);
    EXPECT_TRUE(keeps_the_rules(traffic.violations));
    EXPECT_EQ(traffic.longest_outage, 0s);
    EXPECT_EQ(traffic.known, campus.hosts * (campus.groups - 1) + campus.hosts / 100);
    EXPECT_GE(traffic.longest_silence, silence);
    EXPECT_LE(traffic.longest_silence, silence + 1s);

    // A query of each at the start, and another at most at a takeover, which is before the others
    // have received the first; then a burst of two more, then one each 45 to 60 s.
    const auto asked = [&](Duration interval) {
      const auto asking = campus.length - silence - 20s;
      return static_cast<std::size_t>(asking / interval) + 2 * 3;
    };
    EXPECT_EQ(traffic.most_queries, campus.queriers);
    EXPECT_GE(traffic.queries, asked(60s));
    EXPECT_LE(traffic.queries, asked(45s) + 2 * campus.queriers);

    // A query that comes while hosts have yet to answer the one before gets no answer of its own.
    const auto of_a_query = campus.hosts * reports_for_a_query;
    const auto joins = 2 * campus.hosts * campus.groups;
    EXPECT_GE(traffic.reports, (asked(60s) - 2) * of_a_query + joins);
    EXPECT_LE(traffic.reports, traffic.queries * of_a_query + joins);
    // Answers within 10 s, after a takeover within 2.5 s: 40 % in one second. Where two standbys
    // ask at once, hosts of the newest version answer the sooner of two times: 64 %.
    EXPECT_GE(traffic.most_reports, of_a_query * 38 / 100);
    EXPECT_LE(traffic.most_reports, of_a_query * 66 / 100);
  }
};
TYPED_TEST_SUITE(LargeLink, Families, Names);

TYPED_TEST(LargeLink, TakesAReportOfEachHostForEachQueryInTheNewestVersion) {
  this->expect_traffic(TypeParam::kNewest, 1, 125s);
}

TYPED_TEST(LargeLink, TakesAReportOfEachGroupOfEachHostInTheOlderVersion) {
  this->expect_traffic(kOlder<TypeParam>, 3, 255s);
}

}  // namespace
}  // namespace mcq::sim
