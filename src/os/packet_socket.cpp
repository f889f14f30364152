#include "os/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <concepts>
#include <cstring>
#include <utility>
#include <vector>

#include "os/socket_option.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

/// Bytes of a packet in a frame of the ring: a report about six groups. Most reports have fewer.
template <Family F>
constexpr std::size_t kMaxInRing = std::same_as<F, Igmp> ? 80 : 176;

/// Bytes of the socket's buffer, for longer packets; the kernel limits it to net.core.rmem_max.
constexpr int kBufferForLong = 1 << 20;

sockaddr_ll link_address(int interface_index, std::uint16_t protocol) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = interface_index;
  return address;
}

packet_mreq membership_of(int interface_index, Tagging tagging) {
  packet_mreq membership{};
  membership.mr_ifindex = interface_index;
  membership.mr_type = tagging == Tagging::kTagged ? PACKET_MR_PROMISC : PACKET_MR_ALLMULTI;
  return membership;
}

/// The protocol to bind to: 0 receives nothing, and only ETH_P_ALL receives outgoing packets, and
/// those of VLANs without an interface.
template <Family F>
std::uint16_t protocol_to_receive(Traffic traffic, Tagging tagging) {
  const bool is_outgoing = traffic == Traffic::kOutgoing;
  if (tagging == Tagging::kTagged) return is_outgoing ? 0 : ETH_P_ALL;
  return is_outgoing ? ETH_P_ALL : kEtherTypeOf<F>;
}

constexpr unsigned kVlanNumber = 0x0fff, kPriorityShift = 13;  // of a tag (IEEE 802.1Q)
constexpr unsigned kPriority = 6;  // internetwork control, as of the precedence in the IP header

/// The second half of a tag, and the EtherType of the packet that follows it.
std::array<std::uint8_t, 4> tag_of(std::uint16_t vlan, std::uint16_t protocol) {
  const auto control = kPriority << kPriorityShift | vlan;
  return {static_cast<std::uint8_t>(control >> 8U), static_cast<std::uint8_t>(control & 0xffU),
          static_cast<std::uint8_t>(protocol >> 8U), static_cast<std::uint8_t>(protocol & 0xffU)};
}

/// Reads the tag of a received frame from the kernel's description of it (PACKET_AUXDATA).
void read_tag(msghdr& message, Packet& packet) {
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata description{};
    std::memcpy(&description, CMSG_DATA(part), sizeof description);
    if ((description.tp_status & TP_STATUS_VLAN_VALID) == 0) continue;
    packet.link.vlan = static_cast<std::uint16_t>(description.tp_vlan_tci & kVlanNumber);
    packet.has_service_tag = description.tp_vlan_tpid == ETH_P_8021AD;
  }
}

}  // namespace

template <Family F>
Result<PacketSocket> PacketSocket::open(int interface_index, Traffic traffic, std::size_t buffer,
                                        Tagging tagging) {
  // Protocol 0 receives nothing until bind, so that no packet arrives before the filter.
  Fd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return system_failure("cannot open a packet socket");
  auto filter = packet_filter<F>(traffic, tagging);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (!set_option(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return system_failure("cannot attach the packet filter");
  }
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kBufferForLong);
  if (tagging == Tagging::kTagged) set_option(fd.get(), SOL_PACKET, PACKET_AUXDATA, 1);
  std::optional<PacketRing> ring;
  if (buffer > 0) {
    auto made = PacketRing::make(fd.get(), buffer, kMaxInRing<F>);
    if (!made) return fail(std::move(made).error());
    ring.emplace(*std::move(made));
  }
  const auto address = link_address(interface_index, protocol_to_receive<F>(traffic, tagging));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_failure("cannot listen on the interface");
  }
  return PacketSocket{std::move(fd), std::move(ring), interface_index, kEtherTypeOf<F>, tagging};
}

Result<Ok> PacketSocket::join(int interface_index) {
  const auto membership = membership_of(interface_index, tagging_);
  if (set_option(fd_.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)) return Ok{};
  return system_failure("cannot receive all multicast");
}

/// Fails, without effect, for an interface that is gone: its membership ended with it.
void PacketSocket::leave(int interface_index) {
  set_option(fd_.get(), SOL_PACKET, PACKET_DROP_MEMBERSHIP,
             membership_of(interface_index, tagging_));
}

bool PacketSocket::is_attached(int interface_index) const {
  if (interface_index_ == 0) return true;
  sockaddr_ll address{};
  socklen_t size = sizeof address;
  return ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.sll_ifindex == interface_index;
}

/// Returns the frame of the last packet to the kernel.
void PacketSocket::release() {
  if (std::exchange(holds_frame_, false)) ring_->pop();
}

/// Receives the complete copy of a packet that does not fit into its frame; -1 on failure. Tries
/// twice, as a pending error is reported first: the copy must not be left for the next long packet.
ssize_t PacketSocket::receive_whole(std::span<std::uint8_t> buffer) {
  const auto receive = [&] { return ::recv(fd_.get(), buffer.data(), buffer.size(), 0); };
  const auto size = receive();
  return size < 0 && errno != EAGAIN ? receive() : size;
}

/// recvmsg(2) also reports a pending error of the socket.
Result<Packet, int> PacketSocket::receive_from_socket(std::span<std::uint8_t> buffer) {
  sockaddr_ll from{};
  iovec where{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(tpacket_auxdata))> control;
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &where;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto size = ::recvmsg(fd_.get(), &message, 0);
  if (size < 0) {
    in_a_row_ = 0;
    return fail(errno);
  }
  is_losing_ = is_losing_ || ++in_a_row_ >= kFewestInFull;
  Packet packet{buffer.first(static_cast<std::size_t>(size)), {}, {from.sll_ifindex}};
  read_tag(message, packet);
  std::copy_n(from.sll_addr, packet.sender.bytes.size(), packet.sender.bytes.begin());
  return packet;
}

Result<Packet, int> PacketSocket::receive(std::span<std::uint8_t> buffer) {
  if (!ring_) return receive_from_socket(buffer);
  release();
  for (;;) {
    const auto frame = ring_->front();
    if (!frame) {
      if (std::exchange(in_a_row_, 0) >= ring_->capacity()) is_losing_ = true;
      return fail(error());
    }
    holds_frame_ = true;
    ++in_a_row_;
    is_losing_ = is_losing_ || frame->is_losing;
    Packet packet{frame->bytes, frame->sender, frame->link, frame->has_service_tag};
    if (!frame->is_cut) return packet;
    const auto size = frame->is_whole ? receive_whole(buffer) : -1;
    if (size >= 0) {
      packet.bytes = buffer.first(static_cast<std::size_t>(size));
      return packet;
    }
    ++lost_;
    release();
  }
}

/// Returns the pending error of the socket; EAGAIN without one.
int PacketSocket::error() const {
  int pending = 0;
  socklen_t size = sizeof pending;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &pending, &size) != 0) return errno;
  return pending == 0 ? EAGAIN : pending;
}

/// Reads the kernel's counter, a system call, only when packets may have been lost: the next packet
/// in the ring has a flag for it, or the whole ring was read without a pause; without a ring,
/// several packets were queued.
std::size_t PacketSocket::take_lost() {
  if (std::exchange(is_losing_, false)) {
    tpacket_stats counted{};
    socklen_t size = sizeof counted;
    if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &counted, &size) == 0) {
      lost_ += counted.tp_drops;
    }
  }
  return std::exchange(lost_, 0);
}

Result<Ok, int> PacketSocket::send(std::span<const std::uint8_t> packet,
                                   const MacAddress& destination, const LinkId& link) {
  const bool is_tagged = link.vlan != 0;
  auto to = link_address(link.interface_index, is_tagged ? ETH_P_8021Q : protocol_);
  to.sll_halen = ETH_ALEN;
  std::copy(destination.bytes.begin(), destination.bytes.end(), to.sll_addr);
  std::vector<std::uint8_t> tagged;
  if (is_tagged) {
    const auto tag = tag_of(link.vlan, protocol_);
    tagged.assign(tag.begin(), tag.end());
    tagged.insert(tagged.end(), packet.begin(), packet.end());
    packet = tagged;
  }
  const auto size = ::sendto(fd_.get(), packet.data(), packet.size(), 0,
                             reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (size < 0) return fail(errno);
  return Ok{};
}

template Result<PacketSocket> PacketSocket::open<Igmp>(int, Traffic, std::size_t, Tagging);
template Result<PacketSocket> PacketSocket::open<Mld>(int, Traffic, std::size_t, Tagging);

}  // namespace mcq::os
