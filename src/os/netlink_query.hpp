#pragma once

#include <libmnl/libmnl.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.hpp"

namespace mcq::os {

/// Bytes; larger than any rtnetlink datagram of the kernel.
inline constexpr std::size_t kLargestNetlinkDatagram = 32768;

/// Receives a datagram of the kernel and returns its size; 0 when another process sent it, which
/// CAP_NET_ADMIN allows; -1 on failure, with errno. One that does not fit is lost (ENOBUFS).
ssize_t receive_from_kernel(mnl_socket* socket, std::span<char> buffer);

/// A request to rtnetlink(7), to which attributes can be put (mnl_attr_put).
class NetlinkQuery {
 public:
  /// `header`: ifinfomsg, ifaddrmsg, rtmsg, ... `flags`: NLM_F_DUMP for all objects, NLM_F_ACK for
  /// one.
  template <class Header>
  NetlinkQuery(std::uint16_t type, std::uint16_t flags, const Header& header) {
    auto& message = *mnl_nlmsg_put_header(buffer_.data());
    message.nlmsg_type = type;
    message.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    *static_cast<Header*>(mnl_nlmsg_put_extra_header(&message, sizeof header)) = header;
  }
  nlmsghdr& message() { return *reinterpret_cast<nlmsghdr*>(buffer_.data()); }

  /// Calls `callback` with each message of the answer. Fails with an error number: that of the
  /// kernel, or EINTR when the objects changed meanwhile and a dump may be inconsistent.
  Result<Ok, int> run(mnl_cb_t callback, void* context);

  /// run() in parts, for a long answer: calls `callback` with the messages of one datagram of
  /// kDatagramOfPart bytes at most. Returns whether there are more.
  Result<bool, int> read_some(mnl_cb_t callback, void* context);
  static constexpr std::size_t kDatagramOfPart = 8192;

 private:
  Result<bool, int> step(std::span<char> buffer, mnl_cb_t callback, void* context);

  alignas(nlmsghdr) std::array<char, kLargestNetlinkDatagram> buffer_{};
  struct CloseSocket {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };
  std::unique_ptr<mnl_socket, CloseSocket> socket_;  ///< null until the request is sent
};

}  // namespace mcq::os
