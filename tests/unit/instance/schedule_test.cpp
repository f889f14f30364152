#include "instance/schedule.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace mcq::instance {
namespace {

TimePoint at(int seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

struct Task final : Scheduled {
  explicit Task(Schedule& of, std::function<TimePoint(TimePoint)> then = {})
      : schedule(of), next(std::move(then)) {}
  void set(TimePoint after) { schedule.move(*this, std::exchange(deadline, after), after); }
  void tick(TimePoint now) override {
    ++ticks;
    set(next ? next(now) : kNever);
  }
  Schedule& schedule;
  std::function<TimePoint(TimePoint)> next;
  TimePoint deadline = kNever;
  int ticks = 0;
};

class ScheduleTest : public testing::Test {
 protected:
  int moves = 0;
  Schedule schedule{[this](TimePoint, TimePoint) { ++moves; }};
};

TEST_F(ScheduleTest, KnowsTheEarliest) {
  Task one{schedule}, other{schedule};
  EXPECT_EQ(schedule.earliest(), kNever);
  one.set(at(5));
  other.set(at(3));
  EXPECT_EQ(schedule.earliest(), at(3));
  other.set(at(9));
  EXPECT_EQ(schedule.earliest(), at(5));
  one.set(kNever);
  EXPECT_EQ(schedule.earliest(), at(9));
  other.set(kNever);
  EXPECT_EQ(schedule.earliest(), kNever);
  EXPECT_EQ(moves, 5);
}

TEST_F(ScheduleTest, RunsWhatIsDueAndNothingElse) {
  Task due{schedule}, same_time{schedule}, later{schedule}, never{schedule};
  due.set(at(1));
  same_time.set(at(1));
  later.set(at(2));
  schedule.run(at(1));
  EXPECT_EQ(due.ticks, 1);
  EXPECT_EQ(same_time.ticks, 1);
  EXPECT_EQ(later.ticks, 0);
  EXPECT_EQ(never.ticks, 0);
  EXPECT_EQ(schedule.earliest(), at(2));
}

/// One with much to do must not keep the others, or packets, from their turn.
TEST_F(ScheduleTest, RunsEachOnce) {
  Task busy{schedule, [](TimePoint now) { return now; }}, idle{schedule};
  busy.set(at(1));
  idle.set(at(1));
  schedule.run(at(1));
  EXPECT_EQ(busy.ticks, 1);
  EXPECT_EQ(idle.ticks, 1);
  EXPECT_EQ(schedule.earliest(), at(1));
}

}  // namespace
}  // namespace mcq::instance
