#include "diagnose/capture_reader.hpp"

#include <algorithm>

#include "wire/packet.hpp"

namespace mcq::diagnose {
namespace {

// Where IP headers say what they carry (RFC 791 §3.1, RFC 8200 §3).
constexpr std::size_t kIpv4ProtocolOffset = 9;
constexpr std::size_t kIpv6NextHeaderOffset = 6;
constexpr std::uint8_t kIgmp = 2;
constexpr std::uint8_t kHopByHopOptions = 0;

bool may_be_igmp(const wire::LinkFrame& frame) {
  return frame.ether_type == wire::kEtherTypeIpv4 && frame.payload.size() > kIpv4ProtocolOffset &&
         frame.payload[kIpv4ProtocolOffset] == kIgmp;
}

bool may_be_mld(const wire::LinkFrame& frame) {
  return frame.ether_type == wire::kEtherTypeIpv6 && frame.payload.size() > kIpv6NextHeaderOffset &&
         frame.payload[kIpv6NextHeaderOffset] == kHopByHopOptions;
}

}  // namespace

/// Returns whether the frame carries a message of the protocol, a malformed one included.
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

void CaptureReader::received(std::uint64_t number, Duration time, wire::Bytes bytes) {
  if (totals_.frames++ == 0) totals_.first = time;
  totals_.observed = std::max(totals_.observed, time - totals_.first);
  const auto frame = wire::parse_link(layer_, bytes);
  if (!frame) {
    ++totals_.unreadable;
    return;
  }
  const Sighting at{totals_.observed, number};
  if (may_be_igmp(*frame)) {
    auto& link = links_[frame->vlan];
    if (observe(link.igmp, *frame, at)) {
      link.has_igmp = true;
      ++totals_.igmp;
    }
  } else if (may_be_mld(*frame)) {
    auto& link = links_[frame->vlan];
    if (observe(link.mld, *frame, at)) {
      link.has_mld = true;
      ++totals_.mld;
    }
  }
}

std::vector<LinkEvidence> CaptureReader::evidence() const {
  std::vector<LinkEvidence> all;
  const auto add = [&](LinkEvidence link, const Vlan& vlan) {
    link.vlan = vlan;
    all.push_back(std::move(link));
  };
  for (const auto& [vlan, link] : links_) {
    if (link.has_igmp) add(link.igmp.evidence(totals_.observed), vlan);
    if (link.has_mld) add(link.mld.evidence(totals_.observed), vlan);
  }
  return all;
}

}  // namespace mcq::diagnose
