#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Receives copies of the multicast of an interface, incoming and outgoing: IGMP, MLD, and the
/// beginnings of UDP packets. Sends nothing. Requires CAP_NET_RAW.
class FrameSocket {
 public:
  /// Bytes of a frame that are received; of a longer one, the beginning.
  static constexpr std::size_t kLongest = 2048;

  static Result<FrameSocket> open(int interface_index);

  int fd() const { return fd_.get(); }
  /// Returns the next frame with its Ethernet header and its VLAN tag, valid until the next call;
  /// none if none is queued. Fails when the interface is down or gone.
  Result<std::optional<std::span<const std::uint8_t>>> receive();
  /// Number of frames that were lost for lack of room since the last call.
  std::size_t take_lost();

 private:
  explicit FrameSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  std::array<std::uint8_t, kLongest> buffer_{};
};

}  // namespace mcq::os
