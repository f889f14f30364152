#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <map>
#include <memory>

#include "app/paced_reader.hpp"
#include "base/time.hpp"
#include "os/packet_socket.hpp"

namespace mcq::app {

/// Who is told what was heard on a link.
class Listener {
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
  ~Listener() = default;
};

/// The sockets that hear one link, or many. Queries, reports and what leaves this host have a
/// buffer each: no flood of one kind keeps another out.
template <Family F>
class Ears {
 public:
  /// `interface_index`: 0 for all interfaces.
  static Result<std::shared_ptr<Ears>> open(boost::asio::io_context& io, int interface_index);
  Ears(boost::asio::io_context& io, os::PacketSocket queries, os::PacketSocket reports,
       os::PacketSocket outgoing);

  /// Tells `listener` what is heard on a link, until remove().
  Result<Ok> add(int interface_index, Listener& listener);
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
  struct Ear {
    Ear(os::PacketSocket opened, os::Traffic traffic_heard, boost::asio::io_context& io, Ears& ears)
        : socket(std::move(opened)),
          traffic(traffic_heard),
          reader(io, socket.fd(), [this, &ears] { return ears.read(*this); }) {}
    os::PacketSocket socket;
    os::Traffic traffic;
    PacedReader reader;
  };
  PacedReader::Found read(Ear& ear);
  PacedReader::Found take(Ear& ear, TimePoint now);
  Listener* listener(int interface_index);
  Listener* anybody() const;

  struct Heard {
    Listener* listener = nullptr;
    int joins = 0;  ///< each of which is to be left
  };
  std::map<int, Heard> heard_;  ///< by the index of the interface
  int last_index_ = 0;          ///< whose packet came last
  Listener* last_ = nullptr;
  Ear queries_, reports_, outgoing_;
};

/// The ears of a process. Each of the first few links has its own, and the kernel's other packets
/// cost nothing. A socket costs memory, and it takes the kernel some ten milliseconds to close one:
/// all further links share theirs.
template <Family F>
class Hearing {
 public:
  static constexpr std::size_t kLinksWithOwnEars = 16;

  explicit Hearing(boost::asio::io_context& io) : io_(io) {}
  /// Ears that hear a link, once the listener is added.
  Result<std::shared_ptr<Ears<F>>> ears_for(int interface_index);

 private:
  boost::asio::io_context& io_;
  std::map<int, std::weak_ptr<Ears<F>>> own_;
  std::weak_ptr<Ears<F>> shared_;
};

extern template class Ears<Igmp>;
extern template class Ears<Mld>;
extern template class Hearing<Igmp>;
extern template class Hearing<Mld>;

}  // namespace mcq::app
