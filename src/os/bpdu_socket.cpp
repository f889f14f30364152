#include "os/bpdu_socket.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "os/socket_option.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

// Offsets in an Ethernet frame whose BPDU begins behind an LLC header: see wire/bpdu.cpp.
constexpr std::uint32_t kDestination = 0, kDestinationEnd = 4, kLlc = 14, kLlcControl = 16;
constexpr std::uint32_t kSnapProtocol = 18;
constexpr std::uint32_t kPacketType = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE);
constexpr std::uint32_t kStandardBpdu = 17, kPvstBpdu = 22;

constexpr sock_filter load(std::uint16_t size, std::uint32_t offset) {
  return BPF_STMT(static_cast<std::uint16_t>(BPF_LD | BPF_ABS | size), offset);
}
constexpr sock_filter load_in_bpdu(std::uint16_t size, std::uint32_t offset) {
  return BPF_STMT(static_cast<std::uint16_t>(BPF_LD | BPF_IND | size), offset);
}
/// Jumps over `otherwise` instructions unless the loaded value is `value`.
constexpr sock_filter unless_equal(std::uint32_t value, std::uint8_t otherwise) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, otherwise);
}

}  // namespace

std::vector<sock_filter> bpdu_filter() {
  return {
      // A tagged frame is of a VLAN; its tag is not seen here.
      load(BPF_B, kPacketType),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OTHERHOST, 27, 0),
      // The index register gets the offset of the BPDU.
      load(BPF_W, kDestination),
      unless_equal(0x0180c200, 8),
      load(BPF_H, kDestinationEnd),
      unless_equal(0x0000, 23),
      load(BPF_H, kLlc),
      unless_equal(0x4242, 21),
      load(BPF_B, kLlcControl),
      unless_equal(0x03, 19),
      BPF_STMT(BPF_LDX | BPF_IMM, kStandardBpdu),
      BPF_STMT(BPF_JMP | BPF_JA, 8),
      unless_equal(0x01000ccc, 16),
      load(BPF_H, kDestinationEnd),
      unless_equal(0xcccd, 14),
      load(BPF_W, kLlc),
      unless_equal(0xaaaa0300, 12),
      load(BPF_W, kSnapProtocol),
      unless_equal(0x000c010b, 10),
      BPF_STMT(BPF_LDX | BPF_IMM, kPvstBpdu),
      // The protocol identifier is 0; a notification, or the flag in a BPDU that has flags.
      load_in_bpdu(BPF_H, 0),
      unless_equal(0, 7),
      load_in_bpdu(BPF_B, 3),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x80, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x00, 1, 0),
      unless_equal(0x02, 3),
      load_in_bpdu(BPF_B, 4),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x01, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
}

Result<BpduSocket> BpduSocket::open() {
  // Protocol 0 receives nothing until bind, so that no frame arrives before the filter.
  Fd fd{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return system_failure("cannot open a socket for spanning tree frames");
  auto filter = bpdu_filter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (!set_option(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return system_failure("cannot attach the filter for spanning tree frames");
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_802_2);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_failure("cannot listen for spanning tree frames");
  }
  return BpduSocket{std::move(fd)};
}

/// Skips errors, such as that of an interface that went down.
std::optional<Packet> BpduSocket::receive() {
  constexpr int kAttempts = 8;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    sockaddr_ll from{};
    socklen_t from_size = sizeof from;
    const auto size = ::recvfrom(fd_.get(), buffer_.data(), buffer_.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0 && errno == EAGAIN) return std::nullopt;
    if (size < 0) continue;
    Packet packet{.bytes = std::span{buffer_}.first(static_cast<std::size_t>(size)),
                  .link = {.interface_index = from.sll_ifindex}};
    std::copy_n(from.sll_addr, packet.sender.bytes.size(), packet.sender.bytes.begin());
    return packet;
  }
  return std::nullopt;
}

}  // namespace mcq::os
