#include <gtest/gtest.h>

#include "support/table_rig.hpp"

// The tables of RFC 9776 §6.4.1 and §6.4.2, RFC 9777 §7.4, and what happens when a timer ends.

namespace mcq::core {
namespace {

using namespace test::table;

template <class F>
class Transitions : public testing::Test {
 public:
  using Sources = std::vector<typename F::Address>;

  /// A record, and the state after it: while we ask, and while another does and we only watch.
  struct Case {
    const char* id;
    Type type;
    State<F> as_querier;
    State<F> as_non_querier;
    std::vector<Sources> asked{};  ///< the sources of each query: none in a group-specific one
  };

  void check(const Case& row, void (TableRig<F>::*prepare)(), const State<F>& before,
             const Sources& listed) {
    for (const bool is_querier : {true, false}) {
      SCOPED_TRACE(testing::Message() << row.id << (is_querier ? "" : " as non-querier"));
      TableRig<F> rig;
      if (!is_querier) rig.lose(5s);
      (rig.*prepare)();
      ASSERT_EQ(rig.state(), before);
      Actions<F> queries;
      if (is_querier) {
        for (const auto& sources : row.asked) queries.push_back(rig.asks(sources));
      }
      EXPECT_EQ(rig.record(40s, row.type, listed), queries) << "it asks, and tells of no change";
      EXPECT_EQ(rig.state(), is_querier ? row.as_querier : row.as_non_querier);
    }
  }
};
TYPED_TEST_SUITE(Transitions, test::Families);

TYPED_TEST(Transitions, FromIncludeMode) {  // IGMP-S-01, -02, -05 to -08, IGMP-S-26, MLD-S-01
  using Rig = TableRig<TypeParam>;
  constexpr auto a = Rig::a, b = Rig::b, c = Rig::c, d = Rig::d;
  const State<TypeParam> before{kInclude, 0s, {{a, 240s}, {b, 250s}, {c, 260s}}};
  const State<TypeParam> joined{kInclude, 0s, {{a, 240s}, {b, 270s}, {c, 270s}, {d, 270s}}};
  const State<TypeParam> asked_a{kInclude, 0s, {{a, 2s}, {b, 270s}, {c, 270s}, {d, 270s}}};
  const State<TypeParam> blocked{kInclude, 0s, {{a, 240s}, {b, 2s}, {c, 2s}}};
  const State<TypeParam> excluded{kExclude, 270s, {{b, 250s}, {c, 260s}}, {d}};
  const State<TypeParam> asked_bc{kExclude, 270s, {{b, 2s}, {c, 2s}}, {d}};
  for (const auto& row : std::vector<typename TestFixture::Case>{
           {"IGMP-S-01", Type::kIsIn, joined, joined},
           {"IGMP-S-02", Type::kIsEx, excluded, excluded},
           {"IGMP-S-05", Type::kAllow, joined, joined},
           {"IGMP-S-06", Type::kBlock, blocked, before, {{b, c}}},
           {"IGMP-S-07", Type::kToEx, asked_bc, excluded, {{b, c}}},
           {"IGMP-S-08", Type::kToIn, asked_a, joined, {{a}}},
       }) {
    this->check(row, &Rig::include_three, before, {b, c, d});
  }
}

TYPED_TEST(Transitions, FromExcludeMode) {  // IGMP-S-03, -04, -09 to -12, IGMP-S-26, MLD-S-01
  using Rig = TableRig<TypeParam>;
  constexpr auto a = Rig::a, b = Rig::b, c = Rig::c, d = Rig::d, e = Rig::e;
  const State<TypeParam> before{kExclude, 240s, {{a, 250s}, {b, 260s}}, {c, d}};
  const State<TypeParam> joined{kExclude, 240s, {{a, 250s}, {b, 270s}, {c, 270s}, {e, 270s}}, {d}};
  const State<TypeParam> left{kExclude, 2s, {{a, 2s}, {b, 270s}, {c, 270s}, {e, 270s}}, {d}};
  // A new source lives as long as the group did before the record.
  for (const auto& row : std::vector<typename TestFixture::Case>{
           {"IGMP-S-03", Type::kIsIn, joined, joined},
           {"IGMP-S-04",
            Type::kIsEx,
            {kExclude, 270s, {{b, 260s}, {e, 270s}}, {c}},
            {kExclude, 270s, {{b, 260s}, {e, 270s}}, {c}}},
           {"IGMP-S-09", Type::kAllow, joined, joined},
           {"IGMP-S-10",
            Type::kBlock,
            {kExclude, 240s, {{a, 250s}, {b, 2s}, {e, 2s}}, {c, d}},
            {kExclude, 240s, {{a, 250s}, {b, 260s}, {e, 240s}}, {c, d}},
            {{b, e}}},
           {"IGMP-S-11",
            Type::kToEx,
            {kExclude, 270s, {{b, 2s}, {e, 2s}}, {c}},
            {kExclude, 270s, {{b, 260s}, {e, 240s}}, {c}},
            {{b, e}}},
           {"IGMP-S-12", Type::kToIn, left, joined, {{}, {a}}},
       }) {
    this->check(row, &Rig::exclude_five, before, {b, c, e});
  }
}

TYPED_TEST(Transitions, OfAGroupNobodyListenedTo) {  // IGMP-S-16, IGMP-M-01
  using Rig = TableRig<TypeParam>;
  using Row = std::tuple<Type, typename Rig::Addresses, std::optional<State<TypeParam>>>;
  constexpr auto a = Rig::a;
  const State<TypeParam> includes{kInclude, 0s, {{a, 270s}}};
  for (const auto& [type, listed, after] : {
           Row{Type::kIsIn, {a}, includes},
           Row{Type::kToIn, {a}, includes},
           Row{Type::kAllow, {a}, includes},
           Row{Type::kIsEx, {a}, State<TypeParam>{kExclude, 270s, {}, {a}}},
           Row{Type::kToEx, {a}, State<TypeParam>{kExclude, 270s, {}, {a}}},
           Row{Type::kIsEx, {}, State<TypeParam>{kExclude, 270s}},
           Row{Type::kToEx, {}, State<TypeParam>{kExclude, 270s}},
           Row{Type::kBlock, {a}, std::nullopt},
           Row{Type::kBlock, {}, std::nullopt},
           Row{Type::kIsIn, {}, std::nullopt},
           Row{Type::kToIn, {}, std::nullopt},
           Row{Type::kAllow, {}, std::nullopt},
       }) {
    SCOPED_TRACE(testing::Message() << static_cast<int>(type) << ", " << listed.size());
    Rig rig;
    Actions<TypeParam> told;
    if (after) told.push_back(rig.added());
    EXPECT_EQ(rig.record(1s, type, listed), told);
    EXPECT_EQ(rig.state(), after);
    EXPECT_EQ(rig.groups().size(), after ? 1U : 0U);
    EXPECT_EQ(rig.groups().sources(), after ? listed.size() : 0U);
  }
}

TYPED_TEST(Transitions, OfEmptyListsChangeNothing) {  // IGMP-S-14, MLD-S-03
  using Rig = TableRig<TypeParam>;
  for (const auto prepare : {&Rig::include_three, &Rig::exclude_five}) {
    for (const auto type : {Type::kIsIn, Type::kAllow, Type::kBlock}) {
      SCOPED_TRACE(static_cast<int>(type));
      Rig rig;
      (rig.*prepare)();
      const auto before = rig.state();
      ASSERT_TRUE(before);
      EXPECT_TRUE(rig.record(40s, type).empty());
      EXPECT_EQ(rig.state(), before);
    }
  }
}

TYPED_TEST(Transitions, AnEmptyToInAsksAboutEverything) {  // IGMP-S-15, MLD-S-03
  using Rig = TableRig<TypeParam>;
  constexpr auto a = Rig::a, b = Rig::b, c = Rig::c, d = Rig::d;
  Rig include, exclude;
  include.include_three();
  EXPECT_EQ(include.record(40s, Type::kToIn), (Actions<TypeParam>{include.asks({a, b, c})}));
  EXPECT_EQ(include.state(), (State<TypeParam>{kInclude, 0s, {{a, 2s}, {b, 2s}, {c, 2s}}}));
  exclude.exclude_five();
  EXPECT_EQ(exclude.record(40s, Type::kToIn),
            (Actions<TypeParam>{exclude.asks(), exclude.asks({a, b})}));
  EXPECT_EQ(exclude.state(), (State<TypeParam>{kExclude, 2s, {{a, 2s}, {b, 2s}}, {c, d}}));
  for (auto* rig : {&include, &exclude}) {
    rig->run_until(42s);
    EXPECT_EQ(rig->groups().size(), 0U);
    EXPECT_EQ(rig->changed.back(), (typename Rig::Told{42s, rig->removed()}));
  }
}

TYPED_TEST(Transitions, EmptyToExTakesTheWholeGroup) {
  using Rig = TableRig<TypeParam>;
  for (const auto prepare : {&Rig::include_three, &Rig::exclude_five}) {
    for (const auto type : {Type::kIsEx, Type::kToEx}) {
      Rig rig;
      (rig.*prepare)();
      EXPECT_TRUE(rig.record(40s, type).empty());
      EXPECT_EQ(rig.state(), (State<TypeParam>{kExclude, 270s}));
      EXPECT_EQ(rig.groups().sources(), 0U);
    }
  }
}

TYPED_TEST(Transitions, AQueryAboutNothingIsNotSent) {  // IGMP-S-13
  using Rig = TableRig<TypeParam>;
  Rig rig;
  rig.include_three();
  const auto before = rig.state();
  EXPECT_TRUE(rig.record(40s, Type::kBlock, {rig.d, rig.e}).empty());
  EXPECT_EQ(rig.state(), before);
  EXPECT_EQ(rig.record(40s, Type::kBlock, {rig.c, rig.e}), (Actions<TypeParam>{rig.asks({rig.c})}));
  Rig all_blocked;
  all_blocked.exclude_five();
  EXPECT_TRUE(all_blocked.record(40s, Type::kBlock, {rig.c, rig.d}).empty());
}

TYPED_TEST(Transitions, CurrentStateNeverAsks) {  // IGMP-S-25, IGMP-X-16
  using Rig = TableRig<TypeParam>;
  using Addresses = typename Rig::Addresses;
  constexpr auto a = Rig::a, c = Rig::c, e = Rig::e;
  for (const auto prepare : {&Rig::include_three, &Rig::exclude_five}) {
    for (const auto& listed : {Addresses{}, {a}, {c}, {e}, {a, c, e}}) {
      for (const auto type : {Type::kIsIn, Type::kIsEx}) {
        Rig rig;
        (rig.*prepare)();
        EXPECT_TRUE(rig.record(40s, type, listed).empty());
        rig.run_until(50s);
        EXPECT_TRUE(rig.asked().empty());
      }
      Rig rig;
      (rig.*prepare)();
      rig.record(40s, Type::kToIn, listed);
      EXPECT_FALSE(rig.asked().empty()) << "a change does";
    }
  }
}

TYPED_TEST(Transitions, SeveralRecordsOfAGroupCountInTheirOrder) {  // IGMP-S-24
  using Rig = TableRig<TypeParam>;
  constexpr auto a = Rig::a, b = Rig::b, c = Rig::c, d = Rig::d;
  Rig rig;
  rig.include_three();
  EXPECT_TRUE(rig.record(40s, Type::kAllow, {d}).empty());
  EXPECT_EQ(rig.record(40s, Type::kBlock, {a, d}), (Actions<TypeParam>{rig.asks({a, d})}));
  EXPECT_EQ(rig.state(),
            (State<TypeParam>{kInclude, 0s, {{a, 2s}, {b, 250s}, {c, 260s}, {d, 2s}}}));
  Rig other;
  other.include_three();
  EXPECT_EQ(other.record(40s, Type::kBlock, {a, d}), (Actions<TypeParam>{other.asks({a})}));
  EXPECT_TRUE(other.record(40s, Type::kAllow, {d}).empty());
  EXPECT_EQ(other.state(),
            (State<TypeParam>{kInclude, 0s, {{a, 2s}, {b, 250s}, {c, 260s}, {d, 270s}}}));
}

TYPED_TEST(Transitions, ListsAreSets) {  // IGMP-R-27
  using Rig = TableRig<TypeParam>;
  constexpr auto a = Rig::a, b = Rig::b;
  const auto multicast = test::Lan<TypeParam>::group(1);
  Rig rig;
  EXPECT_EQ(rig.record(1s, Type::kAllow, {b, a, multicast, b, {}, a}),
            (Actions<TypeParam>{rig.added()}));
  EXPECT_EQ(rig.state(), (State<TypeParam>{kInclude, 0s, {{a, 270s}, {b, 270s}}}));
  // A list of nothing but that is an empty one.
  Rig other;
  EXPECT_TRUE(other.record(1s, Type::kAllow, {multicast, {}}).empty());
  EXPECT_EQ(other.groups().size(), 0U);
}

}  // namespace
}  // namespace mcq::core
