#include "soak/measurement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "soak/stream.hpp"

namespace mcq::soak {
namespace {

using test::kJoined;
using test::kOther;
using test::kQuerier;
using test::kSender;
using test::Stream;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Measurement, OfAWholeStream) {
  Stream stream;
  stream.arrive(0, 600);
  stream.ends(600);
  EXPECT_TRUE(stream.measurement.is_ended());
  const auto result = stream.measurement.finish(Stream::at(1min));
  EXPECT_EQ(result.sender, kSender);
  EXPECT_EQ(result.plan, stream.plan);
  EXPECT_EQ(result.received, 600U);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_EQ(result.longest_gap, 100ms);
  EXPECT_THAT(result.outages, IsEmpty());
  EXPECT_THAT(result.seconds, SizeIs(60));
  EXPECT_THAT(result.seconds, Each(10));
}

TEST(Measurement, OfNothing) {
  const Stream stream;
  EXPECT_FALSE(stream.measurement.has_begun());
  EXPECT_FALSE(stream.measurement.is_silent(kJoined + 1h));
  EXPECT_EQ(stream.measurement.planned_end(), kNever);
  const auto result = stream.measurement.finish(kJoined + 1min);
  EXPECT_EQ(result.sender, std::nullopt);
  EXPECT_THAT(result.outages, IsEmpty());
}

TEST(Measurement, BeginsWithThePacketThatComesFirst) {
  Stream stream;
  stream.arrive(100, 600);
  EXPECT_EQ(stream.measurement.planned_end(), Stream::at(1min));
  EXPECT_EQ(stream.measurement.finish(Stream::at(1min)).lost, 0U);
}

TEST(Measurement, CountsALostEnd) {
  Stream stream;
  stream.arrive(0, 590);
  stream.ends(600);
  const auto result = stream.measurement.finish(Stream::at(1min));
  EXPECT_EQ(result.lost, 10U);
  EXPECT_THAT(result.outages, IsEmpty());
}

TEST(Measurement, FindsTheLongestGap) {
  Stream stream;
  stream.arrive(0, 100);
  stream.arrive(125, 600);
  const auto result = stream.measurement.finish(Stream::at(1min));
  EXPECT_EQ(result.longest_gap, 2600ms);
  EXPECT_EQ(result.gap_begin, Stream::at(9900ms));
  EXPECT_EQ(result.lost, 25U);
  EXPECT_THAT(result.outages, IsEmpty()) << "shorter than 3 s";
}

TEST(Measurement, NoticesThatTheStreamDied) {
  Stream stream;
  stream.measurement.reported(Stream::at(-900ms));
  stream.arrive(0, 151);
  EXPECT_FALSE(stream.measurement.is_silent(Stream::at(17'900ms)));
  EXPECT_TRUE(stream.measurement.is_silent(Stream::at(18s)));
  const auto result = stream.measurement.finish(Stream::at(1min));
  EXPECT_TRUE(result.has_died());
  EXPECT_THAT(result.outages,
              ElementsAre(Outage{.begin = Stream::at(15s), .report = Stream::at(-900ms)}));
  EXPECT_EQ(result.lost, 0U) << "whether more was sent is not known";
  EXPECT_THAT(result.seconds, SizeIs(60));
}

TEST(Measurement, ASilenceThatIsCutShortIsNoDeath) {
  Stream stream;
  stream.arrive(0, 151);
  EXPECT_FALSE(stream.measurement.finish(Stream::at(17s)).has_died());
  Stream ended;
  ended.arrive(0, 575);
  EXPECT_FALSE(ended.measurement.finish(Stream::at(2min)).has_died())
      << "2.5 s before the plan's end";
}

TEST(Measurement, ASlowStreamPausesForLonger) {
  Stream stream;
  stream.plan.rate = 1;
  stream.measurement.received(stream.packet(0), kSender, Stream::at(0s));
  EXPECT_FALSE(stream.measurement.is_silent(Stream::at(4900ms)));
  EXPECT_TRUE(stream.measurement.is_silent(Stream::at(5s)));
}

TEST(Measurement, RemembersTheLastReportBeforeAPauseAndTheQueryThatEndedIt) {
  Stream stream;
  stream.measurement.reported(Stream::at(-900ms));
  stream.arrive(0, 51);
  stream.measurement.reported(Stream::at(5050ms));
  stream.arrive(51, 201);
  stream.measurement.queried(kQuerier, Stream::at(30s));
  stream.measurement.reported(Stream::at(31s));
  stream.measurement.reported(Stream::at(32s));
  stream.arrive(321, 600);
  const auto result = stream.measurement.finish(Stream::at(1min));
  EXPECT_THAT(result.outages, ElementsAre(Outage{.begin = Stream::at(20s),
                                                 .end = Stream::at(32'100ms),
                                                 .report = Stream::at(5050ms),
                                                 .query = Stream::at(30s),
                                                 .answer = Stream::at(31s)}));
  EXPECT_FALSE(result.has_died());
  EXPECT_EQ(result.querier, kQuerier);
  EXPECT_EQ(result.queries, 1U);
  EXPECT_EQ(result.reports, 4U);
}

TEST(Measurement, TakesTheJoinForTheReportThatItDidNotSee) {
  Stream stream{false};
  stream.arrive(0, 151);
  const auto result = stream.measurement.finish(Stream::at(1min));
  EXPECT_FALSE(result.sees_reports);
  ASSERT_THAT(result.outages, SizeIs(1));
  EXPECT_EQ(result.outages[0].report, kJoined);
}

TEST(Measurement, WhatComesAfterJoiningAgainIsNotPartOfTheStream) {
  Stream stream;
  stream.arrive(0, 151);
  stream.measurement.rejoined(Stream::at(55s));
  stream.arrives(552);
  stream.arrives(553);
  stream.ends(600);
  const auto result = stream.measurement.finish(Stream::at(1min));
  EXPECT_TRUE(result.has_died());
  EXPECT_EQ(result.received, 151U);
  EXPECT_EQ(result.back_after_rejoin, 200ms);
  EXPECT_FALSE(result.is_ended_by_sender);
}

TEST(Measurement, OfTheFirstRunOnly) {
  Stream stream;
  stream.arrive(0, 10);
  auto further = stream.packet(500);
  further.run = 2;
  stream.measurement.received(further, kSender, Stream::at(1s));
  further.is_end = true;
  stream.measurement.received(further, kOther, Stream::at(1s));
  stream.measurement.received(further, kOther, Stream::at(1s));
  EXPECT_FALSE(stream.measurement.is_ended());
  const auto result = stream.measurement.finish(Stream::at(1s));
  EXPECT_EQ(result.received, 10U);
  EXPECT_EQ(result.lost, 0U);
  EXPECT_THAT(result.other_senders, ElementsAre(kSender, kOther));
}

TEST(Measurement, AnEndBeforeAllPacketsIsNotABeginning) {
  Stream stream;
  stream.ends(600);
  EXPECT_FALSE(stream.measurement.has_begun());
  EXPECT_FALSE(stream.measurement.is_ended());
}

TEST(Measurement, NamesOneOfThoseWhoDisturb) {
  Stream stream;
  stream.measurement.received_foreign(kOther);
  stream.measurement.received_foreign(kQuerier);
  const auto result = stream.measurement.finish(Stream::at(1s));
  EXPECT_EQ(result.foreign, 2U);
  EXPECT_EQ(result.foreign_sender, kOther);
}

TEST(Measurement, CountsReorderedAndDuplicatePackets) {
  Stream stream;
  stream.arrive(0, 10);
  for (const std::uint64_t number : {11U, 10U, 10U}) {
    stream.measurement.received(stream.packet(number), kSender, Stream::at(1100ms));
  }
  const auto result = stream.measurement.finish(Stream::at(2s));
  EXPECT_EQ(result.reordered, 1U);
  EXPECT_EQ(result.duplicates, 1U);
  EXPECT_EQ(result.lost, 0U);
}

}  // namespace
}  // namespace mcq::soak
