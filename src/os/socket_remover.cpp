#include "os/socket_remover.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cap-ng.h>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <utility>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

/// Waits until nobody has the other end of the pipe open, and removes the socket.
[[noreturn]] void wait_and_remove(int pipe, const char* path, const struct stat& socket) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
    std::signal(signal, SIG_IGN);  // Ctrl-C is for all processes of a terminal
  }
  ::sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_NAME, "socket-remover");
  ::dup2(pipe, STDIN_FILENO);
  ::close_range(STDIN_FILENO + 1, ~0U, 0);
  capng_clear(CAPNG_SELECT_BOTH);
  capng_apply(CAPNG_SELECT_BOUNDS);  // fails without CAP_SETPCAP
  if (capng_apply(CAPNG_SELECT_CAPS) != 0) ::_exit(1);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) {
  }
  struct stat found {};
  const bool is_same =
      ::lstat(path, &found) == 0 && found.st_dev == socket.st_dev && found.st_ino == socket.st_ino;
  if (is_same) ::unlink(path);
  ::_exit(0);
}

}  // namespace

bool can_remove(const std::string& path, const Account& account) {
  struct stat folder {};
  const auto name = std::filesystem::path{path}.parent_path();
  if (::stat(name.empty() ? "." : name.c_str(), &folder) != 0) return false;
  if (folder.st_uid == account.user) return (folder.st_mode & S_IWUSR) != 0;
  if (folder.st_gid == account.group) return (folder.st_mode & S_IWGRP) != 0;
  return (folder.st_mode & S_IWOTH) != 0;
}

Result<Fd> remove_at_end(const std::string& path) {
  struct stat socket {};
  int ends[2] = {-1, -1};
  if (::lstat(path.c_str(), &socket) != 0 || ::pipe2(ends, O_CLOEXEC) != 0) {
    return system_failure("cannot prepare the removal of the socket");
  }
  const Fd read_end{ends[0]};
  Fd write_end{ends[1]};
  const auto child = ::fork();
  if (child < 0) return system_failure("cannot prepare the removal of the socket");
  if (child == 0) wait_and_remove(read_end.get(), path.c_str(), socket);
  return write_end;
}

}  // namespace mcq::os
