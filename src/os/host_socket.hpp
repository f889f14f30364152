#pragma once

#include <cstdint>
#include <span>

#include "base/address.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Lets this host's own kernel hear our queries: it never sees what a packet socket sends, and its
/// programs would lose their memberships. A packet with TTL 0 through this socket is looped back
/// and goes no further. Needs CAP_NET_RAW.
class HostSocket {
 public:
  static Result<HostSocket> open();
  /// Takes over what another process has opened.
  static HostSocket adopt(Fd fd) { return HostSocket{std::move(fd)}; }

  int fd() const { return fd_.get(); }

  /// Hands a whole IPv4 multicast packet with TTL 0 to the kernel as if it had come in on an
  /// interface; or the error number.
  Result<Ok, int> deliver(std::span<const std::uint8_t> packet, const Ipv4Address& destination,
                          int interface_index);

 private:
  explicit HostSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace mcq::os
