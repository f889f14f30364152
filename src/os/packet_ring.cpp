#include "os/packet_ring.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "base/prefetch.hpp"
#include "os/socket_option.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

constexpr std::size_t kLargestBlock = std::size_t{64} * 1024;

constexpr unsigned kVlanNumber = 0x0fff;  // of a tag

constexpr std::size_t aligned(std::size_t size) {
  return (size + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT;
}

/// Offset of the packet in a frame of a SOCK_DGRAM socket: the kernel reserves room for a
/// link-layer header.
constexpr std::size_t kAddressOffset = aligned(sizeof(tpacket2_hdr));
constexpr std::size_t kPacketOffset = aligned(kAddressOffset + sizeof(sockaddr_ll)) + 16;

/// The status word that says whether we or the kernel own a frame.
std::atomic_ref<std::uint32_t> status_of(std::uint8_t* frame) {
  return std::atomic_ref{*reinterpret_cast<std::uint32_t*>(frame)};
}

}  // namespace

RingLayout ring_layout(std::size_t bytes, std::size_t longest, std::size_t page_size) {
  const auto block_size = std::max(page_size, std::min(bytes, kLargestBlock));
  return {.blocks = std::max<std::size_t>(1, bytes / block_size),
          .block_size = block_size,
          .frame_size = aligned(kPacketOffset + longest)};
}

Result<PacketRing> PacketRing::make(int fd, std::size_t bytes, std::size_t longest) {
  const auto layout = ring_layout(bytes, longest, static_cast<std::size_t>(::getpagesize()));
  const tpacket_req request{
      .tp_block_size = static_cast<unsigned>(layout.block_size),
      .tp_block_nr = static_cast<unsigned>(layout.blocks),
      .tp_frame_size = static_cast<unsigned>(layout.frame_size),
      .tp_frame_nr = static_cast<unsigned>(layout.frames_per_block() * layout.blocks),
  };
  // Any threshold above 0 makes the kernel queue packets longer than a frame in the socket.
  if (!set_option(fd, SOL_PACKET, PACKET_VERSION, int{TPACKET_V2}) ||
      !set_option(fd, SOL_PACKET, PACKET_COPY_THRESH, 1) ||
      !set_option(fd, SOL_PACKET, PACKET_RX_RING, request)) {
    return system_failure("cannot set up a receive buffer");
  }
  void* memory = ::mmap(nullptr, layout.size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return system_failure("cannot map the receive buffer");
  return PacketRing{static_cast<std::uint8_t*>(memory), layout};
}

PacketRing::PacketRing(PacketRing&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      layout_(other.layout_),
      block_(other.block_),
      frame_(other.frame_) {}

PacketRing::~PacketRing() {
  if (memory_ != nullptr) ::munmap(memory_, layout_.size());
}

std::optional<PacketRing::Frame> PacketRing::front() const {
  auto* const at = frame();
  const auto status = status_of(at).load(std::memory_order_acquire);
  if ((status & TP_STATUS_USER) == 0) return std::nullopt;
  prefetch_frames();
  tpacket2_hdr header{};
  std::memcpy(&header, at, sizeof header);
  sockaddr_ll from{};
  std::memcpy(&from, at + kAddressOffset, sizeof from);
  const bool is_tagged = (status & TP_STATUS_VLAN_VALID) != 0;
  const auto vlan = static_cast<std::uint16_t>(is_tagged ? header.tp_vlan_tci & kVlanNumber : 0);
  Frame packet{.bytes = {at + header.tp_net, header.tp_snaplen},
               .link = {from.sll_ifindex, vlan},
               .has_service_tag = is_tagged && header.tp_vlan_tpid == ETH_P_8021AD,
               .is_cut = header.tp_snaplen < header.tp_len,
               .is_whole = (status & TP_STATUS_COPY) != 0,
               .is_losing = (status & TP_STATUS_LOSING) != 0};
  std::copy_n(from.sll_addr, packet.sender.bytes.size(), packet.sender.bytes.begin());
  return packet;
}

/// Prefetches a frame that follows: another processor wrote it, so it is in that one's cache.
void PacketRing::prefetch_frames() const {
  constexpr std::size_t kDistance = 12;  // frames
  if (frame_ + kDistance >= layout_.frames_per_block()) return;
  prefetch(frame() + kDistance * layout_.frame_size, layout_.frame_size);
}

std::span<const std::uint8_t> PacketRing::peek(std::size_t packets) const {
  if (frame_ + packets >= layout_.frames_per_block()) return {};
  auto* const at = frame() + packets * layout_.frame_size;
  if ((status_of(at).load(std::memory_order_acquire) & TP_STATUS_USER) == 0) return {};
  tpacket2_hdr header{};
  std::memcpy(&header, at, sizeof header);
  return {at + header.tp_net, header.tp_snaplen};
}

void PacketRing::pop() {
  status_of(frame()).store(TP_STATUS_KERNEL, std::memory_order_release);
  if (++frame_ < layout_.frames_per_block()) return;
  frame_ = 0;
  block_ = block_ + 1 < layout_.blocks ? block_ + 1 : 0;
}

}  // namespace mcq::os
