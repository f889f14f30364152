#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// A Unix socket that programs on this machine connect to. Its path goes when it goes.
class LocalSocket {
 public:
  /// Listens at `path`, for owner and group (mode 0660) from its first moment on. Takes the place
  /// of a socket at which nobody listens any more. Fails with the reason and what to do about it.
  static Result<LocalSocket> listen(const std::string& path);

  LocalSocket(LocalSocket&& other) noexcept
      : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, {})), inode_(other.inode_) {}
  LocalSocket& operator=(LocalSocket other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~LocalSocket();

  int fd() const { return fd_.get(); }
  /// The next client, whose socket never blocks; or the error number.
  Result<Fd, int> accept();

 private:
  /// What tells a file from another that has taken its name.
  struct Inode {
    unsigned long device = 0, number = 0;
    bool operator==(const Inode&) const = default;
  };
  static Inode inode_of(const std::string& path);
  LocalSocket(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {
    inode_ = inode_of(path_);
  }

  Fd fd_;
  std::string path_;
  Inode inode_;
};

/// Whether the process at the other end of a Unix socket was root's when it connected.
bool peer_is_root(int socket);

}  // namespace mcq::os
