#include "diagnose/stream_table.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "scene.hpp"

namespace mcq::diagnose {
namespace {

using Cuts = std::vector<std::pair<std::string, Duration>>;

/// Source and time of the last report of each cut.
Cuts cuts(const Scene& scene, Duration now) {
  Cuts all;
  for (const auto& cut : scene.evidence(now).cuts) {
    all.emplace_back(cut.source, cut.last_report.time);
  }
  return all;
}

const Cuts kOneCut{{"192.0.2.30", 0s}};

TEST(Streams, AreToldWithTheirRates) {
  Scene scene;
  scene.stream(1s, 11s);
  scene.stream(100s, 110s);  // a pause counts for nothing
  scene.stream(5s, 5100ms, Scene::kHost);
  const auto streams = scene.evidence(200s).streams;
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_EQ(streams[0].source, "192.0.2.20");
  EXPECT_EQ(streams[0].packet_rate, 0);
  const auto& main = streams[1];
  EXPECT_EQ(main.group, "239.1.2.3");
  EXPECT_EQ(main.source, "192.0.2.30");
  EXPECT_EQ(main.packets, 200U);
  EXPECT_EQ(main.bytes, 200U * 172);
  EXPECT_NEAR(main.packet_rate, 10, 0.1);
  EXPECT_NEAR(main.bit_rate, 10 * 172 * 8, 200);
  EXPECT_EQ(main.ttl, 1);
  EXPECT_EQ(main.port, 5004);
  EXPECT_EQ(main.first, (Sighting{1s, 1}));
  EXPECT_EQ(main.last.time, Duration{109'900ms});
}

TEST(Streams, ThoseThatSwitchesFloodAreNone) {
  Scene scene;
  scene.stream(1s, 11s, Scene::kSender, {{224, 0, 0, 251}});
  EXPECT_TRUE(scene.evidence(20s).streams.empty());
}

TEST(Streams, AreBounded) {
  Scene scene;
  const auto begin = [&](std::size_t number) {
    const auto high = static_cast<std::uint8_t>(number / 256);
    const auto low = static_cast<std::uint8_t>(number % 256);
    scene.stream(1s, 1100ms, {{10, 0, high, low}});
  };
  for (std::size_t i = 0; i < StreamTable<Igmp>::kMaxStreams; ++i) begin(i);
  EXPECT_FALSE(scene.evidence(2s).is_cut);
  begin(StreamTable<Igmp>::kMaxStreams);
  EXPECT_TRUE(scene.evidence(2s).is_cut);
  EXPECT_EQ(scene.evidence(2s).streams.size(), StreamTable<Igmp>::kMaxStreams);
}

TEST(StreamCuts, AStreamThatEndsWhenSwitchesForget) {
  Scene scene;
  scene.report(0s);
  scene.stream(0s, 260s);
  EXPECT_EQ(cuts(scene, 264s), Cuts{});  // perhaps a pause
  EXPECT_EQ(cuts(scene, 265s), kOneCut);
}

TEST(StreamCuts, OnceThoughItComesBack) {
  for (const bool leaves : {false, true}) {
    Scene scene;
    scene.report(0s);
    scene.stream(0s, 260s);
    if (leaves) scene.leave(300s);  // the receiver is started again
    scene.report(300s);
    scene.report(301s);
    scene.stream(300s, 400s);
    EXPECT_EQ(cuts(scene, 402s), kOneCut);
  }
}

TEST(StreamCuts, NoneWhereTheSenderOrTheReceiverStops) {
  struct Row {
    const char* what;
    void (*happen)(Scene&);
  };
  for (const auto& [what, happen] : {
           Row{"the sender soon after a report", [](Scene& s) { s.stream(0s, 60s); }},
           Row{"the sender long after switches forget", [](Scene& s) { s.stream(0s, 700s); }},
           Row{"after a leave",
               [](Scene& s) {
                 s.stream(0s, 259s);
                 s.leave(259s);
                 s.stream(259s, 260s);
               }},
           Row{"while reports go on",
               [](Scene& s) {
                 for (Duration at = 0s; at < 600s; at += 60s) {
                   s.stream(at, std::min<Duration>(at + 60s, 260s));
                   s.report(at + 59s);
                 }
               }},
           Row{"while queries go on, which the hosts do not answer",
               [](Scene& s) {
                 s.stream(0s, 130s);
                 s.query(130s);
                 s.stream(130s, 260s);
               }},
           Row{"a few packets now and then",
               [](Scene& s) {
                 for (Duration at = 0s; at < 260s; at += 4s) s.stream(at, at + 100ms);
               }},
           Row{"the stream of another group",
               [](Scene& s) { s.stream(0s, 260s, Scene::kSender, Scene::kSecondGroup); }},
       }) {
    Scene scene;
    scene.report(0s);
    happen(scene);
    EXPECT_EQ(cuts(scene, 1000s), Cuts{}) << what;
  }
}

TEST(StreamCuts, NoneWithoutAMember) {
  Scene scene;
  scene.stream(0s, 260s);
  EXPECT_EQ(cuts(scene, 1000s), Cuts{});
}

}  // namespace
}  // namespace mcq::diagnose
