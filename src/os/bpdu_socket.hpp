#pragma once

#include <linux/filter.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "os/fd.hpp"
#include "os/packet_socket.hpp"

namespace mcq::os {

/// The filter of a BpduSocket. Offsets are from the beginning of the Ethernet frame.
std::vector<sock_filter> bpdu_filter();

/// Receives the spanning tree frames of all interfaces that announce a change of the topology: a
/// filter in the kernel drops all others. Each interface must receive all multicast
/// (PacketSocket::join()). Requires CAP_NET_RAW.
class BpduSocket {
 public:
  static Result<BpduSocket> open();
  int fd() const { return fd_.get(); }
  /// Returns the next frame, from its Ethernet header on, valid until the next call; none when none
  /// is queued.
  std::optional<Packet> receive();

 private:
  static constexpr std::size_t kMaxFrame = 128;  ///< bytes; the flags are in the first 27
  explicit BpduSocket(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
  std::array<std::uint8_t, kMaxFrame> buffer_{};
};

}  // namespace mcq::os
