#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <map>
#include <memory>

#include "base/time.hpp"
#include "instance/coalescing_reader.hpp"
#include "os/packet_socket.hpp"

namespace mcq::instance {

/// Who is told what was heard on a link.
class PacketHandler {
 public:
  /// What will most likely be heard after a few other packets.
  virtual void expect(const os::PacketSocket::Ahead& ahead) const = 0;
  virtual void heard(const os::Packet& packet, os::Traffic traffic, TimePoint now) = 0;
  /// The kernel had no room for so many packets. Where links share ears, it may have been another
  /// link's.
  virtual void shed(os::Traffic traffic, std::size_t packets, TimePoint now) = 0;
  virtual void cannot_hear(int error_number, TimePoint now) = 0;
  /// What was heard is all there is for now.
  virtual void turn_over() = 0;

 protected:
  ~PacketHandler() = default;
};

/// The sockets that hear one link, or many. Queries, reports and what leaves this host have a
/// buffer each: no flood of one kind keeps another out.
template <Family F>
class PacketReceiver {
 public:
  /// `interface_index`: 0 for all interfaces.
  static Result<std::shared_ptr<PacketReceiver>> open(boost::asio::io_context& io,
                                                      int interface_index);
  PacketReceiver(boost::asio::io_context& io, os::PacketSocket queries, os::PacketSocket reports,
                 os::PacketSocket outgoing);

  /// Tells `listener` what is heard on a link, until remove().
  Result<Ok> add(int interface_index, PacketHandler& handler);
  void remove(int interface_index);
  /// The interface may be another than before, although it looks the same: joins it again. One that
  /// is the same is not touched by that.
  void renew(int interface_index);
  bool is_attached(int interface_index) const {
    return reports_.socket.is_attached(interface_index);
  }
  /// The one to send through: whatever query it receives, another program has sent.
  os::PacketSocket& socket() { return outgoing_.socket; }

 private:
  struct Channel {
    Channel(os::PacketSocket opened, os::Traffic traffic_heard, boost::asio::io_context& io,
            PacketReceiver& receiver)
        : socket(std::move(opened)),
          traffic(traffic_heard),
          reader(io, socket.fd(), [this, &receiver] { return receiver.read(*this); }) {}
    os::PacketSocket socket;
    os::Traffic traffic;
    CoalescingReader reader;
  };
  CoalescingReader::Found read(Channel& ear);
  CoalescingReader::Found take(Channel& ear, TimePoint now);
  PacketHandler* handler(int interface_index);
  PacketHandler* anybody() const;

  struct Heard {
    PacketHandler* handler = nullptr;
    int joins = 0;  ///< each of which is to be left
  };
  std::map<int, Heard> heard_;  ///< by the index of the interface
  int last_index_ = 0;          ///< whose packet came last
  PacketHandler* last_ = nullptr;
  Channel queries_, reports_, outgoing_;
};

/// The ears of a process. Each of the first few links has its own, and the kernel's other packets
/// cost nothing. A socket costs memory, and it takes the kernel some ten milliseconds to close one:
/// all further links share theirs.
template <Family F>
class ReceiverPool {
 public:
  static constexpr std::size_t kLinksWithOwnReceiver = 16;

  explicit ReceiverPool(boost::asio::io_context& io) : io_(io) {}
  /// PacketReceiver that hear a link, once the listener is added.
  Result<std::shared_ptr<PacketReceiver<F>>> receiver_for(int interface_index);

 private:
  boost::asio::io_context& io_;
  std::map<int, std::weak_ptr<PacketReceiver<F>>> own_;
  std::weak_ptr<PacketReceiver<F>> shared_;
};

extern template class PacketReceiver<Igmp>;
extern template class PacketReceiver<Mld>;
extern template class ReceiverPool<Igmp>;
extern template class ReceiverPool<Mld>;

}  // namespace mcq::instance
