#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/address.hpp"
#include "base/result.hpp"
#include "os/link_id.hpp"

namespace mcq::os {

/// The layout of a ring: blocks of whole pages, each with consecutive frames. Sizes in bytes.
struct RingLayout {
  std::size_t blocks = 0, block_size = 0, frame_size = 0;
  bool operator==(const RingLayout&) const = default;
  std::size_t size() const { return blocks * block_size; }
  std::size_t frames_per_block() const { return block_size / frame_size; }
};

/// Returns the layout of a ring of about `bytes` bytes for IP packets of up to `longest` bytes. A
/// ring has at least one page, which may be 64 KiB.
RingLayout ring_layout(std::size_t bytes, std::size_t longest, std::size_t page_size);

/// Shared memory into which the kernel writes received packets of a packet socket (PACKET_RX_RING,
/// TPACKET_V2): reading takes no system call, and a burst is queued. All frames have one size; the
/// kernel queues a copy of a longer packet in the socket.
class PacketRing {
 public:
  struct Frame {
    std::span<const std::uint8_t> bytes;  ///< begins with the IP header
    MacAddress sender{};
    LinkId link{};
    bool has_service_tag = false;  ///< 802.1ad: `link.vlan` is none of 802.1Q
    bool is_cut = false;           ///< `bytes` is only the beginning of the packet
    bool is_whole = false;         ///< is_cut: the socket has a complete copy
    bool is_losing = false;        ///< packets before this one were lost: the ring was full
  };

  /// Sets up a ring for a socket that is not bound yet; sizes as for ring_layout().
  static Result<PacketRing> make(int fd, std::size_t bytes, std::size_t longest);
  PacketRing(PacketRing&& other) noexcept;
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;
  PacketRing& operator=(PacketRing&&) = delete;
  ~PacketRing();

  /// Number of frames.
  std::size_t capacity() const { return layout_.blocks * layout_.frames_per_block(); }
  /// Returns the oldest packet, valid until pop(); none when the ring is empty. Prefetches frames
  /// after it.
  std::optional<Frame> front() const;
  /// Returns the bytes of the packet that follows the oldest one after `packets` frames; empty when
  /// it was not received yet or is in another block.
  std::span<const std::uint8_t> peek(std::size_t packets) const;
  /// Returns the frame of the oldest packet to the kernel.
  void pop();

 private:
  void prefetch_frames() const;
  PacketRing(std::uint8_t* memory, const RingLayout& layout) : memory_(memory), layout_(layout) {}
  std::uint8_t* frame() const {
    return memory_ + block_ * layout_.block_size + frame_ * layout_.frame_size;
  }

  std::uint8_t* memory_;
  RingLayout layout_;
  std::size_t block_ = 0, frame_ = 0;  ///< position of the oldest packet, or of the next one
};

}  // namespace mcq::os
