#include "os/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <utility>

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

packet_mreq all_multicast(int interface_index) {
  packet_mreq membership{};
  membership.mr_ifindex = interface_index;
  membership.mr_type = PACKET_MR_ALLMULTI;
  return membership;
}

}  // namespace

template <Family F>
Result<PacketSocket> PacketSocket::open(int interface_index, Traffic traffic, std::size_t buffer) {
  // Protocol 0 receives nothing until bind, so that no packet arrives before the filter.
  Fd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return system_failure("cannot open a packet socket");
  auto filter = packet_filter<F>(traffic);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (!set_option(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return system_failure("cannot attach the packet filter");
  }
  set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, kBufferForLong);
  std::optional<PacketRing> ring;
  if (buffer > 0) {
    auto made = PacketRing::make(fd.get(), buffer, kMaxInRing<F>);
    if (!made) return fail(std::move(made).error());
    ring.emplace(*std::move(made));
  }
  // A socket for one protocol does not receive outgoing packets.
  const bool takes_outgoing = traffic == Traffic::kOutgoing;
  const auto address = link_address(interface_index, takes_outgoing ? ETH_P_ALL : kEtherTypeOf<F>);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_failure("cannot listen on the interface");
  }
  return PacketSocket{std::move(fd), std::move(ring), interface_index, kEtherTypeOf<F>};
}

Result<Ok> PacketSocket::join(int interface_index) {
  if (set_option(fd_.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, all_multicast(interface_index))) {
    return Ok{};
  }
  return system_failure("cannot receive all multicast");
}

/// Fails, without effect, for an interface that is gone: its membership ended with it.
void PacketSocket::leave(int interface_index) {
  set_option(fd_.get(), SOL_PACKET, PACKET_DROP_MEMBERSHIP, all_multicast(interface_index));
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

/// recvfrom(2) also reports a pending error of the socket.
Result<Packet, int> PacketSocket::receive_from_socket(std::span<std::uint8_t> buffer) {
  sockaddr_ll from{};
  socklen_t from_size = sizeof from;
  const auto size = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0,
                               reinterpret_cast<sockaddr*>(&from), &from_size);
  if (size < 0) {
    in_a_row_ = 0;
    return fail(errno);
  }
  is_losing_ = is_losing_ || ++in_a_row_ >= kFewestInFull;
  Packet packet{buffer.first(static_cast<std::size_t>(size)), {}, from.sll_ifindex};
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
    if (!frame->is_cut) return Packet{frame->bytes, frame->sender, frame->interface_index};
    const auto size = frame->is_whole ? receive_whole(buffer) : -1;
    if (size >= 0) {
      const auto bytes = buffer.first(static_cast<std::size_t>(size));
      return Packet{bytes, frame->sender, frame->interface_index};
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
                                   const MacAddress& destination, int interface_index) {
  auto to = link_address(interface_index, protocol_);
  to.sll_halen = ETH_ALEN;
  std::copy(destination.bytes.begin(), destination.bytes.end(), to.sll_addr);
  const auto size = ::sendto(fd_.get(), packet.data(), packet.size(), 0,
                             reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (size < 0) return fail(errno);
  return Ok{};
}

template Result<PacketSocket> PacketSocket::open<Igmp>(int, Traffic, std::size_t);
template Result<PacketSocket> PacketSocket::open<Mld>(int, Traffic, std::size_t);

}  // namespace mcq::os
