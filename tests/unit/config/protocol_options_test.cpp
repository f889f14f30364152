#include "config/protocol_options.hpp"

#include <gtest/gtest.h>

namespace mcq::config {
namespace {

TEST(ProtocolSettings, IgmpRunsUnlessItIsTurnedOff) {
  EXPECT_EQ(make_protocol_settings({}),
            Result<ProtocolSettings>{(ProtocolSettings{core::Settings<Igmp>{}, {}})});
  ProtocolOptions off;
  off.igmp.set(Key::kEnabled, 0);
  EXPECT_EQ(make_protocol_settings(off), Result<ProtocolSettings>{ProtocolSettings{}});
}

TEST(ProtocolSettings, MldRunsWhereItIsTurnedOnOrATableSpeaksOfIt) {
  const Result<ProtocolSettings> both{
      ProtocolSettings{core::Settings<Igmp>{}, core::Settings<Mld>{}}};
  ProtocolOptions choices;
  choices.mld.set(Key::kEnabled, 1);
  EXPECT_EQ(make_protocol_settings(choices), both);
  EXPECT_EQ(make_protocol_settings({.has_mld_table = true}), both);
  choices.mld.set(Key::kEnabled, 0);
  choices.has_mld_table = true;
  EXPECT_EQ(make_protocol_settings(choices),
            (Result<ProtocolSettings>{{core::Settings<Igmp>{}, {}}}));
}

TEST(ProtocolSettings, SomethingMustRunOnAnInterfaceInUse) {
  ProtocolOptions choices;
  choices.igmp.set(Key::kEnabled, 0);
  EXPECT_FALSE(make_protocol_settings_in_use(choices));
  choices.mld.set(Key::kEnabled, 1);
  EXPECT_TRUE(make_protocol_settings_in_use(choices));
}

TEST(ProtocolSettings, WhatIsOffMayContradictItself) {
  ProtocolOptions choices;
  for (auto* family : {&choices.igmp, &choices.mld}) {
    family->set(Key::kQueryInterval, 10);
    family->set(Key::kMaxResponse, 10);
    family->set(Key::kEnabled, 0);
  }
  EXPECT_TRUE(make_protocol_settings(choices));
  choices.mld.set(Key::kEnabled, 1);
  const auto refused = make_protocol_settings(choices);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "MLD: query-max-response-time (--max-response) is '10', but it must be below "
            "query-interval, which is 10");
}

TEST(ProtocolSettings, OneSetOverAnotherWinsInEachProtocol) {
  ProtocolOptions above, below;
  above.igmp.set(Key::kJitter, 1);
  above.mld.set(Key::kJitter, 2);
  below.igmp.set(Key::kJitter, 3);
  below.mld.set(Key::kRobustness, 4);
  below.has_mld_table = true;
  ProtocolOptions expected = above;
  expected.mld.set(Key::kRobustness, 4);
  expected.has_mld_table = true;
  EXPECT_EQ(above.over(below), expected);
}

}  // namespace
}  // namespace mcq::config
