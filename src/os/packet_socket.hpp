#pragma once

#include <cstdint>
#include <span>

#include "base/address.hpp"
#include "base/family.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// A received packet: its bytes from the IP header on, and who put it on the link.
struct Packet {
  std::span<const std::uint8_t> bytes;
  MacAddress sender{};
};

/// Which packets a socket hears.
enum class Traffic : std::uint8_t {
  kFromLink,    ///< what other hosts send
  kOwnReports,  ///< what this host sends, but for queries: its programs are members as well
};

/// Sends and receives IGMP or MLD on one interface, below the kernel's own IP. Hears every
/// multicast packet of the link whoever joined its group; a filter in the kernel drops all that is
/// not of the protocol and for this link, so that the streams a router port receives never wake us.
/// Needs CAP_NET_RAW.
class PacketSocket {
 public:
  template <Family F>
  static Result<PacketSocket> open(int interface_index, Traffic traffic);

  int fd() const { return fd_.get(); }
  /// Whether the interface it was opened on still exists; one made anew, even with the same index,
  /// needs a socket of its own.
  bool is_attached() const;

  /// The next packet, which lies in `buffer`; or the error number, EAGAIN when none is waiting.
  Result<Packet, int> receive(std::span<std::uint8_t> buffer);

  /// Puts an IP packet of its protocol on the link; or the error number.
  Result<Ok, int> send(std::span<const std::uint8_t> packet, const MacAddress& destination);

 private:
  PacketSocket(Fd fd, int interface_index, std::uint16_t protocol)
      : fd_(std::move(fd)), interface_index_(interface_index), protocol_(protocol) {}
  Fd fd_;
  int interface_index_;
  std::uint16_t protocol_;  ///< of the frames it sends
};

extern template Result<PacketSocket> PacketSocket::open<Igmp>(int, Traffic);
extern template Result<PacketSocket> PacketSocket::open<Mld>(int, Traffic);

}  // namespace mcq::os
