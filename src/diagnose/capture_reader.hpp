#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "diagnose/evidence.hpp"
#include "diagnose/observer.hpp"
#include "wire/link_layer.hpp"

namespace mcq::diagnose {

/// What a whole capture held.
struct CaptureTotals {
  Duration first{};     ///< time of the first frame, since 1970
  Duration observed{};  ///< from the first frame to the last
  std::uint64_t frames = 0, igmp = 0, mld = 0;
  std::uint64_t unreadable = 0;  ///< frames that end within their link layer
};

/// Sorts captured frames to an observer for each protocol and VLAN.
class CaptureReader {
 public:
  explicit CaptureReader(wire::LinkLayer layer) : layer_(layer) {}
  /// Takes frames of a link that is observed since `begin`.
  CaptureReader(wire::LinkLayer layer, Duration begin) : layer_(layer), begin_(begin) {}

  /// Takes a frame. `time` is since 1970; one before that of an earlier frame counts as equal.
  void received(std::uint64_t number, Duration time, wire::Bytes frame);
  const CaptureTotals& totals() const { return totals_; }
  /// What was seen, by VLAN and protocol: those without a tag first, IGMP before MLD.
  std::vector<LinkEvidence> evidence() const { return evidence(totals_.observed); }
  /// Until `now`, a time since the first frame, or since the beginning of the observation.
  std::vector<LinkEvidence> evidence(Duration now) const;

 private:
  using Vlan = std::optional<std::uint16_t>;
  template <Family F>
  struct Seen {
    Observer<F> observer;
    bool any = false;  ///< a message or a stream
  };
  struct Observers {
    Seen<Igmp> igmp;
    Seen<Mld> mld;
    template <Family F>
    Seen<F>& of() {
      if constexpr (std::same_as<F, Igmp>) {
        return igmp;
      } else {
        return mld;
      }
    }
  };

  template <Family F>
  bool observe(Observer<F>& observer, const wire::LinkFrame& frame, Sighting at);
  template <Family F>
  void take(const wire::LinkFrame& frame, Sighting at, std::uint64_t& messages);

  wire::LinkLayer layer_;
  std::optional<Duration> begin_;  ///< none: at the first frame
  CaptureTotals totals_;
  std::map<Vlan, Observers> links_;  ///< at most one for each of 4096 VLANs
};

}  // namespace mcq::diagnose
