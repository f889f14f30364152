#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "base/event_loop.hpp"
#include "base/time.hpp"
#include "instance/coalescing_reader.hpp"
#include "os/packet_socket.hpp"

namespace mcq::instance {

/// Processes the packets received on a link.
class PacketHandler {
 public:
  /// Prefetches state for packets that are likely to be received soon.
  virtual void prefetch(const os::PacketSocket::PrefetchCandidates& candidates) const = 0;
  virtual void received(const os::Packet& packet, os::Traffic traffic, TimePoint now) = 0;
  /// `packets` were lost because a socket buffer was full. Where links share a receiver they may
  /// have been another link's.
  virtual void lost(os::Traffic traffic, std::size_t packets, TimePoint now) = 0;
  virtual void receive_failed(int error_number, TimePoint now) = 0;
  /// Called after a batch, when no more packets are pending.
  virtual void batch_done() = 0;

 protected:
  ~PacketHandler() = default;
};

/// Receives the packets of one link, or of many. Queries, reports and outgoing packets have a
/// socket each, so that a flood of one kind does not displace the others.
template <Family F>
class PacketReceiver {
 public:
  /// `interface_index`: 0 for all interfaces.
  static Result<std::shared_ptr<PacketReceiver>> open(boost::asio::io_context& io,
                                                      int interface_index, os::Tagging tagging);
  PacketReceiver(boost::asio::io_context& io, os::PacketSocket queries, os::PacketSocket reports,
                 os::PacketSocket outgoing);

  /// Passes the packets of a link to `handler`, which must live until remove(). One handler a link.
  Result<Ok> add(const os::LinkId& link, PacketHandler& handler);
  void remove(const os::LinkId& link);
  /// Joins the interface again, which may have been replaced by one of the same name and index.
  void renew(const os::LinkId& link);
  bool is_attached(int interface_index) const {
    return reports_.socket.is_attached(interface_index);
  }
  /// Socket to send through. It does not receive what it sends, so each query that it receives was
  /// sent by another program.
  os::PacketSocket& socket() { return outgoing_.socket; }

 private:
  struct Channel {
    Channel(os::PacketSocket opened, os::Traffic of, boost::asio::io_context& io,
            PacketReceiver& receiver)
        : socket(std::move(opened)),
          traffic(of),
          reader(io, socket.fd(), [this, &receiver] { return receiver.read(*this); }) {}
    os::PacketSocket socket;
    os::Traffic traffic;
    CoalescingReader reader;
  };
  CoalescingReader::Found read(Channel& channel);
  CoalescingReader::Found take(Channel& channel, TimePoint now);
  PacketHandler* handler(const os::LinkId& link);
  PacketHandler* default_handler() const;

  struct Link {
    PacketHandler* handler = nullptr;
    int joins = 0;  ///< memberships to drop at remove()
  };
  std::map<os::LinkId, Link> links_;
  os::LinkId last_link_;  ///< of the last packet
  PacketHandler* last_ = nullptr;
  Channel queries_, reports_, outgoing_;
};

/// The receivers of a process. The first kLinksWithOwnReceiver links have one each, so that packets
/// of other links cost nothing. All further links share one, since a socket costs memory, and some
/// ten milliseconds to close. The VLANs of a trunk share one as well.
template <Family F>
class ReceiverPool {
 public:
  static constexpr std::size_t kLinksWithOwnReceiver = 16;

  explicit ReceiverPool(boost::asio::io_context& io) : io_(io) {}
  /// Returns the receiver for a link; add() makes it receive.
  Result<std::shared_ptr<PacketReceiver<F>>> receiver_for(const os::LinkId& link);

 private:
  using Receivers = std::map<int, std::weak_ptr<PacketReceiver<F>>>;  ///< by interface index

  boost::asio::io_context& io_;
  Receivers own_, trunks_;
  std::weak_ptr<PacketReceiver<F>> shared_;
};

extern template class PacketReceiver<Igmp>;
extern template class PacketReceiver<Mld>;
extern template class ReceiverPool<Igmp>;
extern template class ReceiverPool<Mld>;

}  // namespace mcq::instance
