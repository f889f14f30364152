#include "os/netlink_query.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace mcq::os {

ssize_t receive_from_kernel(mnl_socket* socket, std::span<char> buffer) {
  sockaddr_nl sender{};
  iovec data{buffer.data(), buffer.size()};
  msghdr datagram{};
  datagram.msg_name = &sender;
  datagram.msg_namelen = sizeof sender;
  datagram.msg_iov = &data;
  datagram.msg_iovlen = 1;
  const auto size = ::recvmsg(mnl_socket_get_fd(socket), &datagram, 0);
  if (size >= 0 && (datagram.msg_flags & MSG_TRUNC) != 0) {
    errno = ENOBUFS;
    return -1;
  }
  return size >= 0 && sender.nl_pid != 0 ? 0 : size;
}

Result<Ok, int> NetlinkQuery::run(mnl_cb_t callback, void* context) {
  const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket{
      mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC), &mnl_socket_close};
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) return fail(errno);
  if (mnl_socket_sendto(socket.get(), &message(), message().nlmsg_len) < 0) return fail(errno);
  const auto port = mnl_socket_get_portid(socket.get());
  for (;;) {
    const auto size = receive_from_kernel(socket.get(), buffer_);
    if (size < 0) return fail(errno);
    const auto status =
        mnl_cb_run(buffer_.data(), static_cast<std::size_t>(size), 0, port, callback, context);
    if (status == MNL_CB_ERROR) return fail(errno);
    if (status == MNL_CB_STOP) return Ok{};
  }
}

}  // namespace mcq::os
