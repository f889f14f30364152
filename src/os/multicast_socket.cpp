#include "os/multicast_socket.hpp"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "os/socket_option.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr int kTtl = 1;
constexpr int kReceiveBuffer = 4 << 20;  ///< bytes; the kernel limits it to net.core.rmem_max

/// A socket address of either family.
union Endpoint {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

bool is_ipv6(const MulticastGroup& group) {
  return std::holds_alternative<Ipv6Address>(group.address);
}

Endpoint endpoint(const MulticastGroup& group) {
  Endpoint made{};
  if (const auto* v4 = std::get_if<Ipv4Address>(&group.address)) {
    made.v4.sin_family = AF_INET;
    made.v4.sin_port = htons(group.port);
    std::memcpy(&made.v4.sin_addr, v4->bytes.data(), v4->bytes.size());
  } else if (const auto* v6 = std::get_if<Ipv6Address>(&group.address)) {
    made.v6.sin6_family = AF_INET6;
    made.v6.sin6_port = htons(group.port);
    made.v6.sin6_scope_id = static_cast<std::uint32_t>(group.interface_index);
    std::memcpy(&made.v6.sin6_addr, v6->bytes.data(), v6->bytes.size());
  }
  return made;
}

socklen_t size_of(const Endpoint& address) {
  return address.any.sa_family == AF_INET6 ? sizeof address.v6 : sizeof address.v4;
}

Fd udp_socket(const MulticastGroup& group) {
  return Fd{
      ::socket(is_ipv6(group) ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

bool set_way_out(int fd, const MulticastGroup& group) {
  if (is_ipv6(group)) {
    return set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, group.interface_index) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kTtl) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
  }
  ip_mreqn interface {};
  interface.imr_ifindex = group.interface_index;
  return set_option(fd, IPPROTO_IP, IP_MULTICAST_IF, interface) &&
         set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, kTtl) &&
         set_option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
}

bool change_membership(int fd, const MulticastGroup& group, int option) {
  group_req membership{};
  const auto address = endpoint(group);
  membership.gr_interface = static_cast<std::uint32_t>(group.interface_index);
  std::memcpy(&membership.gr_group, &address, size_of(address));
  return set_option(fd, is_ipv6(group) ? IPPROTO_IPV6 : IPPROTO_IP, option, membership);
}

/// Passes incoming IPv4 packets of UDP to one address.
std::vector<sock_filter> udp_filter(const Ipv4Address& group) {
  constexpr auto kPacketType = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE);
  const std::uint32_t address = std::uint32_t{group.bytes[0]} << 24U |
                                std::uint32_t{group.bytes[1]} << 16U |
                                std::uint32_t{group.bytes[2]} << 8U | group.bytes[3];
  return {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kPacketType),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 5, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, address, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
}

Result<Fd> packet_socket(const MulticastGroup& group, const Ipv4Address& address) {
  Fd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) {
    return fail(
        "the kernel drops IPv4 packets that come from one of its own addresses: run this with "
        "sudo, "
        "or give a group of IPv6");
  }
  auto filter = udp_filter(address);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  sockaddr_ll name{};
  name.sll_family = AF_PACKET;
  name.sll_protocol = htons(ETH_P_IP);
  name.sll_ifindex = group.interface_index;
  if (!set_option(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program) ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    return system_failure("cannot listen on the interface");
  }
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  return fd;
}

IpAddress address_of(const Endpoint& from) {
  if (from.any.sa_family == AF_INET6) {
    Ipv6Address v6;
    std::memcpy(v6.bytes.data(), &from.v6.sin6_addr, v6.bytes.size());
    return v6;
  }
  Ipv4Address v4;
  std::memcpy(v4.bytes.data(), &from.v4.sin_addr, v4.bytes.size());
  return v4;
}

/// Finds what UDP carries to a port in an IPv4 packet; none if that is not whole.
std::optional<Datagram> udp_payload(std::span<const std::uint8_t> packet, std::uint16_t port) {
  constexpr std::size_t kLeast = 20, kUdp = 8;
  if (packet.size() < kLeast + kUdp) return std::nullopt;
  const auto header = std::size_t{packet[0] & 0x0fU} * 4;
  const bool is_fragment = (packet[6] & 0x3fU) != 0 || packet[7] != 0;
  if (header < kLeast || packet.size() < header + kUdp || is_fragment) return std::nullopt;
  Ipv4Address source;
  std::memcpy(source.bytes.data(), packet.data() + 12, source.bytes.size());
  const auto udp = packet.subspan(header);
  const std::size_t length = std::size_t{udp[4]} << 8U | udp[5];
  if ((udp[2] << 8U | udp[3]) != port || length < kUdp || length > udp.size()) return std::nullopt;
  return Datagram{udp.subspan(kUdp, length - kUdp), source};
}

}  // namespace

Result<MulticastSender> MulticastSender::open(const MulticastGroup& group) {
  auto fd = udp_socket(group);
  if (fd.get() < 0) return system_failure("cannot open a UDP socket");
  if (!set_way_out(fd.get(), group)) {
    return system_failure("cannot send multicast on the interface");
  }
  const auto to = endpoint(group);
  if (::connect(fd.get(), &to.any, size_of(to)) != 0) {
    return system_failure("cannot send to " + to_string(group.address));
  }
  return MulticastSender{std::move(fd)};
}

Result<Ok, int> MulticastSender::send(std::span<const std::uint8_t> bytes) {
  if (::send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) return fail(errno);
  return Ok{};
}

Result<MulticastReceiver> MulticastReceiver::open(const MulticastGroup& group, bool takes_own) {
  auto fd = udp_socket(group);
  if (fd.get() < 0) return system_failure("cannot open a UDP socket");
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  set_option(fd.get(), SOL_SOCKET, SO_RXQ_OVFL, 1);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  // Only what comes over the interface on which this socket has joined.
  const bool is_kept_apart = is_ipv6(group)
                                 ? set_option(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0)
                                 : set_option(fd.get(), IPPROTO_IP, IP_MULTICAST_ALL, 0);
  if (!is_kept_apart) return system_failure("cannot receive from one interface only");
  const auto at = endpoint(group);
  if (::bind(fd.get(), &at.any, size_of(at)) != 0) {
    const auto port = std::to_string(group.port);
    if (errno == EADDRINUSE) {
      return fail("UDP port " + port +
                  " is in use by another program: give another --port to both sides");
    }
    return system_failure("cannot receive on UDP port " + port);
  }
  Fd packets;
  const auto* v4 = std::get_if<Ipv4Address>(&group.address);
  if (takes_own && v4 != nullptr) {
    auto opened = packet_socket(group, *v4);
    if (!opened) return fail(std::move(opened).error());
    packets = *std::move(opened);
  }
  if (!change_membership(fd.get(), group, MCAST_JOIN_GROUP)) {
    return system_failure("cannot join " + to_string(group.address));
  }
  return MulticastReceiver{std::move(fd), std::move(packets), group};
}

Result<Ok> MulticastReceiver::join_again() {
  change_membership(fd_.get(), group_, MCAST_LEAVE_GROUP);
  if (change_membership(fd_.get(), group_, MCAST_JOIN_GROUP)) return Ok{};
  return system_failure("cannot join " + to_string(group_.address) + " again");
}

Result<Datagram, int> MulticastReceiver::receive(std::span<std::uint8_t> buffer) {
  if (packets_.get() >= 0) return receive_packet(buffer);
  Endpoint from{};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof dropped_)> control{};
  iovec data{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto got = ::recvmsg(fd_.get(), &message, 0);
  if (got < 0) return fail(errno);
  for (auto* h = CMSG_FIRSTHDR(&message); h != nullptr; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SO_RXQ_OVFL) continue;
    std::memcpy(&dropped_, CMSG_DATA(h), sizeof dropped_);
  }
  return Datagram{buffer.first(static_cast<std::size_t>(got)), address_of(from)};
}

Result<Datagram, int> MulticastReceiver::receive_packet(std::span<std::uint8_t> buffer) {
  // The socket of UDP may receive the same packets, as other hosts' are no martians.
  while (::recv(fd_.get(), buffer.data(), buffer.size(), 0) >= 0) {
  }
  while (true) {
    const auto got = ::recv(packets_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) return fail(errno);
    const auto packet = std::span<const std::uint8_t>{buffer.first(static_cast<std::size_t>(got))};
    if (const auto found = udp_payload(packet, group_.port)) return *found;
  }
}

}  // namespace mcq::os
