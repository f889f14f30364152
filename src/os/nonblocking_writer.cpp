#include "os/nonblocking_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>
#include <utility>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

Result<std::size_t, int> outcome(ssize_t written) {
  if (written < 0) return fail(errno);
  return static_cast<std::size_t>(written);
}

}  // namespace

bool is_temporary(int error_number) {
  switch (error_number) {
    case EAGAIN:
    case EINTR:
    case ENOBUFS:
    case ENOENT:
    case ECONNREFUSED:
      return true;
    default:
      return false;
  }
}

Result<DatagramWriter> DatagramWriter::open(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_known_form = name.size() > 1 && (name[0] == '/' || name[0] == '@');
  if (!is_known_form || name.size() >= sizeof address.sun_path) {
    return fail("'" + std::string{name} + "' cannot be the name of a socket");
  }
  std::copy(name.begin(), name.end(), std::begin(address.sun_path));
  auto size = offsetof(sockaddr_un, sun_path) + name.size();
  if (name[0] == '@') {
    address.sun_path[0] = '\0';  // every byte of an abstract name counts: no NUL at its end
  } else {
    ++size;
  }
  Fd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0) return system_failure("cannot open a Unix socket");
  return DatagramWriter{std::move(fd), address, static_cast<socklen_t>(size)};
}

Result<std::size_t, int> DatagramWriter::write(std::string_view text) {
  return outcome(::sendto(fd_.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                          reinterpret_cast<const sockaddr*>(&name_), size_));
}

StreamWriter::StreamWriter(int fd) : fd_(fd) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) return;
  is_socket_ = S_ISSOCK(about.st_mode);
  if (!S_ISFIFO(about.st_mode) && ::isatty(fd) == 0) return;
  const auto path = "/proc/self/fd/" + std::to_string(fd);
  own_ = Fd{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
}

Result<std::size_t, int> StreamWriter::write(std::string_view text) {
  if (is_socket_) {
    return outcome(::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  }
  if (own_.get() >= 0) return outcome(::write(own_.get(), text.data(), text.size()));
  // A pipe of another user, which cannot be opened again. After poll() it has room for PIPE_BUF
  // bytes, unless another process that shares it writes first.
  pollfd waiting{.fd = fd_, .events = POLLOUT, .revents = 0};
  if (::poll(&waiting, 1, 0) != 1) return fail(EAGAIN);
  return outcome(::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF)));
}

}  // namespace mcq::os
