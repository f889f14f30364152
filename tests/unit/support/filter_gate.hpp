#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <vector>

namespace mcq::test {

/// A pair of sockets, of which one lets through what a filter does. To its packets, which come from
/// no link, the kernel gives the type of those that are meant for this host.
class FilterGate {
 public:
  explicit FilterGate(std::vector<sock_filter> filter) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends_.data()), 0);
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    EXPECT_EQ(::setsockopt(ends_[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
  }
  ~FilterGate() {
    for (const int end : ends_) ::close(end);
  }
  FilterGate(const FilterGate&) = delete;
  FilterGate& operator=(const FilterGate&) = delete;

  bool passes(const std::vector<std::uint8_t>& packet) {
    EXPECT_EQ(::send(ends_[0], packet.data(), packet.size(), 0),
              static_cast<ssize_t>(packet.size()));
    std::array<std::uint8_t, 2048> buffer{};
    return ::recv(ends_[1], buffer.data(), buffer.size(), 0) == static_cast<ssize_t>(packet.size());
  }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace mcq::test
