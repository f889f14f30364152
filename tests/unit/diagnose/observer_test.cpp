#include "diagnose/observer.hpp"

#include <gtest/gtest.h>

#include "scene.hpp"

namespace mcq::diagnose {
namespace {

TEST(Observer, CountsAndTimesTheQueriesOfEachQuerier) {
  Scene scene;
  for (const auto at : {0s, 5s, 10s, 70s, 130s, 190s, 251s}) scene.query(at);
  scene.query(260s, Scene::kOther, false, Igmp::Version::k3);
  const auto seen = scene.evidence(300s);
  ASSERT_EQ(seen.queriers.size(), 2U);
  const auto& first = seen.queriers[0];
  EXPECT_EQ(first.address, "192.0.2.1");
  EXPECT_EQ(first.queries, 7U);
  EXPECT_EQ(first.typical_interval, 60s);
  EXPECT_EQ(first.longest_interval, 61s);
  EXPECT_FALSE(first.lacks_router_alert);
  EXPECT_EQ(first.last, (Sighting{251s, 7}));
  const auto& second = seen.queriers[1];
  EXPECT_EQ(second.newest, 3);
  EXPECT_TRUE(second.lacks_router_alert);
  EXPECT_EQ(second.typical_interval, 0s);
}

TEST(Observer, TheLowestAddressIsTheQuerierUntilItIsSilentFor255Seconds) {
  Scene scene;
  scene.query(0s, Scene::kOther);
  scene.query(10s, Scene::kQuerier);
  scene.query(264s, Scene::kOther);  // 254 s later
  EXPECT_EQ(scene.evidence(264s).querier, "192.0.2.1");
  scene.query(265s, Scene::kOther);
  const auto seen = scene.evidence(265s);
  EXPECT_EQ(seen.querier, "192.0.2.2");
  ASSERT_EQ(seen.elections.size(), 3U);
  EXPECT_EQ(seen.elections[0].before, "");
  EXPECT_EQ(seen.elections[1].after, "192.0.2.1");
  EXPECT_EQ(seen.elections[2].silence, 255s);
  EXPECT_EQ(seen.elections[2].at, (Sighting{265s, 4}));
}

TEST(Observer, AQueryFrom0000WinsNoElection) {  // RFC 4541 §2.1.1
  Scene scene;
  scene.query(0s, Ipv4Address{});
  EXPECT_EQ(scene.evidence(1s).querier, "");
  EXPECT_TRUE(scene.evidence(1s).queriers.at(0).is_unspecified);
}

TEST(Observer, AMemberStaysUntilItLeaves) {
  Scene scene;
  scene.report(1s);
  scene.report(2s, Scene::kSecondHost);
  scene.leave(3s);
  const auto seen = scene.evidence(4s);
  ASSERT_EQ(seen.groups.size(), 1U);
  EXPECT_EQ(seen.groups[0].hosts, std::vector<std::string>{"192.0.2.21"});
  EXPECT_EQ(seen.groups[0].reports, 2U);
  ASSERT_EQ(seen.hosts.size(), 1U);
  EXPECT_EQ(seen.hosts[0].address, "192.0.2.21");
}

TEST(Observer, RecordsJoinAndLeave) {
  Scene scene;
  scene.record(1s, RecordType::kToEx);
  EXPECT_EQ(scene.evidence(1s).groups.at(0).hosts.size(), 1U);
  scene.record(2s, RecordType::kToIn);
  EXPECT_TRUE(scene.evidence(2s).groups.at(0).hosts.empty());
  EXPECT_EQ(scene.evidence(2s).leaves, 1U);
}

TEST(Observer, GroupsOfTheLinkAreNoMembers) {  // RFC 4541 §2.1.2
  Scene scene;
  scene.report(1s, Scene::kHost, {{224, 0, 0, 251}});
  EXPECT_TRUE(scene.evidence(2s).groups.empty());
}

TEST(Observer, AHostThatAnswersNothingIsCountedByQueries) {
  Scene scene;
  scene.record(0s, RecordType::kToEx);
  for (const auto at : {10s, 70s, 130s}) scene.query(at);
  // The answers to the third may still come until 141 s.
  EXPECT_EQ(scene.evidence(140s).hosts.at(0).unanswered, 2U);
  EXPECT_EQ(scene.evidence(141s).hosts.at(0).unanswered, 3U);
  scene.record(142s, RecordType::kIsEx);
  EXPECT_EQ(scene.evidence(143s).hosts.at(0).unanswered, 0U);
  EXPECT_EQ(scene.evidence(143s).hosts.at(0).answered, 1U);
}

TEST(Observer, AStateChangeIsNoAnswer) {
  Scene scene;
  scene.record(0s, RecordType::kToEx);
  scene.query(10s);
  scene.record(12s, RecordType::kToEx);
  EXPECT_EQ(scene.evidence(30s).hosts.at(0).unanswered, 1U);
}

TEST(Observer, QueriesBeforeTheJoinNeedNoAnswer) {
  Scene scene;
  scene.query(0s);
  scene.query(60s);
  scene.record(100s, RecordType::kToEx);
  EXPECT_EQ(scene.evidence(200s).hosts.at(0).unanswered, 0U);
}

TEST(Observer, AHostOfVersion2IsSilentWhereAnotherAnswers) {  // RFC 2236 §3
  Scene scene;
  scene.report(0s);
  scene.report(1s, Scene::kSecondHost);
  for (const auto at : {10s, 70s, 130s}) {
    scene.query(at);
    scene.report(at + 3s, Scene::kSecondHost);
  }
  for (const auto& host : scene.evidence(200s).hosts) EXPECT_EQ(host.unanswered, 0U);
}

TEST(Observer, ASwitchForgetsAMemberAfter260Seconds) {
  Scene scene;
  scene.report(0s);
  EXPECT_TRUE(scene.evidence(260s).forgotten.empty());
  ASSERT_EQ(scene.evidence(261s).forgotten.size(), 1U);
  EXPECT_FALSE(scene.evidence(261s).forgotten[0].back);
  scene.report(300s);
  const auto seen = scene.evidence(301s);
  ASSERT_EQ(seen.forgotten.size(), 1U);
  EXPECT_EQ(seen.forgotten[0].last_report, (Sighting{0s, 1}));
  EXPECT_EQ(seen.forgotten[0].back, (Sighting{300s, 2}));
}

TEST(Observer, AGroupThatAllHaveLeftIsNotForgotten) {
  Scene scene;
  scene.report(0s);
  scene.leave(1s);
  scene.report(300s);
  EXPECT_TRUE(scene.evidence(301s).forgotten.empty());
}

TEST(Observer, MalformedMessagesAreCountedByReason) {
  Scene scene;
  scene.report(0s);
  scene.drop(1s, wire::ParseError::kBadChecksum);
  scene.drop(2s, wire::ParseError::kBadChecksum);
  const auto seen = scene.evidence(3s);
  ASSERT_EQ(seen.malformed.size(), 1U);
  EXPECT_EQ(seen.malformed[0].reason, "bad checksum");
  EXPECT_EQ(seen.malformed[0].count, 2U);
  EXPECT_EQ(seen.malformed[0].first_frame, 2U);
}

TEST(Observer, ItsMemoryIsBounded) {
  Scene scene;
  const auto group = [](std::uint32_t n) {
    return Ipv4Address{{239, static_cast<std::uint8_t>(n >> 16U),
                        static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)}};
  };
  for (std::uint32_t n = 0; n < Observer<Igmp>::kMaxGroups; ++n) {
    scene.report(1s, Scene::kHost, group(n));
  }
  EXPECT_FALSE(scene.evidence(1s).is_cut);
  scene.report(1s, Scene::kHost, group(Observer<Igmp>::kMaxGroups));
  const auto seen = scene.evidence(1s);
  EXPECT_TRUE(seen.is_cut);
  EXPECT_EQ(seen.groups.size(), Observer<Igmp>::kMaxGroups);
}

}  // namespace
}  // namespace mcq::diagnose
