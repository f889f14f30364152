#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"
#include "os/sandbox.hpp"

namespace mcq::os {

/// A socket that clients connect to.
class ServerSocket {
 public:
  /// A Unix socket at `path`, for owner and group (mode 0660) from its first moment on. Takes the
  /// place of one at which nobody listens any more; the path goes when the socket goes. Fails with
  /// the reason and what to do about it.
  static Result<ServerSocket> listen(const std::string& path,
                                     const std::optional<Account>& owner = std::nullopt);
  /// A TCP socket. At [::] it takes clients of IPv4 as well.
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
  /// The next client, whose socket never blocks; or the error number.
  Result<Fd, int> accept();

 private:
  /// What tells a file from another that has taken its name.
  struct Inode {
    std::uint64_t device = 0, number = 0;
    bool operator==(const Inode&) const = default;
  };
  static Inode inode_of(const std::string& path);
  explicit ServerSocket(Fd fd, int family, std::string path = {});

  Fd fd_;
  int family_;
  std::string path_;  ///< empty where it has none
  Inode inode_;
};

/// Which network a client comes from: its IPv4 address, or the first half of its IPv6 address, of
/// which a host may have the whole second half; empty for one on this machine, also where it has
/// connected to an address of this machine other than the loopback's.
std::string network_of_peer(int socket);

/// Whether the process at the other end of a Unix socket was root's when it connected.
bool peer_is_root(int socket);

}  // namespace mcq::os
