#include <gtest/gtest.h>

#include "support/table_rig.hpp"

// What the specific queries of another querier do to our timers (RFC 9776 §6.6.1).

namespace mcq::core {
namespace {

using namespace test::table;

template <class F>
class ReceivedQueries : public testing::Test {
 public:
  /// A non-querier with EXCLUDE({a: 210 s, b: 220 s}, {c, d}) and 200 s on the group timer, at 80
  /// s.
  static TableRig<F>& prepared(TableRig<F>& rig) {
    rig.lose(5s);
    rig.exclude_five();
    rig.run_until(80s);
    return rig;
  }
  static State<F> state_before() {
    using Rig = TableRig<F>;
    return {kExclude, 200s, {{Rig::a, 210s}, {Rig::b, 220s}}, {Rig::c, Rig::d}};
  }
};
TYPED_TEST_SUITE(ReceivedQueries, test::Families);

TYPED_TEST(ReceivedQueries, AboutTheGroupLowerItsTimer) {  // IGMP-X-10, IGMP-M-11, MLD-S-06
  TableRig<TypeParam> rig;
  this->prepared(rig);
  EXPECT_TRUE(rig.receive_specific(80s, specific_query<TypeParam>()).empty());
  auto expected = this->state_before();
  expected.timer = 2s;
  EXPECT_EQ(rig.state(), expected);
  rig.run_until(82s);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 208s}, {rig.b, 218s}}}));
  EXPECT_TRUE(rig.asked().empty());
}

TYPED_TEST(ReceivedQueries, AboutSourcesLowerThoseThatWeKnow) {  // IGMP-X-11, MLD-S-06
  TableRig<TypeParam> rig;
  this->prepared(rig);
  EXPECT_TRUE(
      rig.receive_specific(80s, specific_query<TypeParam>({rig.e, rig.c, rig.b, rig.b})).empty());
  auto expected = this->state_before();
  expected.requested[rig.b] = 2s;
  EXPECT_EQ(rig.state(), expected) << "the excluded stay excluded, the unknown unknown";
  rig.run_until(82s);
  EXPECT_EQ(rig.changed.back(), (typename TableRig<TypeParam>::Told{82s, rig.gone(rig.b)}));
}

TYPED_TEST(ReceivedQueries, OfUnknownGroupsLeaveNothing) {  // IGMP-X-11
  TableRig<TypeParam> rig;
  rig.lose(5s);
  rig.receive_specific(80s, specific_query<TypeParam>());
  rig.receive_specific(80s, specific_query<TypeParam>({rig.a}));
  EXPECT_EQ(rig.groups().size(), 0U);
}

TYPED_TEST(ReceivedQueries, WithTheSFlagChangeNothing) {  // IGMP-X-12, MLD-S-06
  TableRig<TypeParam> rig;
  this->prepared(rig);
  rig.receive_specific(80s, specific_query<TypeParam>({}, true));
  rig.receive_specific(80s, specific_query<TypeParam>({rig.a, rig.b}, true));
  EXPECT_EQ(rig.state(), this->state_before());
}

TYPED_TEST(ReceivedQueries, OfTheGeneralKindChangeNothing) {  // IGMP-X-13, IGMP-X-16
  for (const bool is_querier : {true, false}) {
    TableRig<TypeParam> rig;
    if (!is_querier) rig.lose(5s);
    rig.exclude_five();
    rig.receive(80s, is_querier ? rig.kHigher : rig.kLower);
    EXPECT_EQ(rig.state(), this->state_before());
    EXPECT_TRUE(rig.asked().empty());
  }
}

TYPED_TEST(ReceivedQueries, NeverRaiseATimer) {  // IGMP-M-11, IGMP-X-02
  TableRig<TypeParam> rig;
  this->prepared(rig);
  rig.lose(200s);
  rig.receive_specific(279s, specific_query<TypeParam>());
  EXPECT_EQ(rig.state()->timer, 1s);
  rig.receive_specific(289s, specific_query<TypeParam>({rig.a}));
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{rig.a, 1s}, {rig.b, 11s}}}));
}

/// The sender's times count, so that one who gives hosts longer has us forget nothing early.
TYPED_TEST(ReceivedQueries, CountWithTheTimesOfTheirSender) {  // IGMP-X-14, IGMP-M-11, MLD-S-07
  struct Row {
    const char* what;
    typename TypeParam::Version version;
    Duration max_response;
    std::uint8_t robustness;
    Duration left;
  };
  for (const auto& [what, version, max_response, robustness, left] : {
           Row{"as ours", TypeParam::kNewest, 1s, 2, 2s},
           Row{"5 s", TypeParam::kNewest, 5s, 2, 10s},
           Row{"QRV 3", TypeParam::kNewest, 1s, 3, 3s},
           Row{"QRV 0: the querier's", TypeParam::kNewest, 1s, 0, 4s},
           Row{"0 s: ours", TypeParam::kNewest, 0s, 2, 6s},
           Row{"older", kOlder<TypeParam>, 5s, 0, 20s},
       }) {
    SCOPED_TRACE(what);
    auto settings = test::rfc_settings<TypeParam>();
    settings.last_member_interval = 3s;
    settings.trusted_queriers = {test::Lan<TypeParam>::kSubnet};
    TableRig<TypeParam> rig{settings};
    auto general = test::general_query<TypeParam>();
    general.robustness = 4;
    rig.receive(5s, rig.kLower, general);
    rig.record(10s, Type::kToEx);
    auto query = specific_query<TypeParam>();
    query.version = version;
    query.max_response = max_response;
    query.robustness = robustness;
    rig.receive_specific(80s, query);
    EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, left}));
  }
}

TYPED_TEST(ReceivedQueries, CountOnlyWhileAnotherAsks) {  // RFC 9776 §6.6.1
  TableRig<TypeParam> rig;
  rig.exclude_five();
  rig.receive_specific(80s, specific_query<TypeParam>());
  rig.receive_specific(80s, specific_query<TypeParam>({rig.a}), rig.kHigher);
  EXPECT_EQ(rig.role(), Role::kQuerier);
  EXPECT_EQ(rig.state(), this->state_before());
}

/// What was not sent to the group has not reached its members; what comes from nobody on the link
/// does not count either.
TYPED_TEST(ReceivedQueries, CountOnlyWhenMembersReceivedThem) {
  using Lan = test::Lan<TypeParam>;
  TableRig<TypeParam> rig;
  this->prepared(rig);
  rig.receive_at(80s, rig.kLower, TypeParam::kAllNodes, specific_query<TypeParam>());
  rig.receive_at(80s, rig.kLower, rig.kSelf, specific_query<TypeParam>());
  rig.receive_at(80s, rig.kLower, Lan::group(1), specific_query<TypeParam>());
  rig.receive_specific(80s, specific_query<TypeParam>(), {});
  rig.receive_specific(80s, specific_query<TypeParam>(), rig.kSelf);
  rig.receive_specific(80s, specific_query<TypeParam>(), Lan::kElsewhere);
  EXPECT_EQ(rig.state(), this->state_before());
  rig.receive_specific(80s, specific_query<TypeParam>());
  EXPECT_NE(rig.state(), this->state_before());
}

TYPED_TEST(ReceivedQueries, AReportAfterOneKeepsTheGroup) {  // IGMP-M-05
  TableRig<TypeParam> rig;
  rig.lose(5s);
  rig.report(10s);
  rig.receive_specific(80s, specific_query<TypeParam>());
  rig.report(81s);
  EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s}));
  rig.run_until(200s);
  EXPECT_EQ(rig.groups().size(), 1U);
}

}  // namespace
}  // namespace mcq::core
