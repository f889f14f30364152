#pragma once

#include <cstdint>
#include <span>

#include "base/address.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// A received packet: its bytes from the IP header on, and who put it on the link.
struct Packet {
  std::span<const std::uint8_t> bytes;
  MacAddress sender{};
};

/// Sends and receives IGMP on one interface, below the kernel's own IP. Hears every multicast
/// packet of the link whoever joined its group; a filter in the kernel drops all that is not IGMP
/// for this link, so that the streams a router port receives never wake us. Needs CAP_NET_RAW.
class PacketSocket {
 public:
  static Result<PacketSocket> open(int interface_index);

  int fd() const { return fd_.get(); }
  /// Whether the interface it was opened on still exists; one made anew, even with the same index,
  /// needs a socket of its own.
  bool is_attached() const;

  /// The next packet, which lies in `buffer`; or the error number, EAGAIN when none is waiting.
  Result<Packet, int> receive(std::span<std::uint8_t> buffer);

  /// Puts an IP packet on the link; or the error number.
  Result<Ok, int> send(std::span<const std::uint8_t> packet, const MacAddress& destination);

 private:
  PacketSocket(Fd fd, int interface_index)
      : fd_(std::move(fd)), interface_index_(interface_index) {}
  Fd fd_;
  int interface_index_;
};

}  // namespace mcq::os
