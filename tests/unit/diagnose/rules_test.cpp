#include "diagnose/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "scene.hpp"

namespace mcq::diagnose {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// A querier every 60 s and a host that answers each query, for `length`.
void be_healthy(Scene& scene, Duration length, Ipv4Address querier = Scene::kQuerier) {
  for (Duration at{}; at < length; at += 60s) {
    scene.query(at, querier);
    scene.report(at + 2s);
  }
}

TEST(Rules, AHealthyLanHasNoFinding) {
  Scene scene;
  be_healthy(scene, 3600s);
  EXPECT_THAT(scene.found(3600s), IsEmpty());
  EXPECT_EQ(classify({scene.evidence(3600s)}, {}), "lan-capable");
}

TEST(Rules, ALanWithoutMulticastHasNoFinding) {
  EXPECT_THAT(Scene{}.found(3600s), IsEmpty());
  EXPECT_EQ(classify({Scene{}.evidence(3600s)}, {}), "unknown");
}

TEST(Rules, AnElectionThatIsWonOnceIsHealthy) {
  Scene scene;
  scene.query(0s, Scene::kOther);
  scene.query(5s, Scene::kOther);
  scene.query(10s, Scene::kOther);
  for (Duration at = 11s; at < 600s; at += 60s) {
    scene.query(at);
    scene.report(at + 2s);
  }
  EXPECT_THAT(scene.found(600s), IsEmpty());
}

TEST(Rules, NoQuerier) {
  Scene scene;
  scene.report(1s);
  EXPECT_THAT(scene.found(127s), IsEmpty());  // too short to know
  EXPECT_THAT(scene.found(128s), ElementsAre(Pair("no-querier", "IGMP")));
  EXPECT_EQ(classify({scene.evidence(128s)}, judge(scene.evidence(128s))), "lan-needs-querier");
}

TEST(Rules, QuerierGone) {
  Scene scene;
  be_healthy(scene, 61s);  // queries at 0 and 60 s
  EXPECT_THAT(scene.found(319s), IsEmpty());
  EXPECT_THAT(scene.found(320s), ElementsAre(Pair("querier-gone", "192.0.2.1")));
}

TEST(Rules, SlowQuerier) {
  Scene scene;
  for (const auto at : {0s, 260s, 520s}) {
    scene.query(at);
    scene.report(at + 1s);
  }
  EXPECT_THAT(scene.found(600s), ElementsAre(Pair("slow-querier", "192.0.2.1")));
}

TEST(Rules, LongInterval) {
  struct Row {
    Duration interval;
    bool is_long;
  };
  for (const auto& [interval, is_long] : {Row{125s, false}, Row{130s, false}, Row{131s, true}}) {
    SCOPED_TRACE(testing::Message() << interval.count() << " ns");
    Scene scene;
    for (Duration at{}; at < 600s; at += interval) {
      scene.query(at);
      scene.report(at + 1s);
    }
    if (is_long) {
      EXPECT_THAT(scene.found(600s), ElementsAre(Pair("long-interval", "192.0.2.1")));
    } else {
      EXPECT_THAT(scene.found(600s), IsEmpty());
    }
  }
}

TEST(Rules, TwoQueriers) {
  Scene scene;
  for (Duration at{}; at < 600s; at += 60s) {
    scene.query(at);
    scene.query(at + 30s, Scene::kOther);
    scene.report(at + 32s);
  }
  EXPECT_THAT(scene.found(600s), ElementsAre(Pair("two-queriers", "192.0.2.2")));
}

TEST(Rules, NobodyAnswers) {
  Scene scene;
  scene.record(0s, RecordType::kToEx);
  scene.query(1s);
  EXPECT_THAT(scene.found(60s), IsEmpty());  // one query can get lost
  scene.query(61s);
  EXPECT_THAT(scene.found(100s), ElementsAre(Pair("nobody-answers", "IGMP")));
}

TEST(Rules, MuteHost) {
  Scene scene;
  scene.record(0s, RecordType::kToEx, Scene::kSecondHost);
  be_healthy(scene, 121s);
  EXPECT_THAT(scene.found(150s), ElementsAre(Pair("mute-host", "192.0.2.21")));
}

TEST(Rules, AHostThatHasLeftIsNotMute) {
  Scene scene;
  scene.record(0s, RecordType::kToEx, Scene::kSecondHost);
  scene.record(1s, RecordType::kToIn, Scene::kSecondHost);
  be_healthy(scene, 121s);
  EXPECT_THAT(scene.found(150s), IsEmpty());
}

TEST(Rules, ForgottenGroup) {
  Scene scene;
  scene.report(0s, Scene::kHost, Scene::kSecondGroup);
  be_healthy(scene, 301s);
  scene.report(301s, Scene::kHost, Scene::kSecondGroup);
  EXPECT_THAT(scene.found(302s), ElementsAre(Pair("forgotten-group", "239.1.2.4")));
}

TEST(Rules, StreamCut) {
  Scene scene;
  be_healthy(scene, 61s);  // reports until 62 s
  scene.stream(63s, 62s + 240s);
  EXPECT_THAT(scene.found(62s + 244s), IsEmpty());
  EXPECT_THAT(scene.found(62s + 246s), ElementsAre(Pair("stream-cut", "239.1.2.3")));
}

TEST(Rules, UnspecifiedQuerier) {
  Scene scene;
  be_healthy(scene, 180s);
  scene.query(100s, Ipv4Address{});
  scene.report(101s);
  EXPECT_THAT(scene.found(180s), ElementsAre(Pair("unspecified-querier", "0.0.0.0")));
}

TEST(Rules, NoRouterAlert) {
  Scene scene;
  scene.query(0s, Scene::kQuerier, false);
  EXPECT_THAT(scene.found(5s), ElementsAre(Pair("no-router-alert", "192.0.2.1")));
}

TEST(Rules, Flapping) {
  Scene scene;
  Duration at{};
  for (int i = 0; i < 3; ++i) {  // the lower address comes and goes
    scene.query(at, Scene::kOther);
    for (const auto later : {10s, 70s, 130s}) scene.query(at + later);
    at += 400s;
  }
  EXPECT_THAT(scene.found(931s), ElementsAre(Pair("flapping", "IGMP")));
}

TEST(Rules, CollidingGroup) {
  struct Row {
    Ipv4Address group;
    bool collides;
  };
  for (const auto& [group, collides] :
       {Row{{{239, 0, 0, 5}}, true}, Row{{{239, 128, 0, 5}}, true}, Row{{{239, 0, 1, 5}}, false},
        Row{{{239, 1, 0, 5}}, false}}) {
    SCOPED_TRACE(to_string(group));
    Scene scene;
    scene.report(0s, Scene::kHost, group);
    if (collides) {
      EXPECT_THAT(scene.found(1s), ElementsAre(Pair("colliding-group", to_string(group))));
    } else {
      EXPECT_THAT(scene.found(1s), IsEmpty());
    }
  }
}

TEST(Rules, MalformedMessage) {
  Scene scene;
  scene.drop(0s, wire::ParseError::kUnspecifiedSource);  // no fault
  EXPECT_THAT(scene.found(1s), IsEmpty());
  scene.drop(1s, wire::ParseError::kBadChecksum);
  EXPECT_THAT(scene.found(2s), ElementsAre(Pair("malformed-message", "IGMP")));
}

TEST(Rules, ManySubjectsOfOneRuleAreBounded) {
  Scene scene;
  for (std::uint8_t last = 0; last < 100; ++last) {
    scene.report(0s, Scene::kHost, {{239, 0, 0, last}});
  }
  EXPECT_EQ(scene.found(1s).size(), kMaxFindings);
}

TEST(Rules, IdsAreUniqueAndTheGravestComeFirst) {
  std::set<std::string_view> ids;
  auto gravest = Severity::kProblem;
  for (const auto& rule : rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_GE(rule.severity, gravest) << rule.id;
    gravest = rule.severity;
  }
}

}  // namespace
}  // namespace mcq::diagnose
