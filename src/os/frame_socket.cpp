#include "os/frame_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "os/socket_option.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr std::size_t kAddressesSize = 12;  ///< both Ethernet addresses, before a VLAN tag
constexpr std::size_t kTagSize = 4;
constexpr int kReceiveBuffer = 4 * 1024 * 1024;  ///< bytes

/// Passes IP packets to Ethernet multicast addresses: all of IGMP and of IPv6 with hop-by-hop
/// options, which MLD has, and the first 128 bytes of the others. The kernel has taken the VLAN tag
/// off the frame.
constexpr std::array kFilter{
    sock_filter BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 10),
    sock_filter BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 3),
    sock_filter BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 9),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 5, 0),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 3, 5),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 4),
    sock_filter BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 6),
    sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
    sock_filter BPF_STMT(BPF_RET | BPF_K, 128),
    sock_filter BPF_STMT(BPF_RET | BPF_K, FrameSocket::kLongest),
    sock_filter BPF_STMT(BPF_RET | BPF_K, 0),
};

/// The tag that the kernel has taken off a frame; none if it had none.
std::optional<tpacket_auxdata> tag_of(msghdr& message) {
  for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_PACKET || control->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata data{};
    std::memcpy(&data, CMSG_DATA(control), sizeof data);
    if ((data.tp_status & TP_STATUS_VLAN_VALID) != 0) return data;
  }
  return std::nullopt;
}

}  // namespace

Result<FrameSocket> FrameSocket::open(int interface_index) {
  Fd fd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return system_failure("cannot open a packet socket");
  const sock_fprog program{static_cast<unsigned short>(kFilter.size()),
                           const_cast<sock_filter*>(kFilter.data())};
  // All multicast: reports go to groups that this host has not joined.
  packet_mreq all{};
  all.mr_ifindex = interface_index;
  all.mr_type = PACKET_MR_ALLMULTI;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = interface_index;
  if (!set_option(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program) ||
      !set_option(fd.get(), SOL_PACKET, PACKET_AUXDATA, 1) ||
      !set_option(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, all) ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_failure("cannot receive the packets of an interface");
  }
  // As large as the limit for this process allows.
  if (!set_option(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer)) {
    set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  }
  return FrameSocket{std::move(fd)};
}

Result<std::optional<std::span<const std::uint8_t>>> FrameSocket::receive() {
  using Frame = std::optional<std::span<const std::uint8_t>>;
  iovec data{buffer_.data() + kTagSize, buffer_.size() - kTagSize};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto received = ::recvmsg(fd_.get(), &message, 0);
  if (received < 0) {
    if (errno == EAGAIN || errno == EINTR) return Frame{};
    return system_failure("cannot receive");
  }
  const auto size = static_cast<std::size_t>(received);
  const auto tag = tag_of(message);
  constexpr unsigned kVlanMask = 0x0fff;  // VLAN 0 is a priority alone
  if (!tag || (tag->tp_vlan_tci & kVlanMask) == 0 || size < kAddressesSize)
    return Frame{{buffer_.data() + kTagSize, size}};
  std::memmove(buffer_.data(), buffer_.data() + kTagSize, kAddressesSize);
  const bool has_type = (tag->tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
  const std::array<std::uint16_t, 2> words{htons(has_type ? tag->tp_vlan_tpid : ETH_P_8021Q),
                                           htons(tag->tp_vlan_tci)};
  std::memcpy(buffer_.data() + kAddressesSize, words.data(), kTagSize);
  return Frame{{buffer_.data(), size + kTagSize}};
}

std::size_t FrameSocket::take_lost() {
  tpacket_stats counts{};
  socklen_t size = sizeof counts;
  if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &counts, &size) != 0) return 0;
  return counts.tp_drops;
}

}  // namespace mcq::os
