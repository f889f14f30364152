#include "instance/packet_receiver.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "os/clock.hpp"

namespace mcq::instance {
namespace {

// Bounds of a turn, after which timers and other links run. The duration counts as well because
// some packets cost a thousand times more than others; the clock is read once for several packets.
constexpr std::size_t kPacketsPerTurn = 256, kPacketsPerLook = 8;
constexpr Duration kMaxTurn = 20ms;
constexpr std::size_t kMaxPacketSize = 65536;

}  // namespace

template <Family F>
Result<std::shared_ptr<PacketReceiver<F>>> PacketReceiver<F>::open(boost::asio::io_context& io,
                                                                   int interface_index,
                                                                   os::Tagging tagging) {
  using os::PacketSocket, os::Traffic;
  const auto open = [&](Traffic traffic, std::size_t buffer) {
    return PacketSocket::open<F>(interface_index, traffic, buffer, tagging);
  };
  auto queries = open(Traffic::kQueries, PacketSocket::kSmallBuffer);
  if (!queries) return fail(std::move(queries).error());
  auto reports = open(Traffic::kReports, PacketSocket::kLargeBuffer);
  if (!reports) return fail(std::move(reports).error());
  auto outgoing = open(Traffic::kOutgoing, PacketSocket::kSmallBuffer);
  if (!outgoing) return fail(std::move(outgoing).error());
  return std::make_shared<PacketReceiver>(io, *std::move(queries), *std::move(reports),
                                          *std::move(outgoing));
}

template <Family F>
PacketReceiver<F>::PacketReceiver(boost::asio::io_context& io, os::PacketSocket queries,
                                  os::PacketSocket reports, os::PacketSocket outgoing)
    : queries_(std::move(queries), os::Traffic::kQueries, io, *this),
      reports_(std::move(reports), os::Traffic::kReports, io, *this),
      outgoing_(std::move(outgoing), os::Traffic::kOutgoing, io, *this) {}

/// The membership of one socket makes the interface pass all multicast to all three.
template <Family F>
Result<Ok> PacketReceiver<F>::add(const os::LinkId& link, PacketHandler& handler) {
  if (auto joined = reports_.socket.join(link.interface_index); !joined) return joined;
  links_[link] = {.handler = &handler, .joins = 1};
  return Ok{};
}

template <Family F>
void PacketReceiver<F>::remove(const os::LinkId& link) {
  for (int joins = links_[link].joins; joins > 0; --joins) {
    reports_.socket.leave(link.interface_index);
  }
  links_.erase(link);
  last_ = nullptr;
}

template <Family F>
void PacketReceiver<F>::renew(const os::LinkId& link) {
  if (reports_.socket.join(link.interface_index)) ++links_[link].joins;
}

/// Reads queries first: a report that answers one follows it.
template <Family F>
CoalescingReader::Found PacketReceiver<F>::read(Channel& channel) {
  const auto now = os::now();
  if (&channel != &queries_) take(queries_, now);
  const auto found = take(channel, now);
  if (last_ != nullptr) last_->batch_done();
  return found;
}

/// Reads up to kPacketsPerTurn packets, for at most about kMaxTurn.
template <Family F>
CoalescingReader::Found PacketReceiver<F>::take(Channel& channel, TimePoint now) {
  static std::array<std::uint8_t, kMaxPacketSize>
      buffer;  // pages beyond the longest packet stay untouched
  const auto much = std::min(kPacketsPerTurn, channel.socket.capacity() / 8);
  std::size_t taken = 0;
  bool is_late = false;
  for (; taken < kPacketsPerTurn && !is_late; ++taken) {
    is_late = taken % kPacketsPerLook == kPacketsPerLook - 1 && os::now() - now >= kMaxTurn;
    const auto packet = channel.socket.receive(buffer);
    if (packet) {
      auto* const target = handler(packet->link);
      if (target == nullptr) continue;
      target->prefetch(channel.socket.prefetch_candidates());
      target->received(*packet, channel.traffic, now);
      continue;
    }
    // ENETDOWN is returned once when the link goes down, which InterfaceWatcher reports.
    const bool is_news = packet.error() != EAGAIN && packet.error() != ENETDOWN;
    if (auto* const target = default_handler(); target != nullptr && is_news) {
      target->receive_failed(packet.error(), now);
    }
    break;
  }
  const auto lost = channel.socket.take_lost();
  if (auto* const target = default_handler(); target != nullptr && lost > 0) {
    target->lost(channel.traffic, lost, now);
  }
  if (is_late || taken >= much) return CoalescingReader::Found::kMuch;
  return taken == 0 ? CoalescingReader::Found::kNothing : CoalescingReader::Found::kAll;
}

/// Handler for errors the kernel does not attribute to a link: the most recently active one.
template <Family F>
PacketHandler* PacketReceiver<F>::default_handler() const {
  if (last_ != nullptr || links_.empty()) return last_;
  return links_.begin()->second.handler;
}

/// Looks at the last handler first: most packets come from the same link as the one before.
template <Family F>
PacketHandler* PacketReceiver<F>::handler(const os::LinkId& link) {
  if (last_ != nullptr && last_link_ == link) return last_;
  const auto found = links_.find(link);
  if (found == links_.end()) return nullptr;
  if (last_ != nullptr) last_->batch_done();
  last_link_ = link;
  last_ = found->second.handler;
  return last_;
}

template <Family F>
Result<std::shared_ptr<PacketReceiver<F>>> ReceiverPool<F>::receiver_for(const os::LinkId& link) {
  const auto open_in = [&](Receivers& receivers, os::Tagging tagging) {
    auto receiver = PacketReceiver<F>::open(io_, link.interface_index, tagging);
    if (receiver) receivers[link.interface_index] = *receiver;
    return receiver;
  };
  if (link.vlan != 0) {
    const auto known = trunks_[link.interface_index].lock();
    if (known && known->is_attached(link.interface_index)) return known;
    return open_in(trunks_, os::Tagging::kTagged);
  }
  std::erase_if(own_, [](const auto& entry) { return entry.second.expired(); });
  const bool is_alone = own_.size() < kLinksWithOwnReceiver;
  if (auto shared = shared_.lock(); shared && !is_alone) return shared;
  if (is_alone) return open_in(own_, os::Tagging::kUntagged);
  auto receiver = PacketReceiver<F>::open(io_, 0, os::Tagging::kUntagged);
  if (receiver) shared_ = *receiver;
  return receiver;
}

template class PacketReceiver<Igmp>;
template class PacketReceiver<Mld>;
template class ReceiverPool<Igmp>;
template class ReceiverPool<Mld>;

}  // namespace mcq::instance
