#include "process/timer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>

namespace mcq::process {
namespace {

struct TimerTest : testing::Test {
  boost::asio::io_context io;
  std::optional<Timer> timer{std::in_place, io};
  int calls = 0;
};

TEST_F(TimerTest, CallsOnce) {
  timer->start({}, [&] { ++calls; });
  io.run();
  EXPECT_EQ(calls, 1);
}

TEST_F(TimerTest, ACallMayStartItAgain) {
  timer->start({}, [&] {
    ++calls;
    timer->start({}, [&] { calls += 10; });
  });
  io.run();
  EXPECT_EQ(calls, 11);
}

TEST_F(TimerTest, AnotherStartReplacesTheFunction) {
  timer->start({}, [&] { calls += 10; });
  timer->start({}, [&] { ++calls; });
  io.run();
  EXPECT_EQ(calls, 1);
}

// By then the timer has expired: both functions are in the queue of the event loop.
TEST_F(TimerTest, AStoppedOneCallsNothing) {
  Timer first{io};
  first.start({}, [&] { timer->stop(); });
  timer->start({}, [&] { ++calls; });
  io.run();
  EXPECT_EQ(calls, 0);
}

TEST_F(TimerTest, ADestroyedOneCallsNothing) {
  Timer first{io};
  first.start({}, [&] { timer.reset(); });
  timer->start({}, [&] { ++calls; });
  io.run();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace mcq::process
