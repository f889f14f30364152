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
                                                                   int interface_index) {
  using os::PacketSocket, os::Traffic;
  const auto open = [&](Traffic traffic, std::size_t buffer) {
    return PacketSocket::open<F>(interface_index, traffic, buffer);
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
Result<Ok> PacketReceiver<F>::add(int interface_index, PacketHandler& handler) {
  if (auto joined = reports_.socket.join(interface_index); !joined) return joined;
  links_[interface_index] = {.handler = &handler, .joins = 1};
  return Ok{};
}

template <Family F>
void PacketReceiver<F>::remove(int interface_index) {
  for (int joins = links_[interface_index].joins; joins > 0; --joins) {
    reports_.socket.leave(interface_index);
  }
  links_.erase(interface_index);
  last_ = nullptr;
}

template <Family F>
void PacketReceiver<F>::renew(int interface_index) {
  if (reports_.socket.join(interface_index)) ++links_[interface_index].joins;
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
      auto* const target = handler(packet->interface_index);
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
  return is_late || taken >= much ? CoalescingReader::Found::kMuch : CoalescingReader::Found::kAll;
}

/// Handler for errors the kernel does not attribute to a link: the most recently active one.
template <Family F>
PacketHandler* PacketReceiver<F>::default_handler() const {
  if (last_ != nullptr || links_.empty()) return last_;
  return links_.begin()->second.handler;
}

/// Looks at the last handler first: most packets come from the same link as the one before.
template <Family F>
PacketHandler* PacketReceiver<F>::handler(int interface_index) {
  if (last_ != nullptr && last_index_ == interface_index) return last_;
  const auto found = links_.find(interface_index);
  if (found == links_.end()) return nullptr;
  if (last_ != nullptr) last_->batch_done();
  last_index_ = interface_index;
  last_ = found->second.handler;
  return last_;
}

template <Family F>
Result<std::shared_ptr<PacketReceiver<F>>> ReceiverPool<F>::receiver_for(int interface_index) {
  std::erase_if(own_, [](const auto& entry) { return entry.second.expired(); });
  const bool is_alone = own_.size() < kLinksWithOwnReceiver;
  if (auto shared = shared_.lock(); shared && !is_alone) return shared;
  auto receiver = PacketReceiver<F>::open(io_, is_alone ? interface_index : 0);
  if (receiver) (is_alone ? own_[interface_index] : shared_) = *receiver;
  return receiver;
}

template class PacketReceiver<Igmp>;
template class PacketReceiver<Mld>;
template class ReceiverPool<Igmp>;
template class ReceiverPool<Mld>;

}  // namespace mcq::instance
