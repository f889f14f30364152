#include "diagnose/capture_reader.hpp"

#include <algorithm>

#include "wire/datagram.hpp"
#include "wire/packet.hpp"

namespace mcq::diagnose {
namespace {

// Where IP headers say what they carry (RFC 791 §3.1, RFC 8200 §3).
constexpr std::size_t kIpv4ProtocolOffset = 9;
constexpr std::size_t kIpv6NextHeaderOffset = 6;
constexpr std::uint8_t kIgmp = 2;
constexpr std::uint8_t kHopByHopOptions = 0;

template <Family F>
bool may_carry_message(wire::Bytes packet);
template <>
bool may_carry_message<Igmp>(wire::Bytes packet) {
  return packet.size() > kIpv4ProtocolOffset && packet[kIpv4ProtocolOffset] == kIgmp;
}
template <>
bool may_carry_message<Mld>(wire::Bytes packet) {
  return packet.size() > kIpv6NextHeaderOffset && packet[kIpv6NextHeaderOffset] == kHopByHopOptions;
}

}  // namespace

/// Returns whether the packet is a message of the protocol, a malformed one included.
template <Family F>
bool CaptureReader::observe(Observer<F>& observer, const wire::LinkFrame& frame, Sighting at) {
  const auto packet = wire::parse_packet<F>(frame.payload);
  if (packet) {
    observer.received(*packet, frame.source, at);
    return true;
  }
  using enum wire::ParseError;
  if (packet.error() == kUnhandledType || packet.error() == kWrongProtocol) return false;
  observer.dropped(packet.error(), at);
  return true;
}

template <Family F>
void CaptureReader::take(const wire::LinkFrame& frame, Sighting at, std::uint64_t& messages) {
  if (may_carry_message<F>(frame.payload)) {
    auto& seen = links_[frame.vlan].template of<F>();
    if (!observe(seen.observer, frame, at)) return;
    seen.any = true;
    ++messages;
  } else if (const auto datagram = wire::parse_datagram<F>(frame.payload);
             datagram && F::is_tracked(datagram->group)) {
    auto& seen = links_[frame.vlan].template of<F>();
    seen.observer.received(*datagram, frame.source, at);
    seen.any = true;
  }
}

void CaptureReader::received(std::uint64_t number, Duration time, wire::Bytes bytes) {
  if (totals_.frames++ == 0) totals_.first = begin_.value_or(time);
  totals_.observed = std::max(totals_.observed, time - totals_.first);
  const auto frame = wire::parse_link(layer_, bytes);
  if (!frame) {
    ++totals_.unreadable;
    return;
  }
  const Sighting at{totals_.observed, number};
  if (frame->ether_type == wire::kEtherTypeIpv4) {
    take<Igmp>(*frame, at, totals_.igmp);
  } else if (frame->ether_type == wire::kEtherTypeIpv6) {
    take<Mld>(*frame, at, totals_.mld);
  }
}

std::vector<LinkEvidence> CaptureReader::evidence(Duration now) const {
  std::vector<LinkEvidence> all;
  const auto add = [&](LinkEvidence link, const Vlan& vlan) {
    link.vlan = vlan;
    all.push_back(std::move(link));
  };
  for (const auto& [vlan, link] : links_) {
    if (link.igmp.any) add(link.igmp.observer.evidence(now), vlan);
    if (link.mld.any) add(link.mld.observer.evidence(now), vlan);
  }
  return all;
}

}  // namespace mcq::diagnose
