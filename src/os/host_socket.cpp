#include "os/host_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "os/socket_option.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

/// The arguments of the system calls for one family. The packet info selects the interface, so that
/// routes do not.
template <Family F>
struct Family4Or6;

template <>
struct Family4Or6<Igmp> {
  static constexpr int kDomain = AF_INET, kLevel = IPPROTO_IP, kType = IP_PKTINFO;
  using Name = sockaddr_in;
  using Info = in_pktinfo;
  static void set(Name& name, Info& info, const Ipv4Address& destination, int interface_index) {
    name.sin_family = AF_INET;
    std::memcpy(&name.sin_addr, destination.bytes.data(), destination.bytes.size());
    info.ipi_ifindex = interface_index;
  }
};

template <>
struct Family4Or6<Mld> {
  static constexpr int kDomain = AF_INET6, kLevel = IPPROTO_IPV6, kType = IPV6_PKTINFO;
  using Name = sockaddr_in6;
  using Info = in6_pktinfo;
  static void set(Name& name, Info& info, const Ipv6Address& destination, int interface_index) {
    name.sin6_family = AF_INET6;
    std::memcpy(&name.sin6_addr, destination.bytes.data(), destination.bytes.size());
    info.ipi6_ifindex = static_cast<unsigned>(interface_index);
  }
};

/// MCAST_JOIN_GROUP or MCAST_LEAVE_GROUP.
template <Family F>
bool change_membership(const Fd& fd, int option, const typename F::Address& group, int interface) {
  using Api = Family4Or6<F>;
  typename Api::Name name{};
  typename Api::Info ignored{};
  Api::set(name, ignored, group, interface);
  group_req membership{};
  membership.gr_interface = static_cast<std::uint32_t>(interface);
  std::memcpy(&membership.gr_group, &name, sizeof name);
  return set_option(fd.get(), Api::kLevel, option, membership);
}

}  // namespace

template <Family F>
Result<HostSocket<F>, int> HostSocket<F>::open() {
  // IPPROTO_RAW sends packets that include their IP header, and receives nothing.
  Fd fd{::socket(Family4Or6<F>::kDomain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW)};
  if (fd.get() < 0) return fail(errno);
  return HostSocket{std::move(fd)};
}

template <Family F>
Result<Ok, int> HostSocket<F>::send(std::span<const std::uint8_t> packet,
                                    const typename F::Address& destination, int interface_index) {
  using Api = Family4Or6<F>;
  typename Api::Name to{};
  typename Api::Info info{};
  Api::set(to, info, destination, interface_index);
  iovec data{const_cast<std::uint8_t*>(packet.data()), packet.size()};
  alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof info)]{};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = Api::kLevel;
  header->cmsg_type = Api::kType;
  header->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
  if (::sendmsg(fd_.get(), &message, 0) < 0) return fail(errno);
  return Ok{};
}

template <Family F>
Result<Ok, int> HostSocket<F>::join(const typename F::Address& group, int interface_index) {
  const bool is_in = change_membership<F>(fd_, MCAST_JOIN_GROUP, group, interface_index);
  if (!is_in && errno != EADDRINUSE) return fail(errno);
  return Ok{};
}

template <Family F>
void HostSocket<F>::leave(const typename F::Address& group, int interface_index) {
  change_membership<F>(fd_, MCAST_LEAVE_GROUP, group, interface_index);
}

template class HostSocket<Igmp>;
template class HostSocket<Mld>;

Result<HostSockets> HostSockets::open() {
  auto igmp = HostSocket<Igmp>::open();
  if (!igmp && (igmp.error() == EPERM || igmp.error() == EACCES)) {
    return fail("needs CAP_NET_RAW: run with sudo, or use the systemd service");
  }
  if (!igmp) return fail("cannot open a raw socket: " + describe(igmp.error()));
  HostSockets sockets{std::move(*igmp), std::nullopt};
  // Without IPv6, IGMP still works.
  if (auto mld = HostSocket<Mld>::open()) sockets.mld = std::move(*mld);
  return sockets;
}

}  // namespace mcq::os
