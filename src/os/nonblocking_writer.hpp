#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Whether a write that failed with this error number may succeed later: the reader is slow or
/// restarts.
bool is_temporary(int error_number);

/// Sends datagrams to a Unix socket without ever blocking.
class DatagramWriter {
 public:
  /// `name` is a path or, after '@', an abstract name (unix(7)). The kernel resolves it for each
  /// datagram: the socket need not exist yet, and may be replaced.
  static Result<DatagramWriter> open(std::string_view name);

  /// Sends `text` as one datagram and returns its size. Fails with EAGAIN while the reader's queue
  /// is full, with ENOENT or ECONNREFUSED without a reader, or with another error number.
  Result<std::size_t, int> write(std::string_view text);

 private:
  DatagramWriter(Fd fd, const sockaddr_un& name, socklen_t size)
      : fd_(std::move(fd)), name_(name), size_(size) {}
  Fd fd_;
  sockaddr_un name_;
  socklen_t size_;
};

/// Writes to a descriptor without ever blocking. Does not change its flags, which other processes
/// may share.
class StreamWriter {
 public:
  /// `fd` must outlive this. Opens a pipe or a terminal again, so create this before giving up the
  /// privileges that may require.
  explicit StreamWriter(int fd);

  /// Writes as many bytes as there is room for and returns their number. Fails with EAGAIN while
  /// there is no room, or with another error number.
  Result<std::size_t, int> write(std::string_view text);

 private:
  int fd_;
  Fd own_;  ///< the file opened again; else -1
  bool is_socket_ = false;
};

}  // namespace mcq::os
