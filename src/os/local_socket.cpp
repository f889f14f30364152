#include "os/local_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr int kBacklog = 128;         ///< of connections that wait to be accepted
constexpr mode_t kNobodyElse = 0117;  ///< leaves read and write to owner and group

/// Binds or connects; 0 or the error number.
int call(int (*function)(int, const sockaddr*, socklen_t), int fd, const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  return function(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
}

Fd open() { return Fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)}; }

/// Whatever is at `path` already: a socket that nobody answers at any more is removed.
Result<Ok> make_room(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return Ok{};  // nothing, or bind says what is wrong
  if (!S_ISSOCK(found.st_mode)) {
    return fail("something else than a socket is there: remove it or give another --api-socket");
  }
  const int error = call(::connect, open().get(), path);
  if (error == ECONNREFUSED) {
    ::unlink(path.c_str());
  } else if (error == 0 || error == EAGAIN) {  // EAGAIN: so many wait that one more cannot
    return fail("'igmp-querier' already answers there: stop it or give another --api-socket");
  }
  return Ok{};
}

Result<Fd> open_at(const std::string& path) {
  constexpr auto kLongest = sizeof sockaddr_un::sun_path - 1;
  if (path.empty() || path.size() > kLongest) {
    return fail("the path of a socket has 1 to " + std::to_string(kLongest) +
                " octets: give another --api-socket");
  }
  if (auto room = make_room(path); !room) return fail(std::move(room).error());
  Fd fd = open();
  if (fd.get() < 0) return fail(describe(errno));
  const auto before = ::umask(kNobodyElse);
  const int error = call(::bind, fd.get(), path);
  ::umask(before);
  if (error != 0) {
    return fail(describe(error) + (error == ENOENT ? ": make its directory or" : ":") +
                " give another --api-socket");
  }
  if (::listen(fd.get(), kBacklog) != 0) return fail(describe(errno));
  return fd;
}

}  // namespace

Result<LocalSocket> LocalSocket::listen(const std::string& path) {
  auto fd = open_at(path);
  if (!fd) return fail("cannot listen at '" + path + "': " + fd.error().message);
  return LocalSocket{std::move(*fd), path};
}

LocalSocket::~LocalSocket() {
  if (!path_.empty() && inode_of(path_) == inode_) ::unlink(path_.c_str());
}

LocalSocket::Inode LocalSocket::inode_of(const std::string& path) {
  struct stat found {};
  ::lstat(path.c_str(), &found);
  return {found.st_dev, found.st_ino};
}

Result<Fd, int> LocalSocket::accept() {
  Fd client{::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (client.get() < 0) return fail(errno);
  return client;
}

bool peer_is_root(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0;
}

}  // namespace mcq::os
