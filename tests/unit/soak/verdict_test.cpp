#include "soak/verdict.hpp"

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
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Verdict verdict_of(const Stream& stream, Duration end = 1min) {
  return judge(stream.measurement.finish(Stream::at(end)));
}

/// A stream whose last packet comes 15 s after this host's last report.
Stream dead(bool sees_reports = true) {
  Stream stream{sees_reports};
  if (sees_reports) stream.measurement.reported(Stream::at(100ms));
  stream.arrive(0, 152);
  return stream;
}

TEST(SoakVerdict, OnAStreamThatDied) {
  const auto verdict = verdict_of(dead());
  EXPECT_EQ(verdict.outcome, Outcome::kDied);
  EXPECT_EQ(verdict.memory, (Memory{15s, 15s}));
  EXPECT_EQ(verdict.query_interval, 5);
  EXPECT_THAT(verdict.sentences,
              ElementsAre("the stream died after 0:15: nothing came for the remaining 0:45",
                          "if the sender still sends, the switch remembers a member for 15.0 s: so "
                          "long before, this host sent its last report",
                          "nobody queried"));
  EXPECT_THAT(verdict.advice,
              ElementsAre(HasSubstr("run igmp-querier"), HasSubstr("query-interval to at most 5")));
}

TEST(SoakVerdict, WithoutReportsTheMemoryIsBetweenTwoBounds) {
  const auto verdict = verdict_of(dead(false));
  // Joined 16.1 s before; its report may have been repeated within 10 s.
  EXPECT_EQ(verdict.memory, (Memory{6100ms, 16100ms}));
  EXPECT_EQ(verdict.query_interval, 2);
  EXPECT_THAT(verdict.sentences, Contains(HasSubstr("6.1 s to 16.1 s")));
  EXPECT_THAT(verdict.sentences, Not(Contains("nobody queried")));
}

TEST(SoakVerdict, TellsAForgetfulSwitchFromASenderThatStopped) {
  auto forgotten = dead();
  forgotten.measurement.rejoined(Stream::at(55s));
  auto stopped = dead();
  stopped.measurement.rejoined(Stream::at(55s));
  forgotten.arrives(551);
  EXPECT_THAT(verdict_of(forgotten).sentences, Contains(HasSubstr("it came back 0.1 s after")));
  EXPECT_EQ(verdict_of(forgotten).memory, (Memory{15s, 15s}));
  const auto verdict = verdict_of(stopped);
  EXPECT_EQ(verdict.outcome, Outcome::kDied);
  EXPECT_THAT(verdict.sentences,
              Contains(HasSubstr("the sender or a link on the way had stopped")));
  EXPECT_EQ(verdict.memory, std::nullopt);
  EXPECT_EQ(verdict.query_interval, std::nullopt);
}

TEST(SoakVerdict, OnAStreamThatCameBackAfterAQuery) {
  auto stream = dead();
  stream.measurement.queried(kQuerier, Stream::at(30s));
  stream.measurement.reported(Stream::at(31s));
  stream.arrive(311, 400);
  stream.ends(400);
  const auto verdict = verdict_of(stream, 40s);
  EXPECT_EQ(verdict.outcome, Outcome::kCameBack);
  EXPECT_EQ(verdict.memory, (Memory{15s, 15s}));
  EXPECT_THAT(verdict.sentences, Contains("the stream stopped after 0:15, for 16.0 s"));
  EXPECT_THAT(verdict.sentences,
              Contains("it came back 0.1 s after this host's report, which answered "
                       "a query of 192.0.2.1"));
}

TEST(SoakVerdict, OnAStreamThatCameBackByItself) {
  auto stream = dead();
  stream.arrive(311, 400);
  stream.ends(400);
  const auto verdict = verdict_of(stream, 40s);
  EXPECT_EQ(verdict.outcome, Outcome::kCameBack);
  EXPECT_EQ(verdict.memory, std::nullopt);
  EXPECT_THAT(verdict.sentences, Contains(HasSubstr("tells nothing of the switch's memory")));
  EXPECT_THAT(verdict.advice, ElementsAre(HasSubstr("look at the sender and the cables")));
}

TEST(SoakVerdict, OfSeveralPausesTheOneSoonestAfterAReportTells) {
  Stream stream;
  stream.measurement.reported(Stream::at(100ms));
  stream.arrive(0, 152);
  stream.measurement.reported(Stream::at(20s));
  stream.arrive(201, 342);  // 14.1 s after that report
  stream.measurement.reported(Stream::at(40s));
  stream.arrive(401, 600);
  stream.ends(600);
  const auto verdict = verdict_of(stream);
  EXPECT_EQ(verdict.memory, (Memory{14100ms, 14100ms}));
  EXPECT_THAT(verdict.sentences,
              Contains("the stream stopped 2 times, first after 0:15, for 5.0 s"));
}

TEST(SoakVerdict, OnAHostThatDoesNotAnswer) {
  auto stream = dead();
  stream.measurement.queried(kQuerier, Stream::at(30s));
  EXPECT_THAT(verdict_of(stream).sentences,
              Contains("192.0.2.1 queried and this host did not answer"));
  EXPECT_THAT(verdict_of(stream, 35s).sentences, Not(Contains(HasSubstr("did not answer"))))
      << "it still may";
}

TEST(SoakVerdict, OnAWholeStreamWithAQuerier) {
  Stream stream;
  for (int i = 0; i < 10; ++i) {
    stream.measurement.queried(kQuerier, Stream::at(i * 6s));
    stream.measurement.reported(Stream::at(i * 6s + 1s));
  }
  stream.arrive(0, 600);
  stream.ends(600);
  const auto verdict = verdict_of(stream);
  EXPECT_EQ(verdict.outcome, Outcome::kWhole);
  EXPECT_THAT(verdict.sentences,
              ElementsAre("the stream was whole for 1:00: 600 packets, none lost",
                          "10 queries of 192.0.2.1 came, and this host sent 10 reports"));
  EXPECT_THAT(verdict.advice, IsEmpty());
  EXPECT_EQ(verdict.memory, std::nullopt);
}

TEST(SoakVerdict, OnAMeasurementThatIsTooShort) {
  Stream stream;
  stream.arrive(0, 600);
  stream.ends(600);
  EXPECT_THAT(verdict_of(stream).sentences, Contains(HasSubstr("too short to tell")));
}

TEST(SoakVerdict, OnASwitchThatDoesNotForget) {
  Stream stream;
  stream.plan.duration = 5min;
  stream.arrive(0, 3000);
  stream.ends(3000);
  const auto verdict = verdict_of(stream, 5min);
  EXPECT_EQ(verdict.outcome, Outcome::kWhole);
  EXPECT_THAT(verdict.sentences, Contains(HasSubstr("this switch does not snoop")));
}

TEST(SoakVerdict, OnePercentIsTheLossThatIsTolerated) {
  for (const std::uint64_t lost : {6U, 7U}) {
    Stream stream;
    stream.arrive(0, 100);
    stream.arrive(100 + lost, 600);
    stream.ends(600);
    const auto verdict = verdict_of(stream);
    EXPECT_EQ(verdict.outcome, lost == 6 ? Outcome::kWhole : Outcome::kLossy) << lost;
    EXPECT_THAT(verdict.sentences, Contains(HasSubstr(std::to_string(lost) + " packets lost")));
  }
}

TEST(SoakVerdict, TellsABusyHostFromABadLink) {
  for (const bool is_busy : {false, true}) {
    Stream stream;
    stream.arrive(0, 100);
    stream.arrive(120, 600);
    stream.ends(600);
    if (is_busy) stream.measurement.dropped(20);
    const auto verdict = verdict_of(stream);
    EXPECT_EQ(verdict.outcome, Outcome::kLossy);
    EXPECT_THAT(verdict.advice, Contains(HasSubstr(is_busy ? "less to do" : "slow or wireless")));
    EXPECT_THAT(verdict.advice,
                Not(Contains(HasSubstr(is_busy ? "slow or wireless" : "less to do"))));
  }
}

TEST(SoakVerdict, OnASenderThatEndsEarly) {
  Stream stream;
  stream.arrive(0, 300);
  stream.ends(300);
  EXPECT_THAT(verdict_of(stream, 30s).sentences,
              Contains("the sender ended before its 1:00 were over"));
}

TEST(SoakVerdict, OnNothing) {
  const auto verdict = judge(Measurement{kJoined, true}.finish(kJoined + 1min));
  EXPECT_EQ(verdict.outcome, Outcome::kNothing);
  EXPECT_THAT(verdict.sentences, ElementsAre("nothing came in 1:00"));
  EXPECT_THAT(verdict.advice, ElementsAre(HasSubstr("check that the sender runs")));
}

TEST(SoakVerdict, NamesThoseWhoDisturb) {
  Stream stream;
  stream.arrive(0, 10);
  auto further = stream.packet(0);
  further.run = 2;
  stream.measurement.received(further, kOther, Stream::at(1s));
  stream.measurement.received(further, kSender, Stream::at(1s));
  stream.measurement.received_foreign(kOther);
  const auto sentences = verdict_of(stream, 1s).sentences;
  EXPECT_THAT(sentences, Contains("192.0.2.31 sends a test stream to this group too: only that of "
                                  "192.0.2.30 was measured"));
  EXPECT_THAT(sentences, Contains(HasSubstr("the sender 192.0.2.30 started anew")));
  EXPECT_THAT(sentences, Contains(HasSubstr("1 packet of other programs came")));
}

TEST(SoakVerdict, SaysWhenItWasInterrupted) {
  auto result = dead().measurement.finish(Stream::at(20s));
  EXPECT_THAT(judge(result).sentences, Not(Contains(HasSubstr("interrupted"))));
  result.interrupted_by = 2;
  EXPECT_THAT(judge(result).sentences, Contains("interrupted: this is the result so far"));
}

}  // namespace
}  // namespace mcq::soak
