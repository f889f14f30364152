#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "diagnose/evidence.hpp"
#include "wire/datagram.hpp"

namespace mcq::diagnose {

/// When the latest report of a group was seen.
struct LastReport {
  Sighting at;
  std::uint64_t queries = 0;  ///< General Queries before it
};

/// Follows the streams of one protocol on one link: UDP datagrams from one source to one group.
template <Family F>
class StreamTable {
 public:
  using Address = typename F::Address;
  static constexpr std::size_t kMaxStreams = 1'000;

  /// Takes a datagram; `queries` is the number of General Queries before it. Returns false when
  /// there are too many streams to follow that one.
  bool received(const wire::Datagram<F>& datagram, std::optional<MacAddress> mac, Sighting at,
                std::uint64_t queries);
  /// Appends the streams of a group with members that are cut at `now`, each once until it flows
  /// again.
  void find_cuts(const Address& group, const LastReport& report, Duration now,
                 std::vector<CutEvidence>& cuts);
  std::vector<StreamEvidence> evidence() const;

 private:
  struct Stream {
    std::optional<MacAddress> mac;
    std::uint16_t port = 0;
    std::uint8_t ttl = 0;
    std::uint64_t packets = 0, bytes = 0;
    Sighting first, last;
    Duration flowing{};         ///< without longer pauses
    std::uint64_t queries = 0;  ///< General Queries before its last packet
    bool is_told = false;       ///< as cut, since its last packet
  };
  static bool is_cut(const Stream& stream, const LastReport& report, Duration now);

  std::map<std::pair<Address, Address>, Stream> streams_;  ///< by group and source
};

extern template class StreamTable<Igmp>;
extern template class StreamTable<Mld>;

}  // namespace mcq::diagnose
