#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "sim/host.hpp"
#include "sim/limits.hpp"
#include "sim/station.hpp"
#include "sim/switch.hpp"

namespace mcq::sim {

/// The numbers of RFC 9776 §8: a query every 125 s, two of them 31.25 s apart at the start.
template <Family F>
core::Settings<F> rfc_settings() {
  return {.query_interval = 125s, .startup_count = 2, .startup_interval = 31'250ms, .jitter = 0};
}

/// 10.0.0.n or fe80::n, on one subnet.
template <Family F>
constexpr typename F::Address address(std::uint8_t n) {
  if constexpr (std::same_as<F, Igmp>) {
    return {{10, 0, 0, n}};
  } else {
    return {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n}};
  }
}

/// 239.1.2.n or ff15::n
template <Family F>
constexpr typename F::Address group(std::uint8_t n) {
  if constexpr (std::same_as<F, Igmp>) {
    return {{239, 1, 2, n}};
  } else {
    return {{0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n}};
  }
}

/// 10.0.9.n or fe80::9:n: a source of streams.
template <Family F>
constexpr typename F::Address source(std::uint8_t n) {
  auto drawn = address<F>(n);
  drawn.bytes[drawn.bytes.size() - 2] = 9;
  return drawn;
}

/// A time during which a stream that had reached its host no longer did.
struct Outage {
  TimePoint from, until;
};

/// A LAN in virtual time: snooping switches in a tree, with queriers and hosts on their ports. The
/// studio, which sends every stream, is on a port of the first switch. Everything that happens
/// follows from the seed and from what the test does. The rules are checked after every step.
template <Family F>
class Link {
 public:
  using Address = typename F::Address;

  explicit Link(std::uint64_t seed = 1, Aging aging = {},
                MakeBrain<F> make_brain = sim::make_brain<F>);

  /// Another switch, joined to the first by a trunk. Returns its number; the first has 0.
  std::size_t add_switch();

  /// A querier on a port of its own, started when time next runs.
  Station<F>& add(Address self, core::Settings<F> settings = rfc_settings<F>(), std::size_t at = 0);

  /// A host on a port of its own.
  Host<F>& add_host(typename F::Version version = F::kDefault, std::size_t at = 0);
  /// A host on the cable, now a hub, of another host or of a querier.
  Host<F>& add_host_beside(const Port<F>& other, typename F::Version version = F::kDefault);

  /// Anything else, on a port of its own.
  void plug_into_switch(Port<F>& who, std::size_t at = 0);

  void join(Host<F>& host, Address group, const Filter<F>& filter = excluding<F>({}));
  void leave(Host<F>& host, Address group) { join(host, group, {}); }
  /// Whether a packet that the studio sends to the group now reaches the host.
  bool reaches(const Host<F>& host, Address group) const;
  /// The longest time for which a stream that had reached its host no longer did.
  Duration longest_outage() const;
  /// Those that are over.
  const std::vector<Outage>& outages() const { return outages_; }

  /// All members behind a switch are unknown to it from now on.
  void forget_members(std::size_t of_switch) {
    world_.disturb();
    switches_[of_switch].device.forget_members();
  }

  void cut(const Port<F>& port) { port.segment().cut(); }
  void heal(const Port<F>& port) { port.segment().heal(); }
  const Port<F>& trunk(std::size_t of_switch) const { return *switches_[of_switch].trunk; }

  void run_until(Duration since_start);
  void run_for(Duration d) { run_until(now().time_since_epoch() + d); }
  TimePoint now() const { return world_.timeline.now(); }

  /// For how long a joined stream may be out. Without it a quiet network still may not lose any.
  void promise(Duration longest_outage) { promised_ = longest_outage; }
  /// That tables have what hosts want also while the network is disturbed, by no more than a lost
  /// packet.
  void promise_members() { members_promised_ = true; }
  /// Checks the rules once in so long instead of after every step: on a link with thousands of
  /// hosts. A shorter outage may then be missed.
  void check_every(Duration interval) { check_interval_ = interval; }
  /// How long the network must be undisturbed before it must have exactly one querier.
  Duration settling_time() const;
  /// And how long before every joined stream must flow: one round more.
  Duration recovery_time() const;
  /// A packet crosses at most three cables.
  Duration path_delay() const { return 3 * world_.weather.max_delay; }
  const Limits& limits();
  /// Those of a querier that is not one of the stations.
  void expect(const Limits& limits) { limits_.include(limits); }

  World& world() { return world_; }
  const std::vector<Violation>& violations() const { return world_.verdict.violations(); }
  std::deque<Station<F>>& stations() { return stations_; }
  std::deque<Host<F>>& hosts() { return hosts_; }
  std::deque<Segment<F>>& segments() { return segments_; }

 private:
  struct Branch {
    Switch<F> device;
    typename Switch<F>::SwitchPort* trunk;  ///< the port of the first switch that leads here
  };
  /// The ports that a stream leaves through on its way; the first is null on the first switch.
  using Way = std::array<const typename Switch<F>::SwitchPort*, 2>;
  struct Place {
    const Port<F>* who;
    Way way;
  };
  struct Stream {
    Host<F>* host;
    Address group;
    Way way;
    TimePoint joined;
    TimePoint flowed_until = TimePoint::min();  ///< until it first flows
    Duration longest_outage{};
  };

  Segment<F>& cable(Port<F>& port);
  Host<F>& make_host(typename F::Version version);
  const Way& way_to(const Port<F>& who) const;

  static TimePoint carried_until(const Way& way, const Address& group);

  bool is_quiet_for(Duration d) const { return world_.cuts == 0 && now() > world_.disturbed + d; }

  Duration time_to_tell() const;

  void check();

  void check_one_querier();

  /// An outage ends with a packet that some switch learns from, so looking then misses none.
  void watch_streams();
  bool somebody_can_ask() const;

  void check_tables();
  void check_table(const Station<F>& station);
  bool must_know_members(const Station<F>& station) const;

  World world_;
  Aging aging_;
  MakeBrain<F> make_brain_;
  std::deque<Branch> switches_;
  std::deque<Segment<F>> segments_;
  std::deque<Station<F>> stations_;
  std::deque<Host<F>> hosts_;
  std::vector<Place> places_;
  std::vector<Stream> streams_;
  std::vector<Outage> outages_;
  Limits limits_;
  Duration promised_ = Duration::max();
  bool members_promised_ = false;
  Duration check_interval_{};
  TimePoint next_check_ = TimePoint::min();
  int lessons_ = 0;
  std::vector<int> steps_;  ///< of each station, when its table was checked
};

extern template class Link<Igmp>;
extern template class Link<Mld>;

}  // namespace mcq::sim
