#include "os/host_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "os/system_error.hpp"

namespace mcq::os {

Result<HostSocket> HostSocket::open() {
  // IPPROTO_RAW sends packets with the header they bring and receives nothing.
  Fd fd{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW)};
  if (fd.get() < 0 && (errno == EPERM || errno == EACCES)) {
    return fail("needs CAP_NET_RAW: run with sudo, or use the systemd service");
  }
  if (fd.get() < 0) return system_failure("cannot open a raw socket");
  return HostSocket{std::move(fd)};
}

Result<Ok, int> HostSocket::deliver(std::span<const std::uint8_t> packet,
                                    const Ipv4Address& destination, int interface_index) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  std::copy(destination.octets.begin(), destination.octets.end(),
            reinterpret_cast<std::uint8_t*>(&to.sin_addr));
  iovec data{const_cast<std::uint8_t*>(packet.data()), packet.size()};
  alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof(in_pktinfo))]{};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_ifindex = interface_index;
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
  if (::sendmsg(fd_.get(), &message, 0) < 0) return fail(errno);
  return Ok{};
}

}  // namespace mcq::os
