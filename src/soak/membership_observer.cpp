#include "soak/membership_observer.hpp"

#include <array>
#include <utility>

#include "os/clock.hpp"
#include "wire/packet.hpp"
#include "wire/records.hpp"

namespace mcq::soak {
namespace {

template <Family F>
bool is_about(const RecordReport<F>& report, const typename F::Address& group) {
  wire::RecordReader<F> reader{report};
  while (const auto record = reader.next()) {
    const bool is_include = record->type == RecordType::kIsIn || record->type == RecordType::kToIn;
    const bool is_leave =
        record->type == RecordType::kBlock || (is_include && record->sources.empty());
    if (record->group == group && !is_leave) return true;
  }
  return false;
}

template <Family F>
void take(std::span<const std::uint8_t> bytes, const typename F::Address& group,
          Measurement& measurement) {
  const auto packet = wire::parse_packet<F>(bytes);
  if (!packet) return;
  const auto& message = packet->message;
  if (const auto* query = std::get_if<Query<F>>(&message)) {
    if (query->is_general() || query->group == group) {
      measurement.queried(packet->source, os::now());
    }
  } else if (const auto* report = std::get_if<Report<F>>(&message)) {
    if (report->group == group) measurement.reported(os::now());
  } else if (const auto* records = std::get_if<RecordReport<F>>(&message)) {
    if (is_about(*records, group)) measurement.reported(os::now());
  }
}

template <Family F>
void drain(os::PacketSocket& socket, const typename F::Address& group, Measurement& measurement) {
  std::array<std::uint8_t, 2048> buffer{};
  for (int i = 0; i < 1000; ++i) {
    const auto packet = socket.receive(buffer);
    if (!packet) return;
    take<F>(packet->bytes, group, measurement);
  }
}

template <Family F>
std::optional<std::pair<os::PacketSocket, os::PacketSocket>> sockets(int interface_index) {
  using os::PacketSocket;
  using os::Traffic;
  auto queries =
      PacketSocket::open<F>(interface_index, Traffic::kQueries, PacketSocket::kSmallBuffer);
  auto reports =
      PacketSocket::open<F>(interface_index, Traffic::kOutgoing, PacketSocket::kSmallBuffer);
  if (!queries || !reports) return std::nullopt;
  return std::pair{*std::move(queries), *std::move(reports)};
}

}  // namespace

std::optional<MembershipObserver> MembershipObserver::open(const IpAddress& group,
                                                           int interface_index) {
  auto opened = std::holds_alternative<Ipv4Address>(group) ? sockets<Igmp>(interface_index)
                                                           : sockets<Mld>(interface_index);
  if (!opened) return std::nullopt;
  return MembershipObserver{group, std::move(opened->first), std::move(opened->second)};
}

void MembershipObserver::read(Measurement& measurement) {
  for (auto* socket : {&queries_, &reports_}) {
    if (const auto* v4 = std::get_if<Ipv4Address>(&group_)) {
      drain<Igmp>(*socket, *v4, measurement);
    } else if (const auto* v6 = std::get_if<Ipv6Address>(&group_)) {
      drain<Mld>(*socket, *v6, measurement);
    }
  }
}

}  // namespace mcq::soak
