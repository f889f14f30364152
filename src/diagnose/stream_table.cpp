#include "diagnose/stream_table.hpp"

#include <algorithm>

namespace mcq::diagnose {
namespace {

/// A stream that is silent for longer has paused.
constexpr Duration kPause = 5s;
/// Fewer packets, or rarer ones, are no steady stream: its end would mean nothing.
constexpr std::uint64_t kSteadyPackets = 10;
constexpr Duration kSteadyInterval = 1s;
/// How long after the last report switches close a port. A stream that ends earlier or later was
/// stopped by something else.
constexpr Duration kShortestMemory = 120s, kLongestMemory = 600s;

}  // namespace

template <Family F>
bool StreamTable<F>::received(const wire::Datagram<F>& datagram, std::optional<MacAddress> mac,
                              Sighting at, std::uint64_t queries) {
  const std::pair key{datagram.group, datagram.source};
  auto found = streams_.find(key);
  if (found == streams_.end()) {
    if (streams_.size() >= kMaxStreams) return false;
    found = streams_.emplace(key, Stream{}).first;
    found->second.first = found->second.last = at;
    found->second.ttl = datagram.ttl;
  }
  auto& stream = found->second;
  const auto interval = at.time - stream.last.time;
  if (interval < kPause) stream.flowing += interval;
  ++stream.packets;
  stream.bytes += datagram.size;
  stream.mac = mac;
  stream.port = datagram.port;
  stream.ttl = std::min(stream.ttl, datagram.ttl);
  stream.last = at;
  stream.queries = queries;
  stream.is_told = false;
  return true;
}

/// Whether a steady stream has ended when a switch would have forgotten the members, with no
/// General Query since their last report.
template <Family F>
bool StreamTable<F>::is_cut(const Stream& stream, const LastReport& report, Duration now) {
  const auto age = stream.last.time - report.at.time;
  const bool is_steady =
      stream.packets >= kSteadyPackets &&
      stream.flowing <= kSteadyInterval * static_cast<Duration::rep>(stream.packets);
  return is_steady && stream.queries == report.queries && now - stream.last.time >= kPause &&
         age >= kShortestMemory && age <= kLongestMemory;
}

template <Family F>
void StreamTable<F>::find_cuts(const Address& group, const LastReport& report, Duration now,
                               std::vector<CutEvidence>& cuts) {
  const auto first = streams_.lower_bound({group, Address{}});
  for (auto it = first; it != streams_.end() && it->first.first == group; ++it) {
    auto& stream = it->second;
    if (stream.is_told || !is_cut(stream, report, now)) continue;
    stream.is_told = true;
    cuts.push_back({to_string(group), to_string(it->first.second), report.at, stream.last});
  }
}

template <Family F>
std::vector<StreamEvidence> StreamTable<F>::evidence() const {
  std::vector<StreamEvidence> all;
  for (const auto& [key, stream] : streams_) {
    const auto seconds = std::chrono::duration<double>(stream.flowing).count();
    const auto rate = [&](double amount) { return seconds > 0 ? amount / seconds : 0; };
    all.push_back({.group = to_string(key.first),
                   .source = to_string(key.second),
                   .mac = stream.mac ? to_string(*stream.mac) : "",
                   .port = stream.port,
                   .ttl = stream.ttl,
                   .packets = stream.packets,
                   .bytes = stream.bytes,
                   .packet_rate = rate(static_cast<double>(stream.packets - 1)),
                   .bit_rate = rate(8 * static_cast<double>(stream.bytes)),
                   .first = stream.first,
                   .last = stream.last});
  }
  return all;
}

template class StreamTable<Igmp>;
template class StreamTable<Mld>;

}  // namespace mcq::diagnose
