#include "core/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/random.hpp"

// When the wheel gives a number back, and how often it does so in vain.

namespace mcq::core {
namespace {

constexpr auto kDay = 24h;

/// Numbered timers in a wheel, and what came out of it.
class Timers {
 public:
  struct Fired {
    std::uint32_t number;
    Duration at;
    bool operator==(const Fired&) const = default;
    friend void PrintTo(const Fired& timer, std::ostream* out) {
      *out << timer.number << " at " << timer.at.count() << " ns";
    }
  };

  explicit Timers(std::size_t count) : due(count, kNever), links_(count), early_(count) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;
  TimerLinks& links(std::uint32_t number) { return links_[number]; }

  /// As a table does it: a timer that comes out early enough stays where it is.
  void set(std::uint32_t number, Duration at) {
    due[number] = TimePoint{at};
    early_[number] = 0;
    put(number);
  }
  void remove(std::uint32_t number) {
    due[number] = kNever;
    wheel.remove(number);
  }
  /// What is due at `now` comes out, then; the rest goes back.
  void take_all(Duration now) {
    now_ = now;
    while (const auto number = wheel.take(TimePoint{now})) {
      EXPECT_EQ(links_[*number].slot, TimerLinks::kUnlinked);
      if (due[*number] <= TimePoint{now}) {
        due[*number] = kNever;
        fired.push_back({*number, now});
      } else {
        ++early_[*number];
        put(*number);
      }
    }
    EXPECT_GT(wheel.deadline(), TimePoint{now});
  }
  void run_until(Duration end) {
    while (wheel.deadline() <= TimePoint{end}) {
      take_all(std::max(now_, wheel.deadline().time_since_epoch()));
    }
    take_all(end);
  }
  /// How often a number came out before its time.
  int early(std::uint32_t number) const { return early_[number]; }

  std::vector<TimePoint> due;
  std::vector<Fired> fired;
  TimerWheel<Timers> wheel{*this};

 private:
  void put(std::uint32_t number) {
    if (!wheel.is_due_by(links_[number], due[number])) wheel.set(number, due[number]);
  }

  Duration now_{};
  std::vector<TimerLinks> links_;
  std::vector<int> early_;
};

TEST(TimerWheel, IsEmptyAtFirst) {
  Timers timers{1};
  EXPECT_EQ(timers.wheel.deadline(), kNever);
  timers.take_all(1000s);
  EXPECT_TRUE(timers.fired.empty());
}

/// One timer for every width of slot, from several starts; at the exact millisecond.
TEST(TimerWheel, IsExactToTheMillisecondAtEveryDistance) {
  for (const Duration start : {Duration{0s}, Duration{63ms}, Duration{4095ms}, Duration{262'143ms},
                               Duration{1'000'000'123ms}, Duration{1000 * kDay + 1ms}}) {
    for (std::int64_t distance = 1; distance < std::int64_t{1} << 36U;
         distance = distance * 3 + 1) {
      SCOPED_TRACE(testing::Message() << start.count() << " + " << distance << " ms");
      Timers timers{1};
      timers.take_all(start);
      const auto due = start + distance * 1ms;
      timers.set(0, due);
      timers.run_until(due - 1ms);
      EXPECT_TRUE(timers.fired.empty());
      timers.run_until(due);
      EXPECT_EQ(timers.fired, (std::vector<Timers::Fired>{{0, due}}));
      EXPECT_EQ(timers.wheel.deadline(), kNever);
      EXPECT_LE(timers.early(0), 6) << "a timer moves down one level at a time at most";
    }
  }
}

TEST(TimerWheel, RoundsUpAndIsNeverEarly) {
  struct Row {
    Duration due, taken;
  };
  for (const auto& [due, taken] :
       {Row{10ms, 10ms}, Row{10ms + 1ns, 11ms}, Row{11ms - 1ns, 11ms}, Row{0s, 0s}}) {
    Timers timers{1};
    timers.set(0, due);
    EXPECT_EQ(timers.wheel.deadline(), TimePoint{taken});
    if (taken > 0s) timers.take_all(taken - 1ns);
    EXPECT_TRUE(timers.fired.empty());
    timers.take_all(taken);
    EXPECT_EQ(timers.fired.size(), 1U);
  }
}

TEST(TimerWheel, WhatIsOverdueComesOutAtOnce) {
  Timers timers{2};
  timers.take_all(100s);
  timers.set(0, 5s);
  timers.set(1, 100s);
  EXPECT_LE(timers.wheel.deadline(), TimePoint{100s});
  timers.take_all(100s);
  EXPECT_EQ(timers.fired.size(), 2U);
}

/// Two timers of the same highest slot, of which one is set beyond the end of the wheel.
TEST(TimerWheel, HoldsTimersBeyondItsHorizon) {
  Timers timers{3};
  timers.take_all(60s);
  timers.set(0, 2000 * kDay);
  timers.set(1, 398 * kDay);
  timers.set(2, 100 * 365 * kDay);
  timers.run_until(3000 * kDay);
  EXPECT_EQ(timers.fired, (std::vector<Timers::Fired>{{1, 398 * kDay}, {0, 2000 * kDay}}));
  timers.run_until(100 * 365 * kDay);
  EXPECT_EQ(timers.fired.back(), (Timers::Fired{2, 100 * 365 * kDay}));
}

TEST(TimerWheel, KeepsATimerThatNeverEnds) {
  Timers timers{2};
  timers.set(0, kNever.time_since_epoch());
  timers.set(1, 5s);
  timers.run_until(10'000 * kDay);
  EXPECT_EQ(timers.fired, (std::vector<Timers::Fired>{{1, 5s}}));
  EXPECT_NE(timers.wheel.deadline(), kNever);
}

/// The highest level comes round every 2^36 ms, about 795 days.
TEST(TimerWheel, SurvivesTheTurnOfItsHighestLevel) {
  constexpr auto kTurn = 1ms * (std::int64_t{1} << 36U);
  for (const auto before :
       {Duration{1ms}, Duration{1h}, Duration{20 * kDay}, Duration{300 * kDay}}) {
    SCOPED_TRACE(before.count());
    Timers timers{5};
    const auto start = kTurn - before;
    timers.take_all(start);
    const std::vector<Duration> dues{kTurn + 300 * kDay, kTurn, kTurn - 1ms, kTurn + 1ms,
                                     kTurn + 13 * kDay};
    for (std::uint32_t i = 0; i < dues.size(); ++i) timers.set(i, dues[i]);
    timers.run_until(2 * kTurn);
    EXPECT_EQ(timers.fired,
              (std::vector<Timers::Fired>{
                  {2, dues[2]}, {1, dues[1]}, {3, dues[3]}, {4, dues[4]}, {0, dues[0]}}));
  }
}

TEST(TimerWheel, GivesAllNumbersOfAMillisecond) {
  Timers timers{1000};
  for (std::uint32_t i = 0; i < 1000; ++i) timers.set(i, 90s);
  timers.run_until(90s - 1ms);
  EXPECT_TRUE(timers.fired.empty());
  timers.take_all(90s);
  EXPECT_EQ(timers.fired.size(), 1000U);
}

/// Between two numbers of a slot, others are set to before, into and after it, moved and removed.
TEST(TimerWheel, StaysExactWhileASlotIsDrainedInParts) {
  Timers timers{200};
  for (std::uint32_t i = 0; i < 100; ++i) timers.set(i, 90s + i * 1ms);  // one slot of level 2
  const auto begin = timers.wheel.deadline();
  ASSERT_LT(begin, TimePoint{90s});
  for (std::uint32_t i = 0; i < 40; ++i) {
    const auto number = timers.wheel.take(begin);
    ASSERT_TRUE(number);
    timers.set(*number, 80s + *number * 1ms);  // that is overdue
    timers.set(100 + *number, 90s + *number * 1ms);
    EXPECT_LE(timers.wheel.deadline(), begin);
  }
  for (std::uint32_t i = 0; i < 100; i += 10) timers.remove(i);
  auto expected = timers.due;
  timers.run_until(100s);
  for (const auto& [number, at] : timers.fired) {
    EXPECT_EQ(TimePoint{at}, std::max(expected[number], begin)) << number;
    expected[number] = kNever;
  }
  EXPECT_EQ(expected, std::vector<TimePoint>(200, kNever));
}

TEST(TimerWheel, TakesWhatWasRemovedNoMore) {
  Timers timers{4};
  for (std::uint32_t i = 0; i < 4; ++i) timers.set(i, 5s);
  timers.remove(3);  // the first of its slot
  timers.remove(1);  // one between others
  timers.remove(1);  // twice
  timers.remove(0);  // the last
  EXPECT_EQ(timers.wheel.deadline(), TimePoint{4'096ms});
  timers.run_until(10s);
  EXPECT_EQ(timers.fired, (std::vector<Timers::Fired>{{2, 5s}}));
  timers.set(0, 20s);
  timers.remove(0);
  EXPECT_EQ(timers.wheel.deadline(), kNever);
}

TEST(TimerWheel, ALaterTimeLeavesATimerWhereItIs) {
  Timers timers{1};
  timers.set(0, 5s);
  const auto slot = timers.links(0).slot;
  timers.set(0, 270s);
  EXPECT_EQ(timers.links(0).slot, slot);
  timers.set(0, 4s);
  EXPECT_NE(timers.links(0).slot, slot);
  timers.run_until(3'999ms);
  EXPECT_TRUE(timers.fired.empty());
  timers.run_until(4s);
  EXPECT_EQ(timers.fired.size(), 1U);
}

TEST(TimerWheel, ForgetsEverythingAtOnce) {
  Timers timers{2};
  timers.set(0, 5s);
  timers.wheel.clear();
  EXPECT_EQ(timers.wheel.deadline(), kNever);
  EXPECT_FALSE(timers.wheel.take(TimePoint{10s}));
}

TEST(TimerWheel, CatchesUpWithAHostThatSleptForDays) {
  Timers timers{3};
  timers.set(0, 1s);
  timers.set(1, 2 * kDay);
  timers.set(2, 9 * kDay);
  timers.take_all(5 * kDay);
  EXPECT_EQ(timers.fired, (std::vector<Timers::Fired>{{0, 5 * kDay}, {1, 5 * kDay}}));
  timers.set(0, 5 * kDay + 7ms);  // and is exact again
  timers.run_until(5 * kDay + 7ms);
  EXPECT_EQ(timers.fired.back(), (Timers::Fired{0, 5 * kDay + 7ms}));
}

/// Nobody asked the wheel for days: what is set then still comes out in time.
TEST(TimerWheel, IsExactAfterDaysWithoutATimer) {
  for (const Duration idle : {Duration{61s}, Duration{250s}, Duration{7 * kDay}}) {
    Timers timers{2};
    timers.set(0, idle + 1ms);
    timers.set(1, idle + 270s);
    timers.take_all(idle);
    EXPECT_TRUE(timers.fired.empty());
    timers.run_until(idle + 300s);
    EXPECT_EQ(timers.fired, (std::vector<Timers::Fired>{{0, idle + 1ms}, {1, idle + 270s}}));
  }
}

/// Against a sorted list, with timers of all lengths and a clock that creeps, runs and leaps.
TEST(TimerWheel, AgreesWithASortedList) {
  constexpr std::uint32_t kCount = 60;
  const auto by_time = [](const auto& a, const auto& b) {
    return std::pair{a.at, a.number} < std::pair{b.at, b.number};
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random{seed};
    const auto up_to = [&](std::uint64_t bits) {
      return 1ms * static_cast<std::int64_t>(random.next() >> (64 - 1 - random.below(bits)));
    };
    Timers timers{kCount};
    std::multimap<Duration, std::uint32_t> sorted;
    const auto forget = [&](std::uint32_t number) {
      std::erase_if(sorted, [&](const auto& entry) { return entry.second == number; });
    };
    Duration now = up_to(40);
    timers.take_all(now);
    for (int step = 0; step < 2000; ++step) {
      const auto number = static_cast<std::uint32_t>(random.below(kCount));
      const auto dice = random.below(10);
      if (dice < 7) {
        forget(number);
        if (dice == 6) {
          timers.remove(number);
        } else {
          const auto due = std::max(0ns, now + up_to(37) - 100ms);
          timers.set(number, due);
          sorted.emplace(due, number);
        }
        continue;
      }
      const bool leaps = dice == 7;
      const auto end = now + up_to(leaps ? 32 : 20);
      leaps ? timers.take_all(end) : timers.run_until(end);
      std::vector<Timers::Fired> expected;
      while (!sorted.empty() && sorted.begin()->first <= end) {
        const auto [due, which] = *sorted.begin();
        sorted.erase(sorted.begin());
        expected.push_back({which, leaps ? end : std::max(due, now)});
      }
      std::sort(expected.begin(), expected.end(), by_time);
      std::sort(timers.fired.begin(), timers.fired.end(), by_time);
      ASSERT_EQ(timers.fired, expected);
      timers.fired.clear();
      now = end;
    }
  }
}

}  // namespace
}  // namespace mcq::core
