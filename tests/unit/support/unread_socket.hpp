#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "os/fd.hpp"
#include "os/nonblocking_writer.hpp"

namespace mcq {

/// A datagram socket with a name, read only when a test says so.
class UnreadSocket {
 public:
  /// '@' first stands for the abstract namespace.
  explicit UnreadSocket(const std::string& name)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    const bool is_abstract = name[0] == '@';
    if (is_abstract) address.sun_path[0] = '\0';
    const auto size = offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address),
                     static_cast<socklen_t>(size)),
              0)
        << std::strerror(errno);
  }

  std::optional<std::string> read() const {
    std::array<char, 8192> datagram{};
    const auto size = ::recv(fd_.get(), datagram.data(), datagram.size(), 0);
    if (size < 0) return std::nullopt;
    return std::string{datagram.data(), static_cast<std::size_t>(size)};
  }
  void read_all() const {
    while (read()) {
    }
  }
  /// Leaves no room in its queue. One sender alone may have a buffer that is smaller.
  static void fill(const std::string& name) {
    for (int sent = 1; sent > 0;) {
      auto writer = os::DatagramWriter::open(name);
      ASSERT_TRUE(writer);
      for (sent = 0; writer->write("filler"); ++sent) {
        ASSERT_LT(sent, 100'000) << "the queue has no end";
      }
    }
  }

 private:
  os::Fd fd_;
};

}  // namespace mcq
