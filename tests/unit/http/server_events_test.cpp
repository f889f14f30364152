// Those who follow the events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/http_rig.hpp"

namespace mcq::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Duration kShort = 20ms;

std::string text(std::uint64_t id) {
  return "id: " + std::to_string(id) + "\nevent: e\ndata: {}\n\n";
}

/// A server whose every request follows the events.
struct EventRig : HttpRig {
  explicit EventRig(const ServerTimeouts& patience = {kLong, kLong, kLong, kLong, kLong, kLong})
      : HttpRig(patience) {
    answer = [this] { return Response{200, "", FollowEvents{since, ends}}; };
  }
  /// A client that has been told that it follows.
  Client follow() {
    auto client = request();
    EXPECT_TRUE(until([&] { return client.has("\r\n\r\n"); }));
    return client;
  }
  void push(int count = 1) {
    for (int i = 0; i < count; ++i) events.push("e", "{}");
  }
  std::optional<std::uint64_t> since;
  bool ends = false;
};

TEST(HttpServerEvents, AFollowerGetsWhatHappensFromNowOn) {
  EventRig rig;
  rig.push(2);
  EXPECT_FALSE(rig.events.wants_details());
  auto client = rig.follow();
  EXPECT_TRUE(rig.events.wants_details());
  EXPECT_EQ(client.received(),
            "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\n"
            "Content-Type: text/event-stream\r\nX-Further: yes\r\n\r\n");
  rig.push();
  rig.turn();
  rig.push();
  rig.turn();
  EXPECT_EQ(Answer{client.received()}.body, text(3) + text(4));
  EXPECT_FALSE(client.is_closed());
}

TEST(HttpServerEvents, AFollowerMayAskForWhatHasHappened) {
  EventRig rig;
  rig.push(3);
  rig.since = 1;
  auto client = rig.follow();
  rig.turn();
  EXPECT_EQ(Answer{client.received()}.body, text(2) + text(3));
}

TEST(HttpServerEvents, AReaderOfWhatHasHappenedIsThenSentAway) {
  EventRig rig;
  rig.push(3);
  rig.since = 1;
  rig.ends = true;
  auto client = rig.follow();
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_EQ(Answer{client.received()}.body, text(2) + text(3));
  rig.push();
  rig.turn();
  EXPECT_EQ(Answer{client.received()}.body, text(2) + text(3));
  rig.since = 3;
  auto nothing = rig.follow();
  EXPECT_TRUE(rig.until([&] { return nothing.is_closed(); }));
}

TEST(HttpServerEvents, AllThatIsPushedInOneTurnIsSentInOne) {
  EventRig rig;
  auto client = rig.follow();
  rig.turn();
  rig.push(100);
  EXPECT_LE(rig.turn(), 2U);  // the turn that sends, and the one that is notified
  EXPECT_THAT(client.received(), HasSubstr(text(100)));
}

TEST(HttpServerEvents, WhatIsPushedWhileItSendsIsSentNext) {
  EventRig rig;
  auto client = rig.follow();
  rig.push(1);
  rig.io.restart();
  rig.io.poll_one();  // sends
  rig.push(1);
  rig.turn();
  EXPECT_EQ(Answer{client.received()}.body, text(1) + text(2));
}

TEST(HttpServerEvents, NothingIsDoneForAPushWithoutFollowers) {
  EventRig rig;
  rig.turn();
  rig.push();
  EXPECT_EQ(rig.turn(), 0U);
}

TEST(HttpServerEvents, EveryFollowerGetsEveryEvent) {
  EventRig rig;
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(rig.follow());
  rig.push(2);
  rig.turn();
  for (auto& client : clients) EXPECT_EQ(Answer{client.received()}.body, text(1) + text(2));
}

TEST(HttpServerEvents, AFollowerThatGoesIsForgottenAtOnce) {
  EventRig rig;
  const auto before = count_descriptors();
  {
    const auto client = rig.follow();
    rig.turn();
    EXPECT_TRUE(rig.events.wants_details());
  }
  rig.turn();
  EXPECT_FALSE(rig.events.wants_details());
  EXPECT_EQ(count_descriptors(), before);
}

TEST(HttpServerEvents, AFollowerHasNothingMoreToSay) {
  EventRig rig;
  auto client = rig.follow();
  client.send(kGet);
  rig.turn();
  EXPECT_TRUE(client.is_closed());
  EXPECT_FALSE(rig.events.wants_details());
}

TEST(HttpServerEvents, NothingWakesTheServerForIdleFollowers) {
  EventRig rig{{kShort, kShort, kShort, kShort, kShort}};
  auto client = rig.follow();
  rig.push();
  rig.io.run_for(3 * kShort);  // the timer of that event
  EXPECT_EQ(rig.io.run_for(3 * kShort), 0U);
  EXPECT_FALSE(client.is_closed());
  rig.push();
  rig.turn();
  EXPECT_THAT(client.received(), HasSubstr(text(2)));
}

TEST(HttpServerEvents, OneMoreThanTheMostIsToldSo) {
  EventRig rig;
  std::vector<Client> clients;
  for (int i = 0; i < Server::kMaxFollowers; ++i) clients.push_back(rig.follow());
  const auto answer = rig.ask();
  EXPECT_EQ(answer.status, "503 Service Unavailable");
  EXPECT_THAT(answer.body, HasSubstr("32 at most"));
  clients.pop_back();
  rig.turn();
  EXPECT_EQ(Answer{rig.follow().received()}.status, "200 OK");
}

TEST(HttpServerEvents, FollowersLeaveRoomForOthers) {
  EventRig rig;
  std::vector<Client> clients;
  for (int i = 0; i < Server::kMaxFollowers; ++i) clients.push_back(rig.follow());
  rig.answer = [] { return Response{200, "", "{}"}; };
  EXPECT_EQ(rig.ask().status, "200 OK");
}

TEST(HttpServerEvents, AFollowerThatReadsLosesNothing) {
  EventRig rig;
  auto client = rig.follow();
  for (int i = 0; i < 100; ++i) {
    rig.push(200);
    ASSERT_TRUE(rig.until([&] { return client.has(text(rig.events.next_id() - 1)); }));
  }
  EXPECT_THAT(client.received(), Not(HasSubstr("event: lost")));
}

TEST(HttpServerEvents, AFollowerThatDoesNotReadLosesEventsAndIsTold) {
  EventRig rig;
  auto client = rig.follow();
  for (int i = 0; i < 100; ++i) {
    rig.push(200);
    rig.turn();
  }
  ASSERT_TRUE(rig.until([&] { return client.has(text(20'000)); }));
  EXPECT_TRUE(client.has("event: lost"));
  const auto lost = client.received().find("event: lost");
  EXPECT_EQ(client.received().find("event: lost", lost + 1), std::string::npos);
  EXPECT_FALSE(client.is_closed());
}

TEST(HttpServerEvents, AFollowerThatNeverReadsIsCut) {
  auto patience = ServerTimeouts{kLong, kLong, kShort, kLong, kLong, kLong};
  EventRig rig{patience};
  const auto client = rig.follow();
  for (int i = 0; i < 100; ++i) {
    rig.push(200);
    rig.turn();
  }
  EXPECT_TRUE(rig.until([&] { return !rig.events.wants_details(); }));
}

TEST(HttpServerEvents, FollowersEndWithTheServer) {
  EventRig rig;
  auto client = rig.follow();
  rig.push();
  rig.server.reset();
  EXPECT_FALSE(rig.events.wants_details());
  EXPECT_TRUE(client.is_closed());
  rig.push();  // there is nobody to tell
  rig.turn();
}

}  // namespace
}  // namespace mcq::http
