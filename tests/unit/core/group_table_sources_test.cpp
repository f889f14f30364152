#include <gtest/gtest.h>

#include <map>

#include "support/table_rig.hpp"

// Group-and-source-specific queries: which source is in which of them, and how often.

namespace mcq::core {
namespace {

using namespace test::table;

template <class F>
class SourceQueries : public testing::Test {
 public:
  static std::vector<typename F::Address> sources(std::uint16_t count) {
    std::vector<typename F::Address> sources;
    for (std::uint16_t n = 0; n < count; ++n) sources.push_back(Lan<F>::source(n));
    return sources;
  }
};
TYPED_TEST_SUITE(SourceQueries, test::Families);

TYPED_TEST(SourceQueries, AreSentAtOnceAndOncePerInterval) {  // IGMP-X-06, MLD-S-05, MLD-Q-12
  struct Row {
    Robustness robustness;
    Moments asked;
    Duration end;
  };
  for (const auto& [robustness, asked, end] : {
           Row{1, {100s}, 101s},
           Row{2, {100s, 101s}, 102s},
           Row{3, {100s, 101s, 102s}, 103s},
       }) {
    auto settings = rfc_settings<TypeParam>();
    settings.robustness = robustness;
    TableRig<TypeParam> rig{settings};
    rig.record(50s, Type::kAllow, {rig.a, rig.b});
    EXPECT_EQ(rig.record(100s, Type::kBlock, {rig.a}), (Actions<TypeParam>{rig.asks({rig.a})}));
    rig.run_until(end - 1ms);
    EXPECT_EQ(rig.state()->requested[rig.a], 1ms);
    rig.run_until(150s);
    EXPECT_EQ(rig.asked_at(), asked);
    for (const auto& [at, query] : rig.asked()) EXPECT_EQ(query, rig.asks({rig.a}));
    EXPECT_EQ(rig.state()->requested.size(), 1U);
    EXPECT_EQ(rig.changed.back(), (typename TableRig<TypeParam>::Told{end, rig.gone(rig.a)}));
  }
}

TYPED_TEST(SourceQueries, LeaveOutSourcesThatAreNearlyOver) {  // IGMP-X-04
  using Told = typename TableRig<TypeParam>::Told;
  struct Row {
    Duration left;
    bool is_asked;
  };
  for (const auto& [left, is_asked] : {Row{1'500ms, false}, Row{2s, false}, Row{2'001ms, true}}) {
    SCOPED_TRACE(left.count());
    TableRig<TypeParam> rig;
    rig.record(50s, Type::kAllow, {rig.a});
    rig.record(100s, Type::kAllow, {rig.b});
    const auto at = 320s - left;
    using Sources = std::vector<typename TypeParam::Address>;
    const auto asked = is_asked ? Sources{rig.a, rig.b} : Sources{rig.b};
    EXPECT_EQ(rig.record(at, Type::kBlock, {rig.a, rig.b}), (Actions<TypeParam>{rig.asks(asked)}));
    const auto left_now = std::min<Duration>(left, 2s);
    const State<TypeParam> expected{kInclude, 0s, {{rig.a, left_now}, {rig.b, 2s}}};
    EXPECT_EQ(rig.state(), expected);
    rig.run_until(at + 5s);
    EXPECT_EQ(rig.changed.back(), (Told{at + 2s, rig.removed()}));
  }
}

/// A member answered for one of them: no router is to lower that timer.
TYPED_TEST(SourceQueries, AreSplitByTheSFlag) {  // IGMP-X-05, MLD-S-05
  TableRig<TypeParam> rig;
  rig.record(50s, Type::kAllow, {rig.a, rig.b});
  rig.record(100s, Type::kBlock, {rig.a, rig.b});
  rig.record(100'500ms, Type::kAllow, {rig.a});
  rig.run_until(102s - 1ms);
  EXPECT_EQ(rig.asked(),
            (std::vector<typename TableRig<TypeParam>::Asked>{{100s, rig.asks({rig.a, rig.b})},
                                                              {101s, rig.asks({rig.a}, true)},
                                                              {101s, rig.asks({rig.b})}}));
  rig.run_until(102s);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 268'500ms}}}));
}

TYPED_TEST(SourceQueries, OneMoreSourceJoinsTheRoundThatRuns) {  // IGMP-X-07
  TableRig<TypeParam> rig;
  rig.record(50s, Type::kAllow, {rig.a, rig.b});
  EXPECT_FALSE(rig.record(100s, Type::kBlock, {rig.a}).empty());
  EXPECT_TRUE(rig.record(100'500ms, Type::kBlock, {rig.b}).empty());
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 1'500ms}, {rig.b, 2'500ms}}}));
  rig.run_until(110s);
  EXPECT_EQ(
      rig.asked(),
      (std::vector<typename TableRig<TypeParam>::Asked>{
          {100s, rig.asks({rig.a})}, {101s, rig.asks({rig.a, rig.b})}, {102s, rig.asks({rig.b})}}));
  EXPECT_EQ(rig.changed, (std::vector<typename TableRig<TypeParam>::Told>{{50s, rig.added()},
                                                                          {102s, rig.gone(rig.a)},
                                                                          {103s, rig.gone(rig.b)},
                                                                          {103s, rig.removed()}}));
}

TYPED_TEST(SourceQueries, TheGroupAndItsSourcesShareTheirMoments) {  // IGMP-X-07, IGMP-X-08
  TableRig<TypeParam> rig;
  rig.exclude_five();
  EXPECT_EQ(rig.record(100s, Type::kBlock, {rig.a}), (Actions<TypeParam>{rig.asks({rig.a})}));
  EXPECT_TRUE(rig.record(100'200ms, Type::kToIn).empty());
  rig.record(100'300ms, Type::kToEx, {rig.b});
  rig.run_until(110s);
  EXPECT_EQ(rig.asked(),
            (std::vector<typename TableRig<TypeParam>::Asked>{{100s, rig.asks({rig.a})},
                                                              {101s, rig.asks({}, true)},
                                                              {101s, rig.asks({rig.b})},
                                                              {102s, rig.asks({}, true)},
                                                              {102s, rig.asks({rig.b})}}));
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 260'300ms, {}, {rig.b}}));
}

TYPED_TEST(SourceQueries, NothingIsLeftToAskOnceTheCountersHaveRunDown) {  // IGMP-X-08
  TableRig<TypeParam> rig;
  rig.exclude_five();
  rig.record(100s, Type::kToIn);
  rig.record(100'500ms, Type::kIsEx, {rig.a, rig.b});
  rig.record(100'600ms, Type::kAllow, {rig.a, rig.b});
  rig.run_until(200s);
  EXPECT_EQ(rig.asked(), (std::vector<typename TableRig<TypeParam>::Asked>{
                             {100s, rig.asks()},
                             {100s, rig.asks({rig.a, rig.b})},
                             {101s, rig.asks({}, true)},
                             {101s, rig.asks({rig.a, rig.b}, true)}}));
  EXPECT_EQ(rig.find()->next_query(), kNever);
  EXPECT_EQ(rig.record(200s, Type::kBlock, {rig.a}), (Actions<TypeParam>{rig.asks({rig.a})}));
}

TYPED_TEST(SourceQueries, EndWithTheSource) {  // IGMP-X-09
  for (const bool ends : {true, false}) {
    TableRig<TypeParam> rig;
    rig.exclude_five();
    rig.record(100s, Type::kBlock, {rig.a});
    rig.record(100'500ms, Type::kIsEx, ends ? std::vector{rig.b} : std::vector{rig.a, rig.b});
    rig.run_until(110s);
    EXPECT_EQ(rig.asked_at(), ends ? Moments{100s} : (Moments{100s, 101s}));
  }
}

TYPED_TEST(SourceQueries, ARoundAboutTheGroupEndsWithExcludeMode) {  // IGMP-X-09
  auto settings = rfc_settings<TypeParam>();
  settings.robustness = 3;
  TableRig<TypeParam> rig{settings};
  rig.record(10s, Type::kToEx);  // until 405 s
  rig.record(403s, Type::kAllow, {rig.a});
  EXPECT_EQ(rig.record(403'500ms, Type::kToIn, {rig.a}), (Actions<TypeParam>{rig.asks()}));
  rig.run_until(406s);
  EXPECT_EQ(rig.asked_at(), (Moments{403'500ms, 404'500ms}));
  EXPECT_EQ(rig.state()->mode, kInclude);
}

TYPED_TEST(SourceQueries, AreNotSentInOlderVersions) {  // IGMP-X-15
  auto settings = rfc_settings<TypeParam>();
  settings.version = kOlder<TypeParam>;
  TableRig<TypeParam> older{settings}, newest;
  for (auto* rig : {&older, &newest}) {
    rig->record(50s, Type::kAllow, {rig->a, rig->b});
    rig->record(100s, Type::kBlock, {rig->a});
    rig->record(100s, Type::kToIn, {});
    rig->run_until(105s);
  }
  EXPECT_TRUE(older.asked().empty());
  EXPECT_EQ(older.state(), (State<TypeParam>{kInclude, 0s, {{older.a, 215s}, {older.b, 215s}}}));
  EXPECT_FALSE(newest.asked().empty());
  EXPECT_EQ(newest.state(), std::nullopt);
}

/// (MTU - headers) / address: 366 of IGMP and 89 of MLD in a packet of 1500 bytes.
TYPED_TEST(SourceQueries, AreSpreadOverPacketsOfTheMtu) {  // IGMP-F-22, MLD-F-15
  constexpr bool kIgmp = std::same_as<TypeParam, Igmp>;
  struct Row {
    std::uint16_t sources;
    std::uint32_t mtu;
    std::vector<std::size_t> sizes;
  };
  const std::vector<Row> rows =
      kIgmp ? std::vector<Row>{{366, 1500, {366}},
                               {367, 1500, {366, 1}},
                               {1000, 1500, {366, 366, 268}},
                               {300, 576, {135, 135, 30}},
                               {3, 40, {1, 1, 1}},
                               {2, 0, {1, 1}}}
            : std::vector<Row>{{89, 1500, {89}},    {90, 1500, {89, 1}}, {200, 1500, {89, 89, 22}},
                               {80, 1280, {75, 5}}, {2, 92, {1, 1}},     {2, 0, {1, 1}}};
  for (const auto& [count, mtu, sizes] : rows) {
    SCOPED_TRACE(testing::Message() << count << " sources, MTU " << mtu);
    TableRig<TypeParam> rig;
    auto link = rig.link();
    link.mtu = mtu;
    rig.link_is(1s, link);
    const auto sources = this->sources(count);
    rig.record(50s, Type::kAllow, sources);
    rig.record(100s, Type::kBlock, sources);
    std::vector<std::size_t> sent;
    std::map<typename TypeParam::Address, int> seen;
    for (const auto& [at, send] : rig.asked()) {
      sent.push_back(send.query.sources.size());
      for (const auto& source : send.query.sources) ++seen[source];
    }
    EXPECT_EQ(sent, sizes);
    EXPECT_EQ(seen.size(), count) << "every source is in one of them";
  }
}

TYPED_TEST(SourceQueries, FiveThousandSourcesAreAskedAboutTwiceEach) {  // IGMP-F-22, MLD-F-15
  auto settings = rfc_settings<TypeParam>();
  settings.max_sources = 65'535;
  TableRig<TypeParam> rig{settings};
  const auto sources = this->sources(5000);
  rig.record(50s, Type::kAllow, sources);
  rig.record(100s, Type::kBlock, sources);
  rig.run_until(102s - 1ms);
  std::map<Duration, std::size_t> packets;
  std::map<typename TypeParam::Address, Moments> seen;
  for (const auto& [at, send] : rig.asked()) {
    ++packets[at];
    for (const auto& source : send.query.sources) seen[source].push_back(at);
  }
  const std::size_t per_round = std::same_as<TypeParam, Igmp> ? 14 : 57;
  EXPECT_EQ(packets, (std::map<Duration, std::size_t>{{100s, per_round}, {101s, per_round}}));
  ASSERT_EQ(seen.size(), 5000U);
  for (const auto& [source, moments] : seen) ASSERT_EQ(moments, (Moments{100s, 101s}));
  rig.run_until(102s);
  EXPECT_EQ(rig.groups().size(), 0U);
  EXPECT_EQ(rig.groups().sources(), 0U);
}

}  // namespace
}  // namespace mcq::core
