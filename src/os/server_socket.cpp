#include "os/server_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "os/socket_option.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr int kBacklog = 128;         ///< connections queued for accept()
constexpr mode_t kNobodyElse = 0117;  ///< umask: read and write for owner and group only

/// Binds or connects to a path. Returns 0 or an error number.
int call(int (*function)(int, const sockaddr*, socklen_t), int fd, const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  return function(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
}

Fd open(int family) { return Fd{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)}; }

/// Removes a socket without a listener at `path`. Fails when something else is there.
Result<Ok> make_room(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return Ok{};  // nothing there, or bind() reports the error
  if (!S_ISSOCK(found.st_mode)) {
    return fail("a file that is not a socket is there: remove it or give another --api-socket");
  }
  const int error = call(::connect, open(AF_UNIX).get(), path);
  if (error == ECONNREFUSED) {
    ::unlink(path.c_str());
  } else if (error == 0 || error == EAGAIN) {  // EAGAIN: its backlog is full
    return fail("'igmp-querier' already answers there: stop it or give another --api-socket");
  }
  return Ok{};
}

Result<Fd> open_at(const std::string& path) {
  constexpr auto kMax = sizeof sockaddr_un::sun_path - 1;
  if (path.empty() || path.size() > kMax) {
    return fail("the path of a socket has 1 to " + std::to_string(kMax) +
                " bytes: give another --api-socket");
  }
  if (auto room = make_room(path); !room) return fail(std::move(room).error());
  Fd fd = open(AF_UNIX);
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

/// Returns a listening TCP socket. Fails with an error number.
template <class Name>
Result<Fd, int> open_tcp(const Name& name) {
  const auto* where = reinterpret_cast<const sockaddr*>(&name);
  Fd fd = open(where->sa_family);
  if (fd.get() < 0) return fail(errno);
  const int yes = 1, no = 0;
  // Accepted sockets inherit these; without TCP_NODELAY an event waits for the acknowledgement of
  // the one before.
  const bool is_set =
      set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, yes) &&
      set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, yes) &&
      (where->sa_family != AF_INET6 || set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, no));
  if (!is_set || ::bind(fd.get(), where, sizeof name) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return fail(errno);
  }
  return fd;
}

std::string cannot_listen(const std::string& address, std::uint16_t port, int error) {
  const auto* advice = error == EADDRINUSE      ? ": another program listens there"
                       : error == EADDRNOTAVAIL ? ": this machine does not have that address"
                       : error == EACCES        ? ": ports below 1024 are for root"
                                                : "";
  return "cannot listen at " + address + ":" + std::to_string(port) + advice + ": " +
         describe(error);
}

}  // namespace

Result<ServerSocket> ServerSocket::listen(const std::string& path,
                                          const std::optional<Account>& owner) {
  auto fd = open_at(path);
  if (!fd) return fail("cannot listen at '" + path + "': " + fd.error().message);
  if (owner && ::lchown(path.c_str(), owner->user, owner->group) != 0) {
    return fail("cannot give '" + path + "' to user '" + owner->name + "': " + describe(errno));
  }
  return ServerSocket{std::move(*fd), AF_UNIX, path};
}

Result<ServerSocket> ServerSocket::listen(const Ipv4Address& address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  std::memcpy(&name.sin_addr, address.bytes.data(), address.bytes.size());
  auto fd = open_tcp(name);
  if (!fd) return fail(cannot_listen(to_string(address), port, fd.error()));
  return ServerSocket{std::move(*fd), AF_INET};
}

Result<ServerSocket> ServerSocket::listen(const Ipv6Address& address, std::uint16_t port) {
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(port);
  std::memcpy(&name.sin6_addr, address.bytes.data(), address.bytes.size());
  auto fd = open_tcp(name);
  if (!fd) return fail(cannot_listen("[" + to_string(address) + "]", port, fd.error()));
  return ServerSocket{std::move(*fd), AF_INET6};
}

ServerSocket::ServerSocket(Fd fd, int family, std::string path)
    : fd_(std::move(fd)), family_(family), path_(std::move(path)) {
  if (!path_.empty()) inode_ = inode_of(path_);
}

ServerSocket::~ServerSocket() {
  if (!path_.empty() && inode_of(path_) == inode_) ::unlink(path_.c_str());
}

ServerSocket::Inode ServerSocket::inode_of(const std::string& path) {
  struct stat found {};
  ::lstat(path.c_str(), &found);
  return {found.st_dev, found.st_ino};
}

Result<Fd, int> ServerSocket::accept() {
  Fd client{::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (client.get() < 0) return fail(errno);
  return client;
}

namespace {

/// Returns an end of a connection as an IPv6 address, IPv4 mapped; unspecified for other families.
in6_addr address_of(int socket, int (*end)(int, sockaddr*, socklen_t*)) {
  sockaddr_in6 name{};  // large enough for IPv4 too
  socklen_t size = sizeof name;
  in6_addr address{};
  if (end(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0) return address;
  if (name.sin6_family == AF_INET6) return name.sin6_addr;
  if (name.sin6_family != AF_INET) return address;
  address.s6_addr[10] = address.s6_addr[11] = 0xff;
  std::memcpy(&address.s6_addr[12], &reinterpret_cast<const sockaddr_in*>(&name)->sin_addr,
              sizeof(in_addr));
  return address;
}

}  // namespace

std::string network_of_peer(int socket) {
  constexpr std::uint8_t kLoopback = 127;
  const auto peer = address_of(socket, ::getpeername), own = address_of(socket, ::getsockname);
  const bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(&peer);
  const bool is_here = IN6_IS_ADDR_UNSPECIFIED(&peer) || IN6_IS_ADDR_LOOPBACK(&peer) ||
                       (is_ipv4 && peer.s6_addr[12] == kLoopback) ||
                       IN6_ARE_ADDR_EQUAL(&peer, &own);
  if (is_here) return {};
  const auto* bytes = reinterpret_cast<const char*>(peer.s6_addr);
  return is_ipv4 ? std::string{bytes + 12, 4} : std::string{bytes, sizeof peer / 2};
}

bool peer_is_root(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0;
}

}  // namespace mcq::os
