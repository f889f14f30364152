#include "config/protocol_options.hpp"

#include <gtest/gtest.h>

#include "config/choose.hpp"

namespace mcq::config {
namespace {

TEST(ProtocolSettings, IgmpRunsUnlessItIsTurnedOff) {
  EXPECT_EQ(make_protocol_settings({}),
            Result<ProtocolSettings>{(ProtocolSettings{core::Settings<Igmp>{}, {}})});
  ProtocolOptions off;
  set(off.igmp, "enabled", false);
  EXPECT_EQ(make_protocol_settings(off), Result<ProtocolSettings>{ProtocolSettings{}});
}

TEST(ProtocolSettings, MldRunsWhereItIsTurnedOnOrATableSpeaksOfIt) {
  const Result<ProtocolSettings> both{
      ProtocolSettings{core::Settings<Igmp>{}, core::Settings<Mld>{}}};
  ProtocolOptions choices;
  set(choices.mld, "enabled", true);
  EXPECT_EQ(make_protocol_settings(choices), both);
  EXPECT_EQ(make_protocol_settings({.has_mld_table = true}), both);
  set(choices.mld, "enabled", false);
  choices.has_mld_table = true;
  EXPECT_EQ(make_protocol_settings(choices),
            (Result<ProtocolSettings>{{core::Settings<Igmp>{}, {}}}));
}

TEST(ProtocolSettings, SomethingMustRunOnAnInterfaceInUse) {
  ProtocolOptions choices;
  set(choices.igmp, "enabled", false);
  EXPECT_FALSE(make_protocol_settings_in_use(choices));
  set(choices.mld, "enabled", true);
  EXPECT_TRUE(make_protocol_settings_in_use(choices));
}

TEST(ProtocolSettings, WhatIsOffMayContradictItself) {
  ProtocolOptions choices;
  choices.igmp =
      choose<Igmp>({{"query-interval", 10}, {"query-max-response-time", 10}, {"enabled", false}});
  choices.mld =
      choose<Mld>({{"query-interval", 10}, {"query-max-response-time", 10}, {"enabled", false}});
  EXPECT_TRUE(make_protocol_settings(choices));
  set(choices.mld, "enabled", true);
  const auto refused = make_protocol_settings(choices);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "MLD: query-max-response-time (--max-response) is '10', but it must be below "
            "query-interval, which is 10");
}

TEST(ProtocolSettings, OneSetOverAnotherWinsInEachProtocol) {
  ProtocolOptions above, below;
  set(above.igmp, "jitter", 1);
  set(above.mld, "jitter", 2);
  set(below.igmp, "jitter", 3);
  set(below.mld, "robustness-variable", 4);
  below.has_mld_table = true;
  ProtocolOptions expected = above;
  set(expected.mld, "robustness-variable", 4);
  expected.has_mld_table = true;
  EXPECT_EQ(above.over(below), expected);
}

}  // namespace
}  // namespace mcq::config
