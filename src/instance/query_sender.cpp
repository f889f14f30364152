#include "instance/query_sender.hpp"

#include <concepts>

#include "os/system_error.hpp"
#include "wire/packet.hpp"

namespace mcq::instance {

template <Family F>
bool QuerySender<F>::send(const core::SendQuery<F>& send, wire::RouterAlert alert,
                          os::PacketSocket& socket, const os::LinkId& link, TimePoint now) {
  const auto sent = transmit(send, alert, socket, link, now);
  if (sent) return true;
  monitor_.failed(monitor::kCannotSend, monitor::Priority::kError,
                  "cannot send a query: " + os::describe(sent.error()) + "; trying again", now);
  return false;
}

/// MLD is accepted with hop limit 1 only, so one packet through the host socket serves both the
/// link and this host. IGMP is accepted with TTL 0, which stays on the host, and only for a group
/// that the host has joined, as it has all-nodes. In a VLAN of a trunk this host has no programs.
template <Family F>
Result<Ok, int> QuerySender<F>::transmit(const core::SendQuery<F>& send, wire::RouterAlert alert,
                                         os::PacketSocket& socket, const os::LinkId& link,
                                         TimePoint now) {
  using wire::Reach;
  const auto& [source, destination, query] = send;
  const auto packet = wire::serialize_packet<F>(query, source, destination, Reach::kLink, alert);
  const bool has_host = host_ != nullptr && link.vlan == 0;
  if (std::same_as<F, Mld> && has_host) {
    const auto sent = host_->send(packet, destination, link.interface_index);
    if (sent && query.is_general()) copies_.expect(source);
    if (sent) return sent;
    host_unreachable(sent.error(), now);
  }
  const auto sent = socket.send(packet, wire::ethernet_address(destination), link);
  if (std::same_as<F, Igmp> && has_host) {
    const auto copy = wire::serialize_packet<F>(query, source, F::kAllNodes, Reach::kHost, alert);
    const auto received = host_->send(copy, F::kAllNodes, link.interface_index);
    if (!received) host_unreachable(received.error(), now);
  }
  return sent;
}

template <Family F>
void QuerySender<F>::host_unreachable(int error, TimePoint now) {
  monitor_.failed(monitor::kHostUnreachable, monitor::Priority::kWarning,
                  "programs on this host do not receive our query: " + os::describe(error), now);
}

template class QuerySender<Igmp>;
template class QuerySender<Mld>;

}  // namespace mcq::instance
