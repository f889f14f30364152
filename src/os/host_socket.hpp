#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/family.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// A raw socket that sends IP packets which this host's own kernel receives too. It does not
/// receive those of a packet socket, so memberships of local programs would expire. An IPv4 packet
/// with TTL 0 is only looped back; an IPv6 packet is looped back and leaves the host as well. Never
/// receives, not even what is sent to groups that it has joined.
template <Family F>
class HostSocket {
 public:
  /// Fails with an error number. Requires CAP_NET_RAW.
  static Result<HostSocket, int> open();
  /// Adopts a socket that another process opened.
  static HostSocket adopt(Fd fd) { return HostSocket{std::move(fd)}; }

  int fd() const { return fd_.get(); }

  /// Sends a multicast packet with its IP header over an interface. Fails with an error number.
  Result<Ok, int> send(std::span<const std::uint8_t> packet, const typename F::Address& destination,
                       int interface_index);

  /// Joins a group for this host, so that its kernel reports it. Succeeds if it has joined before.
  /// Fails with an error number: ENOBUFS when the socket has joined too many.
  Result<Ok, int> join(const typename F::Address& group, int interface_index);
  /// Leaves a group, also of an interface that does not exist any more.
  void leave(const typename F::Address& group, int interface_index);

 private:
  explicit HostSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

extern template class HostSocket<Igmp>;
extern template class HostSocket<Mld>;

/// The sockets of both families.
struct HostSockets {
  HostSocket<Igmp> igmp;
  std::optional<HostSocket<Mld>> mld;  ///< none without IPv6 in the kernel

  /// Fails with a sentence that says what to do.
  static Result<HostSockets> open();
};

}  // namespace mcq::os
