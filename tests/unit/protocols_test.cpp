#include "app/protocols.hpp"

#include <gtest/gtest.h>

namespace mcq::app {
namespace {

TEST(Protocols, IgmpRunsUnlessItIsTurnedOff) {
  EXPECT_EQ(make_protocols({}), Result<Protocols>{(Protocols{core::Settings<Igmp>{}, {}})});
  ProtocolChoices off;
  off.igmp.set(Key::kEnabled, 0);
  EXPECT_EQ(make_protocols(off), Result<Protocols>{Protocols{}});
}

TEST(Protocols, MldRunsWhereItIsTurnedOnOrATableSpeaksOfIt) {
  const Result<Protocols> both{Protocols{core::Settings<Igmp>{}, core::Settings<Mld>{}}};
  ProtocolChoices choices;
  choices.mld.set(Key::kEnabled, 1);
  EXPECT_EQ(make_protocols(choices), both);
  EXPECT_EQ(make_protocols({.has_mld_table = true}), both);
  choices.mld.set(Key::kEnabled, 0);
  choices.has_mld_table = true;
  EXPECT_EQ(make_protocols(choices), (Result<Protocols>{{core::Settings<Igmp>{}, {}}}));
}

TEST(Protocols, SomethingMustRunOnAnInterfaceInUse) {
  ProtocolChoices choices;
  choices.igmp.set(Key::kEnabled, 0);
  EXPECT_FALSE(make_protocols_in_use(choices));
  choices.mld.set(Key::kEnabled, 1);
  EXPECT_TRUE(make_protocols_in_use(choices));
}

TEST(Protocols, WhatIsOffMayContradictItself) {
  ProtocolChoices choices;
  for (auto* family : {&choices.igmp, &choices.mld}) {
    family->set(Key::kQueryInterval, 10);
    family->set(Key::kMaxResponse, 10);
    family->set(Key::kEnabled, 0);
  }
  EXPECT_TRUE(make_protocols(choices));
  choices.mld.set(Key::kEnabled, 1);
  const auto refused = make_protocols(choices);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "MLD: query-max-response-time (--max-response) is '10', but it must be below "
            "query-interval, which is 10");
}

TEST(Protocols, OneSetOverAnotherWinsInEachProtocol) {
  ProtocolChoices above, below;
  above.igmp.set(Key::kJitter, 1);
  above.mld.set(Key::kJitter, 2);
  below.igmp.set(Key::kJitter, 3);
  below.mld.set(Key::kRobustness, 4);
  below.has_mld_table = true;
  ProtocolChoices expected = above;
  expected.mld.set(Key::kRobustness, 4);
  expected.has_mld_table = true;
  EXPECT_EQ(above.over(below), expected);
}

}  // namespace
}  // namespace mcq::app
