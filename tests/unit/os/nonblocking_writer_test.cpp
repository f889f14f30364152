#include "os/nonblocking_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>
#include <string>

#include "support/temporary_directory.hpp"
#include "support/unread_socket.hpp"

namespace mcq::os {
namespace {

using Written = Result<std::size_t, int>;

TEST(DatagramWriter, SendsToAPathAndToAnAbstractName) {
  const TemporaryDirectory directory;
  const auto abstract = "@mcq-test-" + std::to_string(::getpid());
  for (const auto& name : {directory / "socket", abstract}) {
    const UnreadSocket reader{name};
    auto writer = DatagramWriter::open(name);
    ASSERT_TRUE(writer) << name;
    EXPECT_EQ(writer->write("READY=1"), Written{7});
    EXPECT_EQ(reader.read(), "READY=1");
  }
}

TEST(DatagramWriter, RefusesWhatIsNoName) {
  for (const std::string name : {"", "/", "@", "socket", "vsock:2:1234"}) {
    EXPECT_FALSE(DatagramWriter::open(name)) << name;
  }
  const std::string longest = "/" + std::string(sizeof(sockaddr_un::sun_path) - 2, 'x');
  EXPECT_TRUE(DatagramWriter::open(longest));
  EXPECT_FALSE(DatagramWriter::open(longest + "x"));
}

TEST(DatagramWriter, AFullQueueIsToldAtOnceAndPasses) {
  const TemporaryDirectory directory;
  const auto name = directory / "socket";
  const UnreadSocket reader{name};
  UnreadSocket::fill(name);
  auto writer = DatagramWriter::open(name);
  ASSERT_TRUE(writer);
  EXPECT_EQ(writer->write("more"), Written{fail(EAGAIN)});
  EXPECT_TRUE(is_temporary(EAGAIN));
  reader.read_all();
  EXPECT_EQ(writer->write("more"), Written{4});
}

TEST(DatagramWriter, FindsAReaderThatIsStartedLaterOrAnew) {
  const TemporaryDirectory directory;
  const auto name = directory / "socket";
  auto writer = DatagramWriter::open(name);
  ASSERT_TRUE(writer);
  EXPECT_EQ(writer->write("a"), Written{fail(ENOENT)});
  for (int i = 0; i < 2; ++i) {
    {
      const UnreadSocket reader{name};
      EXPECT_EQ(writer->write("a"), Written{1});
      EXPECT_EQ(reader.read(), "a");
    }
    EXPECT_EQ(writer->write("a"), Written{fail(ECONNREFUSED)});
    std::filesystem::remove(name);
  }
  EXPECT_TRUE(is_temporary(ENOENT) && is_temporary(ECONNREFUSED));
}

TEST(DatagramWriter, WhatIsTooLongForADatagramNeverFits) {
  const TemporaryDirectory directory;
  const auto name = directory / "socket";
  const UnreadSocket reader{name};
  auto writer = DatagramWriter::open(name);
  ASSERT_TRUE(writer);
  const auto outcome = writer->write(std::string(16U << 20U, 'x'));
  ASSERT_FALSE(outcome);
  EXPECT_FALSE(is_temporary(outcome.error()));
}

/// Both ends of something that a process may have as its standard error.
struct Ends {
  Fd reader, writer;
};

Ends pipe_ends() {
  std::array<int, 2> fds{-1, -1};
  EXPECT_EQ(::pipe2(fds.data(), O_CLOEXEC), 0);
  return {Fd{fds[0]}, Fd{fds[1]}};
}
Ends terminal_ends() {
  int master = -1, slave = -1;
  EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  return {Fd{master}, Fd{slave}};
}
Ends socket_ends() {
  std::array<int, 2> fds{-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), 0);
  return {Fd{fds[0]}, Fd{fds[1]}};
}

/// Writes without end, longer than PIPE_BUF at a time, until there is no room. A wait would never
/// end.
void expect_no_wait(Ends ends) {
  StreamWriter writer{ends.writer.get()};
  const std::string text(3 * PIPE_BUF + 1, 'x');
  std::size_t taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto outcome = writer.write(text);
    if (!outcome) {
      ASSERT_EQ(outcome.error(), EAGAIN);
      EXPECT_GE(taken, std::size_t{PIPE_BUF} / 2);
      EXPECT_EQ(::fcntl(ends.writer.get(), F_GETFL) & O_NONBLOCK, 0) << "others see it too";
      for (int attempt = 0; attempt < 1000; ++attempt) {  // a terminal has room a moment later
        std::array<char, 1U << 16U> read{};
        EXPECT_GT(::read(ends.reader.get(), read.data(), read.size()), 0);
        if (writer.write("room again")) return;
      }
      FAIL() << "no room again";
    }
    taken += *outcome;
  }
  FAIL() << "there is always room";
}

TEST(StreamWriter, WaitsForNoReader) {
  expect_no_wait(pipe_ends());
  expect_no_wait(terminal_ends());
  expect_no_wait(socket_ends());
}

TEST(StreamWriter, APipeOfAnotherUserIsNotWaitedForEither) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  auto ends = pipe_ends();
  const auto child = ::fork();
  if (child == 0) {
    constexpr uid_t kSomebody = 12345;
    if (::setuid(kSomebody) != 0) ::_exit(1);
    ::alarm(10);
    expect_no_wait(std::move(ends));
    ::_exit(testing::Test::HasFailure() ? 2 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST(StreamWriter, AFileIsContinued) {
  const TemporaryDirectory directory;
  const auto path = directory / "log";
  const Fd file{::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)};
  ASSERT_EQ(::write(file.get(), "before ", 7), 7);
  EXPECT_TRUE(StreamWriter{file.get()}.write("after"));
  EXPECT_EQ(std::filesystem::file_size(path), 12U);
}

TEST(StreamWriter, AReaderThatHasGoneDoesNotComeBack) {
  std::signal(SIGPIPE, SIG_IGN);
  auto ends = pipe_ends();
  ends.reader = Fd{};
  const auto outcome = StreamWriter{ends.writer.get()}.write("a");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), EPIPE);
  EXPECT_FALSE(is_temporary(EPIPE));
}

}  // namespace
}  // namespace mcq::os
