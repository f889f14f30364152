#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"
#include "os/sandbox.hpp"

namespace mcq::os {

/// A listening stream socket.
class ServerSocket {
 public:
  /// Listens at a Unix socket `path`, created with mode 0660. Replaces a socket file without a
  /// listener; removes its own file when it is destroyed. Fails with a sentence that says what to
  /// do.
  static Result<ServerSocket> listen(const std::string& path,
                                     const std::optional<Account>& owner = std::nullopt);
  /// Listens at a TCP port. [::] accepts IPv4 clients too.
  static Result<ServerSocket> listen(const Ipv4Address& address, std::uint16_t port);
  static Result<ServerSocket> listen(const Ipv6Address& address, std::uint16_t port);

  ServerSocket(ServerSocket&& other) noexcept
      : fd_(std::move(other.fd_)),
        family_(other.family_),
        path_(std::exchange(other.path_, {})),
        inode_(other.inode_) {}
  ServerSocket& operator=(ServerSocket other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(family_, other.family_);
    std::swap(path_, other.path_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~ServerSocket();

  int fd() const { return fd_.get(); }
  /// AF_UNIX, AF_INET or AF_INET6.
  int family() const { return family_; }
  /// Accepts a client and returns its socket, which is non-blocking. Fails with an error number.
  Result<Fd, int> accept();

 private:
  /// Identifies a file, so that one that replaced it is not removed.
  struct Inode {
    std::uint64_t device = 0, number = 0;
    bool operator==(const Inode&) const = default;
  };
  static Inode inode_of(const std::string& path);
  explicit ServerSocket(Fd fd, int family, std::string path = {});

  Fd fd_;
  int family_;
  std::string path_;  ///< of a Unix socket; else empty
  Inode inode_;
};

/// Returns the network of a client: its IPv4 address, or the /64 of its IPv6 address, all of which
/// one host may use. Empty for a client on this machine, whichever address it connected to.
std::string network_of_peer(int socket);

/// Whether the peer of a Unix socket was root when it connected (SO_PEERCRED).
bool peer_is_root(int socket);

}  // namespace mcq::os
