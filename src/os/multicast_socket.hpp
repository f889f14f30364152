#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// A multicast group of either family on a link.
struct MulticastGroup {
  IpAddress address;
  std::uint16_t port = 0;
  int interface_index = 0;
};

/// A UDP socket that sends to a group over one interface, with a TTL of 1 and without a copy for
/// this host.
class MulticastSender {
 public:
  static Result<MulticastSender> open(const MulticastGroup& group);

  /// Fails with an error number.
  Result<Ok, int> send(std::span<const std::uint8_t> bytes);

 private:
  explicit MulticastSender(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

/// A received packet. `bytes` is what UDP carried.
struct Datagram {
  std::span<const std::uint8_t> bytes;
  IpAddress sender;
};

/// Joins a group on one interface and receives what is sent to it there. The kernel answers
/// queries while this exists.
class MulticastReceiver {
 public:
  /// `takes_own`: receive packets whose source is an address of this host too, which the kernel
  /// drops in IPv4; requires CAP_NET_RAW.
  static Result<MulticastReceiver> open(const MulticastGroup& group, bool takes_own);

  int fd() const { return packets_.get() >= 0 ? packets_.get() : fd_.get(); }
  /// Returns the next packet, valid until the next call, in `buffer`. Fails with EAGAIN when none
  /// is pending, or with another error number.
  Result<Datagram, int> receive(std::span<std::uint8_t> buffer);
  /// Number of packets that the kernel dropped because they were not read in time. Not counted when
  /// `takes_own`.
  std::uint32_t dropped() const { return dropped_; }
  /// Leaves the group and joins it again, so that the kernel sends reports.
  Result<Ok> join_again();

 private:
  MulticastReceiver(Fd fd, Fd packets, const MulticastGroup& group)
      : fd_(std::move(fd)), packets_(std::move(packets)), group_(group) {}
  Result<Datagram, int> receive_packet(std::span<std::uint8_t> buffer);

  Fd fd_;       ///< has joined
  Fd packets_;  ///< a packet socket, where that of UDP cannot receive
  MulticastGroup group_;
  std::uint32_t dropped_ = 0;
};

}  // namespace mcq::os
