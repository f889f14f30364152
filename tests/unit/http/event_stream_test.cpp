#include "http/event_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mcq::http {
namespace {

using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;

constexpr std::size_t kPlenty = 1 << 20;

/// Pushes events without any data, whose text has 22 bytes while their numbers have one digit.
void push(EventStream& events, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) events.push("e", "{}");
}

std::string text(std::uint64_t id) {
  return "id: " + std::to_string(id) + "\nevent: e\ndata: {}\n\n";
}

TEST(EventStream, AnEventIsReadyForTheWire) {
  EventStream events;
  EXPECT_EQ(events.next_id(), 1U);
  events.push("role-changed", R"({"id":1})");
  const std::string expected = "id: 1\nevent: role-changed\ndata: {\"id\":1}\n\n";
  EXPECT_EQ(events.behind(0, kPlenty), (EventStream::Batch{expected, 1, 0}));
  EXPECT_EQ(events.next_id(), 2U);
}

TEST(EventStream, NothingHasHappenedBehindTheLastOne) {
  EventStream events;
  EXPECT_EQ(events.behind(0, kPlenty), (EventStream::Batch{"", 0, 0}));
  push(events, 3);
  EXPECT_EQ(events.behind(3, kPlenty), (EventStream::Batch{"", 3, 0}));
  EXPECT_EQ(events.behind(2, kPlenty), (EventStream::Batch{text(3), 3, 0}));
}

TEST(EventStream, ABatchHasWhatFits) {
  EventStream events;
  push(events, 3);
  const auto two = text(1).size() + text(2).size();
  EXPECT_EQ(events.behind(0, two), (EventStream::Batch{text(1) + text(2), 2, 0}));
  EXPECT_EQ(events.behind(0, two - 1), (EventStream::Batch{text(1), 1, 0}));
  EXPECT_EQ(events.behind(2, two), (EventStream::Batch{text(3), 3, 0}));
}

TEST(EventStream, ABatchHasOneEventHoweverLongItIs) {
  EventStream events;
  push(events, 2);
  EXPECT_EQ(events.behind(0, 1), (EventStream::Batch{text(1), 1, 0}));
}

TEST(EventStream, ANumberThatIsYetToComeIsOfAnotherDaemon) {
  EventStream events;
  EXPECT_EQ(events.behind(7, kPlenty), (EventStream::Batch{"", 0, 0}));
  push(events, 2);
  EXPECT_EQ(events.behind(3, kPlenty), (EventStream::Batch{text(1) + text(2), 2, 0}));
}

TEST(EventStream, AllEventsAreKeptUpToTheLimit) {
  EventStream events;
  push(events, EventStream::kMaxEvents);
  EXPECT_EQ(events.behind(0, kPlenty).lost, 0U);
}

TEST(EventStream, OneMoreIsLostAndThatIsTold) {
  EventStream events;
  push(events, EventStream::kMaxEvents + 5);
  const auto batch = events.behind(2, 1);
  EXPECT_EQ(batch.lost, 3U);
  EXPECT_EQ(batch.last, 5U);  // who comes back with it has missed those once
  EXPECT_THAT(batch.text,
              MatchesRegex("id: 5\nevent: lost\ndata: \\{\"id\":5,\"time\":\"20[0-9T:.-]+Z\","
                           "\"event\":\"lost\",\"message\":\"3 [a-z ]+\",\"count\":3\\}\n\n"));
  EXPECT_EQ(events.behind(batch.last, 1), (EventStream::Batch{text(6), 6, 0}));
  const auto both = events.behind(2, batch.text.size() + text(6).size());
  EXPECT_EQ(both.last, 6U);
  EXPECT_THAT(both.text, testing::EndsWith(text(6)));
}

TEST(EventStream, LongEventsAreKeptByTheirBytes) {
  const std::string data(EventStream::kMaxBytes / 4, ' ');  // four are too many with their names
  EventStream events;
  for (int i = 0; i < 4; ++i) events.push("e", data);
  EXPECT_EQ(events.behind(0, 2 * kPlenty).lost, 1U);
  EXPECT_EQ(events.behind(1, 2 * kPlenty).lost, 0U);
}

TEST(EventStream, AnEventBeyondAllBoundsIsLost) {
  EventStream events;
  events.push("e", std::string(EventStream::kMaxBytes, ' '));
  EXPECT_EQ(events.behind(0, 1).lost, 1U);
  push(events, 1);
  EXPECT_EQ(events.behind(1, kPlenty), (EventStream::Batch{text(2), 2, 0}));
}

TEST(EventStream, DetailsAreForThoseWhoWantThem) {
  EventStream events;
  events.push("e", "{}");
  events.push("e", "{}", true);
  events.push("e", "{}");
  EXPECT_EQ(events.behind(0, kPlenty), (EventStream::Batch{text(1) + text(2) + text(3), 3, 0}));
  EXPECT_EQ(events.behind(0, kPlenty, false), (EventStream::Batch{text(1) + text(3), 3, 0}));
  EXPECT_EQ(events.behind(1, text(1).size(), false), (EventStream::Batch{text(3), 3, 0}));
  events.push("e", "{}", true);
  EXPECT_EQ(events.behind(3, kPlenty, false), (EventStream::Batch{"", 4, 0}));
}

TEST(EventStream, DetailsAreWantedWhileOneOfThoseFollows) {
  EventStream events;
  int told = 0;
  events.on_follow = [&] { ++told; };
  events.follow(false);
  EXPECT_FALSE(events.wants_details());
  events.follow();
  EXPECT_TRUE(events.wants_details());
  EXPECT_EQ(events.followers(), 2);
  events.unfollow();
  EXPECT_FALSE(events.wants_details());
  events.unfollow(false);
  EXPECT_EQ(events.followers(), 0);
  EXPECT_EQ(told, 4);
}

TEST(EventStream, ItIsFollowedUntilTheLastHasGone) {
  EventStream events;
  EXPECT_FALSE(events.wants_details());
  events.follow();
  events.follow();
  events.unfollow();
  EXPECT_TRUE(events.wants_details());
  events.unfollow();
  EXPECT_FALSE(events.wants_details());
}

TEST(EventStream, EveryPushIsTold) {
  EventStream events;
  push(events, 1);
  std::uint64_t told = 0;
  events.on_push = [&] { told = events.next_id(); };
  push(events, 1);
  EXPECT_EQ(told, 3U);  // the event is there by then
}

}  // namespace
}  // namespace mcq::http
