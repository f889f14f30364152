#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/address.hpp"
#include "base/family.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"
#include "os/packet_filter.hpp"
#include "os/packet_ring.hpp"

namespace mcq::os {

/// A received packet: its bytes from the IP header on, and who put it on the link.
struct Packet {
  std::span<const std::uint8_t> bytes;
  MacAddress sender{};
  int interface_index = 0;
};

/// Sends and receives IGMP or MLD on one interface or on all, below the kernel's own IP. Hears
/// every multicast packet of the link whoever joined its group; a filter in the kernel drops all
/// that is not of the protocol and for this link, so that the streams a router port receives never
/// wake us. Needs CAP_NET_RAW.
class PacketSocket {
 public:
  /// Octets of a ring in which packets wait, 160 to 256 each: 3,272 reports of IGMP. The kernel
  /// keeps that memory for as long as the socket is open.
  static constexpr std::size_t kLargeBuffer = std::size_t{512} * 1024;
  /// No ring: packets wait in the socket's own buffer, and reading one is a system call. A ring
  /// costs a grace period of the kernel when it is made, and another when it is closed.
  static constexpr std::size_t kSmallBuffer = 0;

  /// `interface_index`: 0 for all interfaces.
  template <Family F>
  static Result<PacketSocket> open(int interface_index, Traffic traffic, std::size_t buffer);

  /// Has an interface hand up all multicast of its link, from which the filter chooses.
  Result<Ok> join(int interface_index);
  void leave(int interface_index);

  int fd() const { return fd_.get(); }
  /// How many packets can wait; without a ring, about how many.
  std::size_t capacity() const { return ring_ ? ring_->capacity() : kAboutInSocket; }
  /// Whether an interface that it was opened on still exists; one made anew, even with the same
  /// index, needs another socket. That of all interfaces stays.
  bool is_attached(int interface_index) const;

  /// The next packet, which is there until the next call; or the error number, EAGAIN when none is
  /// waiting. Those that are long or come through no ring lie in `buffer`. From a ring it takes no
  /// system call, unless the packet is long or there is none.
  Result<Packet, int> receive(std::span<std::uint8_t> buffer);
  /// What is there of two packets that come a few after that one; empty where none has come yet.
  struct Ahead {
    std::span<const std::uint8_t> soon, later;
  };
  Ahead ahead() const {
    return ring_ ? Ahead{ring_->ahead(kSoon), ring_->ahead(2 * kSoon)} : Ahead{};
  }
  /// How many packets the kernel had no room for since the last call.
  std::size_t take_lost();

  /// Puts an IP packet of its protocol on the link; or the error number. This socket does not
  /// receive what it sends; others of Traffic::kOutgoing do.
  Result<Ok, int> send(std::span<const std::uint8_t> packet, const MacAddress& destination,
                       int interface_index);

 private:
  static constexpr std::size_t kSoon = 4;  ///< packets: what it takes to read something from memory

  static constexpr std::size_t kAboutInSocket = 128;
  static constexpr std::size_t kFewestInFull = 4;  ///< packets in a full buffer, however long

  PacketSocket(Fd fd, std::optional<PacketRing> ring, int interface_index, std::uint16_t protocol)
      : fd_(std::move(fd)),
        ring_(std::move(ring)),
        interface_index_(interface_index),
        protocol_(protocol) {}
  void release();
  Result<Packet, int> receive_from_socket(std::span<std::uint8_t> buffer);
  ssize_t receive_whole(std::span<std::uint8_t> buffer);
  int error() const;

  Fd fd_;
  std::optional<PacketRing> ring_;
  bool holds_frame_ = false;  ///< the packet that was received last lies in the ring
  bool is_losing_ = false;    ///< the kernel may have lost packets since it was last asked
  std::size_t in_a_row_ = 0;  ///< packets since nothing was waiting
  std::size_t lost_ = 0;
  int interface_index_;     ///< that it is bound to; 0 for all
  std::uint16_t protocol_;  ///< of the frames it sends
};

extern template Result<PacketSocket> PacketSocket::open<Igmp>(int, Traffic, std::size_t);
extern template Result<PacketSocket> PacketSocket::open<Mld>(int, Traffic, std::size_t);

}  // namespace mcq::os
