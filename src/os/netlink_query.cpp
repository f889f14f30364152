#include "os/netlink_query.hpp"

#include <sys/socket.h>

#include <cerrno>

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

Result<bool, int> NetlinkQuery::step(std::span<char> buffer, mnl_cb_t callback, void* context) {
  if (!socket_) {
    socket_.reset(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
    if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) != 0) return fail(errno);
    if (mnl_socket_sendto(socket_.get(), &message(), message().nlmsg_len) < 0) return fail(errno);
  }
  const auto size = receive_from_kernel(socket_.get(), buffer);
  if (size < 0) return fail(errno);
  const auto status = mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), 0,
                                 mnl_socket_get_portid(socket_.get()), callback, context);
  if (status == MNL_CB_ERROR) return fail(errno);
  return status != MNL_CB_STOP;
}

Result<bool, int> NetlinkQuery::read_some(mnl_cb_t callback, void* context) {
  return step(std::span{buffer_}.first(kDatagramOfPart), callback, context);
}

Result<Ok, int> NetlinkQuery::run(mnl_cb_t callback, void* context) {
  for (;;) {
    const auto more = step(buffer_, callback, context);
    if (!more) return fail(more.error());
    if (!*more) return Ok{};
  }
}

}  // namespace mcq::os
