#include "process/notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "os/systemd.hpp"
#include "support/temporary_directory.hpp"
#include "support/unread_socket.hpp"

namespace mcq::process {
namespace {

class WatchdogTest : public testing::Test {
 protected:
  ~WatchdogTest() override { ::unsetenv("WATCHDOG_USEC"); }
  static std::optional<Duration> interval(const char* microseconds) {
    ::setenv("WATCHDOG_USEC", microseconds, 1);
    return os::watchdog_interval();
  }
};

TEST_F(WatchdogTest, IsToldTwiceInItsTime) {
  EXPECT_EQ(interval("30000000"), 15s);
  EXPECT_EQ(interval("1"), 500ns);
}

TEST_F(WatchdogTest, ThereMayBeNone) {
  EXPECT_EQ(os::watchdog_interval(), std::nullopt);
  for (const char* none : {"", "0", "soon", "18446744073709551615"}) {
    EXPECT_EQ(interval(none), std::nullopt) << none;
  }
}

TEST_F(WatchdogTest, ATimeThatNobodyLivesToSeeIsAYear) {
  EXPECT_EQ(interval("18446744073709551614"), 24h * 365 / 2);
}

using process::Notifier;
using testing::ElementsAre;
using testing::IsEmpty;

/// A service manager that reads when it is asked to.
class NotifierTest : public testing::Test {
 protected:
  ~NotifierTest() override { ::unsetenv("NOTIFY_SOCKET"); }

  /// What has arrived since the last time.
  std::vector<std::string> read() const {
    std::vector<std::string> messages;
    while (auto message = manager_.read()) {
      if (*message != "filler") messages.push_back(*message);
    }
    return messages;
  }
  void fill() const { UnreadSocket::fill(name_); }
  void pass(std::chrono::milliseconds time) {
    io_.restart();
    io_.run_for(time);
  }
  /// Whether a timer is set.
  bool wakes() {
    io_.restart();
    return io_.run_one_for(3s) > 0;
  }

 private:
  TemporaryDirectory directory_;
  std::string name_ = directory_ / "notify";
  UnreadSocket manager_{name_};
  boost::asio::io_context io_{1};

 protected:
  Notifier notifier_{in_environment()};

 private:
  boost::asio::io_context& in_environment() {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    return io_;
  }
};

TEST_F(NotifierTest, WhatSystemdTakesIsSentAtOnceAndOnce) {
  notifier_.ready();
  notifier_.alive();
  EXPECT_THAT(read(), ElementsAre("READY=1", "WATCHDOG=1"));
  notifier_.reloading();
  notifier_.ready();
  notifier_.stopping();
  EXPECT_THAT(read(), ElementsAre("RELOADING=1", "READY=1", "STOPPING=1"));
  EXPECT_FALSE(wakes());
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(NotifierTest, OfManyStatusLinesTheFirstAndTheLastAreSent) {
  for (int i = 1; i <= 800; ++i) notifier_.status(std::to_string(i));
  EXPECT_THAT(read(), ElementsAre("STATUS=1"));
  pass(900ms);
  EXPECT_THAT(read(), IsEmpty());
  pass(200ms);
  EXPECT_THAT(read(), ElementsAre("STATUS=800"));
  notifier_.status("801");
  EXPECT_THAT(read(), IsEmpty()) << "a second has not passed";
  pass(1100ms);
  EXPECT_THAT(read(), ElementsAre("STATUS=801"));
}

TEST_F(NotifierTest, AStatusLineThatHasNotChangedIsNotSent) {
  notifier_.status("a");
  notifier_.status("b");
  notifier_.status("a");
  pass(1100ms);
  EXPECT_THAT(read(), ElementsAre("STATUS=a"));
  EXPECT_FALSE(wakes());
}

TEST_F(NotifierTest, ALongStatusLineIsCut) {
  notifier_.status(std::string(5000, 'x'));
  EXPECT_THAT(read(), ElementsAre("STATUS=" + std::string(1024, 'x')));
}

TEST_F(NotifierTest, WhatSystemdDoesNotTakeIsSentLater) {
  fill();
  notifier_.ready();
  notifier_.status("a");
  notifier_.status("b");
  notifier_.alive();
  pass(1100ms);  // tries in vain
  EXPECT_THAT(read(), IsEmpty());
  pass(1100ms);
  EXPECT_THAT(read(), ElementsAre("READY=1\nWATCHDOG=1", "STATUS=b"));
  EXPECT_TRUE(wakes());  // the end of that line's second
  EXPECT_FALSE(wakes());
}

TEST_F(NotifierTest, OfStatesThatWaitTheLatestIsSent) {
  fill();
  notifier_.reloading();
  notifier_.ready();
  EXPECT_THAT(read(), IsEmpty());
  pass(1100ms);
  EXPECT_THAT(read(), ElementsAre("READY=1"));
}

TEST_F(NotifierTest, WithoutSystemdNothingIsDone) {
  ::unsetenv("NOTIFY_SOCKET");
  boost::asio::io_context io{1};
  Notifier nobody{io};
  nobody.ready();
  nobody.status("a");
  nobody.alive();
  EXPECT_EQ(io.run(), 0U);
  EXPECT_THAT(read(), IsEmpty());
}

}  // namespace
}  // namespace mcq::process
