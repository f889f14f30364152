#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Whether a write that failed with this error number may succeed later: the reader is slow, or is
/// being started anew.
bool is_temporary(int error_number);

/// Sends datagrams to a Unix socket and never waits for its reader.
class DatagramWriter {
 public:
  /// `name` is a path or, with '@' first, a name of the abstract namespace (unix(7)). The kernel
  /// looks it up for each datagram: the socket may be missing now, and may be replaced.
  static Result<DatagramWriter> open(std::string_view name);

  /// Sends all of `text` as one datagram; returns its size, or an error number: EAGAIN while the
  /// reader's queue is full, ENOENT or ECONNREFUSED while there is no reader.
  Result<std::size_t, int> write(std::string_view text);

 private:
  DatagramWriter(Fd fd, const sockaddr_un& name, socklen_t size)
      : fd_(std::move(fd)), name_(name), size_(size) {}
  Fd fd_;
  sockaddr_un name_;
  socklen_t size_;
};

/// Writes to a descriptor and never waits for its reader. Other processes may share the descriptor:
/// its flags stay as they are.
class StreamWriter {
 public:
  /// `fd` must stay open. Of a pipe or a terminal an open file description of our own is made, so
  /// create this before giving up the privileges that may be needed to open it.
  explicit StreamWriter(int fd);

  /// Writes as many octets as there is room for; returns their number, or an error number: EAGAIN
  /// while there is room for none.
  Result<std::size_t, int> write(std::string_view text);

 private:
  int fd_;
  Fd own_;  ///< -1 where there is none
  bool is_socket_ = false;
};

}  // namespace mcq::os
