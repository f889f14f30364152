#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/address.hpp"
#include "base/result.hpp"

namespace mcq::os {

/// How a ring is cut: into blocks of whole pages, in each of which frames lie one behind another.
struct RingLayout {
  std::size_t blocks = 0, block_size = 0, frame_size = 0;
  bool operator==(const RingLayout&) const = default;
  std::size_t size() const { return blocks * block_size; }
  std::size_t frames_per_block() const { return block_size / frame_size; }
};

/// For IP packets of `longest` octets. There are pages of 64 KiB, larger than a small ring: it
/// grows to one.
RingLayout ring_layout(std::size_t octets, std::size_t longest, std::size_t page_size);

/// Memory into which the kernel writes the packets of a packet socket as they come (PACKET_RX_RING,
/// TPACKET_V2): reading one is no system call, and a burst waits in it for its turn. Frames are of
/// one size; the rest of a packet that is longer waits in the socket itself.
class PacketRing {
 public:
  struct Frame {
    std::span<const std::uint8_t> bytes;  ///< from the IP header on
    MacAddress sender{};
    int interface_index = 0;
    bool is_cut = false;     ///< only the beginning of the packet
    bool is_whole = false;   ///< of one that is cut: the socket has all of it
    bool is_losing = false;  ///< the ring was full before: packets were lost
  };

  /// Has the socket, which receives nothing yet, write to a ring of about so many octets, with
  /// frames for IP packets of `longest` octets.
  static Result<PacketRing> make(int fd, std::size_t octets, std::size_t longest);
  PacketRing(PacketRing&& other) noexcept;
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;
  PacketRing& operator=(PacketRing&&) = delete;
  ~PacketRing();

  /// How many packets fit.
  std::size_t capacity() const { return layout_.blocks * layout_.frames_per_block(); }
  /// The oldest packet; its bytes are there until pop().
  std::optional<Frame> front() const;
  /// What is there of the packet that comes so many after it; nothing, if it has not come yet or
  /// lies in another block.
  std::span<const std::uint8_t> ahead(std::size_t packets) const;
  /// Gives the frame back to the kernel.
  void pop();

 private:
  static constexpr std::size_t kAhead =
      4;  ///< packets: what it takes to fetch something from memory

  void fetch_ahead() const;
  PacketRing(std::uint8_t* memory, const RingLayout& layout) : memory_(memory), layout_(layout) {}
  std::uint8_t* frame() const {
    return memory_ + block_ * layout_.block_size + frame_ * layout_.frame_size;
  }

  std::uint8_t* memory_;
  RingLayout layout_;
  std::size_t block_ = 0, frame_ = 0;  ///< where the oldest packet is, or the next will be
};

}  // namespace mcq::os
