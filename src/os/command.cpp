#include "os/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "os/fd.hpp"

namespace mcq::os {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kLongest = std::size_t{4} << 20;

struct Pipe {
  Fd read, write;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return Pipe{Fd{ends[0]}, Fd{ends[1]}};
}

std::optional<pid_t> start(const std::vector<std::string>& command, const Fd& output) {
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  if (::posix_spawn_file_actions_init(&actions) != 0) return {};
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, words[0], &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? std::optional{process} : std::nullopt;
}

/// Reads to the end; false if that takes too long, or is too much.
bool read_all(const Fd& from, Clock::time_point deadline, std::string& output) {
  std::array<char, 4096> piece{};
  while (output.size() <= kLongest) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd readable{from.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) == 0) return false;
    const auto got = ::read(from.get(), piece.data(), piece.size());
    if (got == 0) return true;
    if (got < 0 && errno != EINTR) return false;
    if (got > 0) output.append(piece.data(), static_cast<std::size_t>(got));
  }
  return false;
}

}  // namespace

std::optional<std::string> output_of(const std::vector<std::string>& command,
                                     std::chrono::milliseconds patience) {
  auto pipe = make_pipe();
  if (!pipe) return {};
  const auto process = start(command, pipe->write);
  if (!process) return {};
  pipe->write = Fd{};
  std::string output;
  const bool is_whole = read_all(pipe->read, Clock::now() + patience, output);
  if (!is_whole) ::kill(*process, SIGKILL);
  int status = 0;
  while (::waitpid(*process, &status, 0) < 0 && errno == EINTR) {
  }
  const bool has_succeeded = is_whole && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return has_succeeded ? std::optional{std::move(output)} : std::nullopt;
}

}  // namespace mcq::os
