#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/address.hpp"
#include "base/result.hpp"

namespace mcq::os {

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
  std::size_t capacity() const { return blocks_ * frames_per_block_; }
  /// The oldest packet; its bytes are there until pop().
  std::optional<Frame> front() const;
  /// Gives the frame back to the kernel.
  void pop();

 private:
  PacketRing(std::uint8_t* memory, std::size_t blocks, std::size_t block_size,
             std::size_t frame_size);
  std::uint8_t* frame() const { return memory_ + block_ * block_size_ + frame_ * frame_size_; }

  std::uint8_t* memory_;
  std::size_t blocks_, block_size_, frame_size_, frames_per_block_;
  std::size_t block_ = 0, frame_ = 0;  ///< where the oldest packet is, or the next will be
};

}  // namespace mcq::os
