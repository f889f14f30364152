#include "probe/witness.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "wire/igmp.hpp"

namespace mcq::probe {
namespace {

constexpr Ipv4Address kHost{{192, 0, 2, 20}}, kOther{{192, 0, 2, 21}};
constexpr Ipv4Address kGroup{{239, 1, 2, 3}}, kSecond{{239, 9, 9, 9}};
constexpr Ipv4Address kVersion3Routers{{224, 0, 0, 22}}, kAllRouters{{224, 0, 0, 2}};
using Version = Igmp::Version;

wire::Packet<Igmp> packet(const Ipv4Address& source, const Ipv4Address& destination,
                          Message<Igmp> message) {
  return {source, destination, true, std::move(message)};
}

wire::Packet<Igmp> report(const Ipv4Address& source, const Ipv4Address& group) {
  return packet(source, group, Report<Igmp>{Version::k2, group});
}

/// An IGMPv3 report of one record, to whoever listens.
void hear(Witness& witness, const Ipv4Address& source, RecordType type, const Ipv4Address& group,
          const Ipv4Address& destination = kVersion3Routers) {
  const std::vector<Record<Igmp>> records{{type, group, {}}};
  const auto bytes = wire::serialize(std::span{records});
  const auto message = wire::parse_igmp(bytes);
  ASSERT_TRUE(message);
  witness.heard(packet(source, destination, *message), 500ms);
}

TEST(Witness, TheFirstReportOfTheHostIsItsAnswer) {
  Witness witness{kHost};
  witness.asked({});
  witness.heard(report(kOther, kSecond), 100ms);
  EXPECT_FALSE(witness.answer());
  EXPECT_FALSE(witness.is_member());
  witness.heard(report(kHost, kGroup), 300ms);
  witness.heard(report(kHost, kSecond), 700ms);
  EXPECT_EQ(witness.answer(), (Answer{300ms, 2, kGroup, true, kGroup}));
  EXPECT_TRUE(witness.is_member());
  witness.asked({});
  EXPECT_FALSE(witness.answer());
}

TEST(Witness, OnlyAReportAboutTheGroupAnswersAQueryAboutIt) {
  Witness witness{kHost};
  witness.asked(kGroup);
  witness.heard(report(kHost, kSecond), 100ms);
  EXPECT_FALSE(witness.answer());
  hear(witness, kHost, RecordType::kIsEx, kGroup);
  EXPECT_EQ(witness.answer(), (Answer{500ms, 3, kGroup, true, kVersion3Routers}));
}

TEST(Witness, SeesWhereReportsAreSent) {
  Witness witness{kHost};
  witness.asked({});
  witness.heard(packet(kHost, kAllRouters, Report<Igmp>{Version::k2, kGroup}), 1s);
  EXPECT_EQ(witness.answer(), (Answer{1s, 2, kGroup, false, kAllRouters}));
  witness.asked({});
  hear(witness, kHost, RecordType::kIsEx, kGroup, kGroup);
  EXPECT_EQ(witness.answer(), (Answer{500ms, 3, kGroup, false, kGroup}));
}

TEST(Witness, ALeaveIsNoAnswerAndEndsTheMembership) {
  Witness witness{kHost};
  witness.asked({});
  witness.heard(report(kHost, kGroup), 100ms);
  witness.asked({});
  hear(witness, kHost, RecordType::kToIn, kGroup);
  EXPECT_FALSE(witness.answer());
  EXPECT_FALSE(witness.is_member());
  witness.heard(report(kHost, kGroup), 100ms);
  witness.asked({});
  witness.heard(packet(kHost, kAllRouters, Leave<Igmp>{kGroup}), 100ms);
  EXPECT_FALSE(witness.answer());
  EXPECT_EQ(witness.group_to_ask(), std::nullopt);
}

TEST(Witness, ReportsOfVersion2ForItsGroupsMayKeepItQuiet) {
  Witness witness{kHost};
  witness.heard(report(kHost, kGroup), 0s);
  witness.asked({});
  witness.heard(report(kOther, kSecond), 100ms);
  EXPECT_FALSE(witness.quieted_by()) << "the host is no member of that group";
  hear(witness, kOther, RecordType::kIsEx, kGroup);
  EXPECT_FALSE(witness.quieted_by()) << "in version 3 all hosts report";
  witness.heard(report(kOther, kGroup), 100ms);
  EXPECT_EQ(witness.quieted_by(), kOther);
  witness.asked(kSecond);
  witness.heard(report(kOther, kGroup), 100ms);
  EXPECT_FALSE(witness.quieted_by()) << "another group was asked about";
}

TEST(Witness, AsksAboutAGroupThatNobodyElseHas) {
  Witness witness{kHost};
  EXPECT_EQ(witness.group_to_ask(), std::nullopt);
  witness.heard(report(kHost, kGroup), 0s);
  witness.heard(report(kHost, kSecond), 0s);
  EXPECT_EQ(witness.group_to_ask(), kSecond);
  witness.heard(report(kOther, kSecond), 0s);
  EXPECT_EQ(witness.group_to_ask(), kGroup);
  witness.heard(report(kOther, kGroup), 0s);
  EXPECT_TRUE(witness.group_to_ask());
  EXPECT_EQ((Witness{kHost, kSecond}.group_to_ask()), kSecond);
}

TEST(Witness, KnowsAnotherQuerier) {
  Witness witness{kHost};
  witness.heard(packet(kOther, kGroup, Query<Igmp>{.version = Version::k2, .group = kGroup}), 0s);
  witness.heard(packet({}, Igmp::kAllNodes, Query<Igmp>{}), 0s);
  EXPECT_FALSE(witness.querier()) << "no General Query, or one from 0.0.0.0, which wins nothing";
  witness.heard(packet(kOther, Igmp::kAllNodes, Query<Igmp>{}), 0s);
  EXPECT_EQ(witness.querier(), kOther);
}

TEST(Witness, FollowsABoundedNumberOfGroups) {
  Witness witness{kHost};
  for (std::size_t i = 0; i < Witness::kMaxGroups + 10; ++i) {
    const auto high = static_cast<std::uint8_t>(i / 256), low = static_cast<std::uint8_t>(i % 256);
    witness.heard(report(kHost, {{239, 1, high, low}}), 0s);
  }
  EXPECT_EQ(witness.group_to_ask(), (Ipv4Address{{239, 1, 3, 0xe7}}));  // the 1,000th
}

}  // namespace
}  // namespace mcq::probe
