#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/family.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Sends whole packets through this host's own IP, whose kernel hears them too; it never hears what
/// a packet socket sends, and the host's programs would lose their memberships. An IPv4 packet with
/// TTL 0 is looped back and goes no further; an IPv6 packet is looped back and leaves as well.
/// Receives nothing.
template <Family F>
class HostSocket {
 public:
  /// Fails with the error number. Needs CAP_NET_RAW.
  static Result<HostSocket, int> open();
  /// Takes over what another process has opened.
  static HostSocket adopt(Fd fd) { return HostSocket{std::move(fd)}; }

  int fd() const { return fd_.get(); }

  /// Sends a multicast packet over an interface; or the error number.
  Result<Ok, int> send(std::span<const std::uint8_t> packet, const typename F::Address& destination,
                       int interface_index);

 private:
  explicit HostSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

extern template class HostSocket<Igmp>;
extern template class HostSocket<Mld>;

/// The sockets of both families.
struct HostSockets {
  HostSocket<Igmp> igmp;
  std::optional<HostSocket<Mld>> mld;  ///< none where the kernel has no IPv6

  /// Fails with what to do about it.
  static Result<HostSockets> open();
};

}  // namespace mcq::os
