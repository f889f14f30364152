#pragma once

#include "base/result.hpp"
#include "core/event.hpp"
#include "instance/own_copies.hpp"
#include "monitor/link_monitor.hpp"
#include "os/host_socket.hpp"
#include "os/packet_socket.hpp"
#include "wire/frame.hpp"

namespace mcq::instance {

/// Sends queries to a link and to this host's own kernel, whose programs would not answer
/// otherwise.
template <Family F>
class QuerySender {
 public:
  /// `host`: null if the kernel lacks the family. `monitor` counts failures.
  QuerySender(os::HostSocket<F>* host, monitor::LinkMonitor<F>& monitor)
      : host_(host), monitor_(monitor) {}

  /// Sends through `socket`, the one for outgoing packets of the link, or through the host socket.
  /// Returns false when the query did not reach the link.
  bool send(const core::SendQuery<F>& send, wire::RouterAlert alert, os::PacketSocket& socket,
            const os::LinkId& link, TimePoint now);
  /// Whether an outgoing General Query is the copy of one that send() sent. Removes it.
  bool take_copy(const typename F::Address& source, TimePoint now) {
    return copies_.take(source, now);
  }
  /// Call when the link is another one.
  void forget_copies() { copies_ = {}; }

 private:
  Result<Ok, int> transmit(const core::SendQuery<F>& send, wire::RouterAlert alert,
                           os::PacketSocket& socket, const os::LinkId& link, TimePoint now);
  void host_unreachable(int error, TimePoint now);

  os::HostSocket<F>* host_;
  monitor::LinkMonitor<F>& monitor_;
  OwnCopies<F> copies_;
};

extern template class QuerySender<Igmp>;
extern template class QuerySender<Mld>;

}  // namespace mcq::instance
