#include "os/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr std::uint32_t kProtocolOffset = 9;  // in the IPv4 header, where the filter starts to read
constexpr std::uint32_t kProtocolIgmp = 2;
constexpr std::uint32_t kPacketType = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE);
constexpr std::uint32_t kWholePacket = 0xffff;

/// Passes IGMP. PACKET_OTHERHOST is what the kernel calls a frame of a tagged VLAN that has no
/// interface of its own here (another link, with its own election) and a unicast frame for somebody
/// else.
std::array<sock_filter, 6> igmp_filter() {
  return {{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kProtocolOffset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kProtocolIgmp, 0, 3),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kPacketType),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OTHERHOST, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, kWholePacket),
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
}

sockaddr_ll link_address(int interface_index) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_IP);
  address.sll_ifindex = interface_index;
  return address;
}

template <class T>
bool set_option(int fd, int level, int option, const T& value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

Result<PacketSocket> PacketSocket::open(int interface_index) {
  // Protocol 0 receives nothing until bind: no packet slips in before the filter is there.
  Fd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return system_failure("cannot open a packet socket");
  auto filter = igmp_filter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (!set_option(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return system_failure("cannot attach the packet filter");
  }
  packet_mreq membership{};
  membership.mr_ifindex = interface_index;
  membership.mr_type = PACKET_MR_ALLMULTI;
  if (!set_option(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)) {
    return system_failure("cannot receive all multicast");
  }
  const auto address = link_address(interface_index);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_failure("cannot listen on the interface");
  }
  return PacketSocket{std::move(fd), interface_index};
}

bool PacketSocket::is_attached() const {
  sockaddr_ll address{};
  socklen_t size = sizeof address;
  return ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.sll_ifindex == interface_index_;
}

Result<Packet, int> PacketSocket::receive(std::span<std::uint8_t> buffer) {
  sockaddr_ll from{};
  socklen_t from_size = sizeof from;
  const auto size = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0,
                               reinterpret_cast<sockaddr*>(&from), &from_size);
  if (size < 0) return fail(errno);
  Packet packet{buffer.first(static_cast<std::size_t>(size))};
  std::copy_n(from.sll_addr, packet.sender.octets.size(), packet.sender.octets.begin());
  return packet;
}

Result<Ok, int> PacketSocket::send(std::span<const std::uint8_t> packet,
                                   const MacAddress& destination) {
  auto to = link_address(interface_index_);
  to.sll_halen = ETH_ALEN;
  std::copy(destination.octets.begin(), destination.octets.end(), to.sll_addr);
  const auto size = ::sendto(fd_.get(), packet.data(), packet.size(), 0,
                             reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (size < 0) return fail(errno);
  return Ok{};
}

}  // namespace mcq::os
