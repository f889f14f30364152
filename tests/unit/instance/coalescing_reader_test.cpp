#include "instance/coalescing_reader.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "os/clock.hpp"

namespace mcq::instance {
namespace {

using Found = CoalescingReader::Found;

/// A pipe, from which a reader takes what is there.
struct Rig {
  Rig() { EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0); }
  ~Rig() {
    reader.reset();
    for (const int end : ends) ::close(end);
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  void write() { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  void start() {
    reader.emplace(io, ends[0], [this] {
      char taken = 0;
      const auto before = bytes;
      while (::read(ends[0], &taken, 1) == 1) ++bytes;
      times.push_back(os::now());
      if (on_turn) on_turn();
      if (has_much) return Found::kMuch;
      return bytes == before ? Found::kNothing : Found::kAll;
    });
  }
  /// Goes on until there have been so many turns.
  void run(std::size_t turns) {
    while (times.size() < turns) io.run_one();
  }

  std::array<int, 2> ends{};
  boost::asio::io_context io;
  std::optional<CoalescingReader> reader;
  std::function<void()> on_turn;
  bool has_much = false;
  std::size_t bytes = 0;
  std::vector<TimePoint> times;
};

TEST(CoalescingReader, ReadsAtOnceWhatIsThere) {
  Rig rig;
  rig.start();
  rig.write();
  rig.run(1);
  EXPECT_EQ(rig.bytes, 1U);
  EXPECT_EQ(rig.io.poll(), 0U);  // and then waits
}

TEST(CoalescingReader, PausesWhereItHasReadShortlyBefore) {
  Rig rig;
  rig.start();
  rig.on_turn = [&] {
    if (rig.times.size() < 10) rig.write();
  };
  rig.write();
  rig.run(10);
  EXPECT_EQ(rig.bytes, 10U);
  // The second turn comes at once, and each further one after a pause.
  EXPECT_GE(rig.times.back() - rig.times[1], 8 * CoalescingReader::kPause);
}

/// Two bytes close together make it pause, once.
TEST(CoalescingReader, WaitsAfterAPauseThatBroughtNothing) {
  Rig rig;
  rig.start();
  rig.on_turn = [&] {
    if (rig.times.size() < 2) rig.write();
  };
  rig.write();
  rig.run(3);
  EXPECT_EQ(rig.bytes, 2U);
  EXPECT_EQ(rig.io.run_for(10 * CoalescingReader::kPause), 0U);
  rig.write();
  rig.run(4);
  EXPECT_EQ(rig.bytes, 3U);
}

TEST(CoalescingReader, LooksAgainAtOnceWhereMuchWasFound) {
  Rig rig;
  rig.has_much = true;
  rig.start();
  rig.write();
  rig.run(3);  // although nobody writes any more
  EXPECT_EQ(rig.bytes, 1U);
  rig.has_much = false;
  rig.run(4);
  rig.write();
  rig.run(5);
  EXPECT_EQ(rig.bytes, 2U);
}

TEST(CoalescingReader, NothingIsReadAfterItsEnd) {
  Rig rig;
  rig.has_much = true;
  rig.start();
  rig.write();
  rig.run(1);
  rig.reader.reset();
  rig.write();
  rig.io.run();
  EXPECT_EQ(rig.times.size(), 1U);
}

TEST(CoalescingReader, NothingIsReadAfterTheEndOfOneThatWaits) {
  Rig rig;
  rig.start();
  rig.reader.reset();
  rig.write();
  rig.io.run();
  EXPECT_TRUE(rig.times.empty());
}

}  // namespace
}  // namespace mcq::instance
