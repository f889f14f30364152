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
#include "os/link_id.hpp"
#include "os/packet_filter.hpp"
#include "os/packet_ring.hpp"

namespace mcq::os {

/// A received packet. `bytes` begins with the IP header; `sender` is the Ethernet source.
struct Packet {
  std::span<const std::uint8_t> bytes;
  MacAddress sender{};
  LinkId link{};
  bool has_service_tag = false;  ///< 802.1ad: `link.vlan` is none of 802.1Q
};

/// Sends and receives IGMP or MLD on one interface or on all, below the kernel's IP layer. Receives
/// messages to all groups, joined or not; a filter in the kernel drops all packets of other
/// protocols and links, such as the multicast streams that reach a router port. A socket for tagged
/// frames is for the VLANs of a trunk that have no interface here. Requires CAP_NET_RAW.
class PacketSocket {
 public:
  /// Bytes of a ring with frames of 160 to 256 bytes: 3,272 reports of IGMP. The kernel holds this
  /// memory while the socket is open.
  static constexpr std::size_t kLargeBuffer = std::size_t{512} * 1024;
  /// No ring: packets are queued in the socket, and reading one is a system call. To make and to
  /// close a ring each take a grace period of the kernel.
  static constexpr std::size_t kSmallBuffer = 0;

  /// `interface_index`: 0 for all interfaces. `buffer`: kLargeBuffer or kSmallBuffer. A socket for
  /// outgoing tagged frames receives nothing.
  template <Family F>
  static Result<PacketSocket> open(int interface_index, Traffic traffic, std::size_t buffer,
                                   Tagging tagging = Tagging::kUntagged);

  /// Makes an interface receive all multicast of its link (PACKET_MR_ALLMULTI), or all frames of
  /// all VLANs (PACKET_MR_PROMISC): network cards drop those of VLANs without an interface.
  Result<Ok> join(int interface_index);
  /// Undoes join().
  void leave(int interface_index);

  int fd() const { return fd_.get(); }
  /// Number of packets that can be queued; an estimate without a ring.
  std::size_t capacity() const { return ring_ ? ring_->capacity() : kAboutInSocket; }
  /// Whether the interface this was opened on still exists: a new one needs a new socket, even with
  /// the same index. Always true for a socket on all interfaces.
  bool is_attached(int interface_index) const;

  /// Returns the next packet, valid until the next call. Fails with EAGAIN when none is queued, or
  /// with another error number. Copies packets longer than a frame, and all without a ring, into
  /// `buffer`. With a ring, makes a system call only for a long packet and when none is queued.
  Result<Packet, int> receive(std::span<std::uint8_t> buffer);
  /// Two packets a few places after the one received last, to prefetch what their handling will
  /// read. Empty where no packet has arrived yet.
  struct PrefetchCandidates {
    std::span<const std::uint8_t> soon, later;
  };
  PrefetchCandidates prefetch_candidates() const {
    if (!ring_) return {};
    return {ring_->peek(kPrefetchDistance), ring_->peek(2 * kPrefetchDistance)};
  }
  /// Returns the number of packets lost for lack of room since the last call.
  std::size_t take_lost();

  /// Sends an IP packet with its header, in a VLAN with a tag of priority 6. Fails with an error
  /// number. This socket does not receive what it sends; others with Traffic::kOutgoing do.
  Result<Ok, int> send(std::span<const std::uint8_t> packet, const MacAddress& destination,
                       const LinkId& link);

 private:
  static constexpr std::size_t kPrefetchDistance = 4;  ///< packets
  static constexpr std::size_t kAboutInSocket = 128;
  static constexpr std::size_t kFewestInFull = 4;  ///< packets in a full buffer

  PacketSocket(Fd fd, std::optional<PacketRing> ring, int interface_index, std::uint16_t protocol,
               Tagging tagging)
      : fd_(std::move(fd)),
        ring_(std::move(ring)),
        interface_index_(interface_index),
        protocol_(protocol),
        tagging_(tagging) {}
  void release();
  Result<Packet, int> receive_from_socket(std::span<std::uint8_t> buffer);
  ssize_t receive_whole(std::span<std::uint8_t> buffer);
  int error() const;

  Fd fd_;
  std::optional<PacketRing> ring_;
  bool holds_frame_ = false;  ///< the packet received last is in the ring
  bool is_losing_ = false;    ///< the kernel may have lost packets since take_lost()
  std::size_t in_a_row_ = 0;  ///< packets since the queue was empty
  std::size_t lost_ = 0;
  int interface_index_;     ///< bound to it; 0 for all
  std::uint16_t protocol_;  ///< EtherType of sent packets
  Tagging tagging_;
};

extern template Result<PacketSocket> PacketSocket::open<Igmp>(int, Traffic, std::size_t, Tagging);
extern template Result<PacketSocket> PacketSocket::open<Mld>(int, Traffic, std::size_t, Tagging);

}  // namespace mcq::os
