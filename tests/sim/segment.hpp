#pragma once

#include <utility>
#include <vector>

#include "base/random.hpp"
#include "sim/packet.hpp"
#include "sim/timeline.hpp"
#include "sim/verdict.hpp"

namespace mcq::sim {

/// What befalls each delivery of a packet. Unequal delays reorder.
struct Weather {
  int loss = 0;         ///< percent
  int duplication = 0;  ///< percent
  Duration max_delay{};
};

/// What all parts of a simulated network share.
struct World {
  explicit World(std::uint64_t seed) : random(seed) {}

  /// Something went wrong, or right again, just now: the network is not quiet.
  void disturb() { disturbed = timeline.now(); }
  bool happens(int percent) { return random.below(100) < static_cast<std::uint64_t>(percent); }

  Timeline timeline;
  Random random;
  Weather weather;
  Verdict verdict;
  TimePoint disturbed{};
  int cuts = 0;  ///< cables that are cut
};

template <Family F>
class Segment;

/// What a cable can be plugged into: a querier, a host, a port of a switch.
template <Family F>
class Port {
 public:
  virtual ~Port() = default;
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  virtual void receive(const Packet<F>& packet) = 0;
  Segment<F>& segment() const { return *segment_; }

 protected:
  Port() = default;
  void send(const Packet<F>& packet) { segment_->carry(*this, packet); }

 private:
  friend class Segment<F>;
  Segment<F>* segment_ = nullptr;
};

/// A cable, or a hub when more than two ports are plugged in: what one sends, all others get.
template <Family F>
class Segment {
 public:
  explicit Segment(World& world) : world_(world) {}

  void plug(Port<F>& port);

  void cut();
  void heal();
  bool is_cut() const { return cut_; }

  /// Loses the next so many deliveries, whatever the weather.
  void lose_next(int deliveries) { doomed_ = deliveries; }

  void carry(const Port<F>& from, const Packet<F>& packet);

 private:
  void deliver(Port<F>& to, const Packet<F>& packet);

  World& world_;
  std::vector<Port<F>*> ports_;
  bool cut_ = false;
  int doomed_ = 0;
};

extern template class Segment<Igmp>;
extern template class Segment<Mld>;

}  // namespace mcq::sim
