#include "instance/packet_receiver.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "os/clock.hpp"

namespace mcq::instance {
namespace {

// After so many packets, or so long, timers and other links get their turn. Some packets cost a
// thousand times what others do; the clock is read once for several.
constexpr std::size_t kPacketsPerTurn = 256, kPacketsPerLook = 8;
constexpr Duration kLongestTurn = 20ms;
constexpr std::size_t kLongestPacket = 65536;

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

/// One socket's membership has the interface hand up all multicast, to all of them.
template <Family F>
Result<Ok> PacketReceiver<F>::add(int interface_index, PacketHandler& handler) {
  if (auto joined = reports_.socket.join(interface_index); !joined) return joined;
  heard_[interface_index] = {.handler = &handler, .joins = 1};
  return Ok{};
}

template <Family F>
void PacketReceiver<F>::remove(int interface_index) {
  for (int joins = heard_[interface_index].joins; joins > 0; --joins) {
    reports_.socket.leave(interface_index);
  }
  heard_.erase(interface_index);
  last_ = nullptr;
}

template <Family F>
void PacketReceiver<F>::renew(int interface_index) {
  if (reports_.socket.join(interface_index)) ++heard_[interface_index].joins;
}

/// Queries come first: who answers one has heard it before.
template <Family F>
CoalescingReader::Found PacketReceiver<F>::read(Channel& ear) {
  const auto now = os::now();
  if (&ear != &queries_) take(queries_, now);
  const auto found = take(ear, now);
  if (last_ != nullptr) last_->turn_over();
  return found;
}

/// Takes in what has come, up to a bound.
template <Family F>
CoalescingReader::Found PacketReceiver<F>::take(Channel& ear, TimePoint now) {
  static std::array<std::uint8_t, kLongestPacket> buffer;  // touched as far as packets are long
  const auto much = std::min(kPacketsPerTurn, ear.socket.capacity() / 8);
  std::size_t taken = 0;
  bool is_late = false;
  for (; taken < kPacketsPerTurn && !is_late; ++taken) {
    is_late = taken % kPacketsPerLook == kPacketsPerLook - 1 && os::now() - now >= kLongestTurn;
    const auto packet = ear.socket.receive(buffer);
    if (packet) {
      auto* const told = handler(packet->interface_index);
      if (told == nullptr) continue;
      told->expect(ear.socket.ahead());
      told->heard(*packet, ear.traffic, now);
      continue;
    }
    // ENETDOWN comes once when the link goes down, of which the watcher tells.
    const bool is_news = packet.error() != EAGAIN && packet.error() != ENETDOWN;
    if (auto* const told = anybody(); told != nullptr && is_news) {
      told->cannot_hear(packet.error(), now);
    }
    break;
  }
  const auto lost = ear.socket.take_lost();
  if (auto* const told = anybody(); told != nullptr && lost > 0) {
    told->shed(ear.traffic, lost, now);
  }
  return is_late || taken >= much ? CoalescingReader::Found::kMuch : CoalescingReader::Found::kAll;
}

/// Who is told of what the kernel does not ascribe to a link: best the one that was heard last.
template <Family F>
PacketHandler* PacketReceiver<F>::anybody() const {
  if (last_ != nullptr || heard_.empty()) return last_;
  return heard_.begin()->second.handler;
}

/// Most packets come from the link that the last one came from.
template <Family F>
PacketHandler* PacketReceiver<F>::handler(int interface_index) {
  if (last_ != nullptr && last_index_ == interface_index) return last_;
  const auto found = heard_.find(interface_index);
  if (found == heard_.end()) return nullptr;
  if (last_ != nullptr) last_->turn_over();
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
