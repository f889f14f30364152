#include "sim/link.hpp"

namespace mcq::sim {

template <Family F>
Link<F>::Link(std::uint64_t seed, Aging aging, MakeBrain<F> make_brain)
    : world_(seed), aging_(aging), make_brain_(std::move(make_brain)) {
  add_switch();
}

template <Family F>
std::size_t Link<F>::add_switch() {
  auto& added = switches_.emplace_back(Branch{Switch<F>(world_, aging_), nullptr});
  if (switches_.size() > 1) {
    added.trunk = &switches_.front().device.add_port();
    auto& uplink = added.device.add_port();
    cable(*added.trunk).plug(uplink);
    if (aging_.knows_routers) {
      added.trunk->set_router();
      uplink.set_router();
    }
  }
  return switches_.size() - 1;
}

template <Family F>
Station<F>& Link<F>::add(Address self, core::Settings<F> settings, std::size_t at) {
  constexpr auto kBits = static_cast<std::uint8_t>(sizeof(Address) == 4 ? 24 : 64);
  auto& station = stations_.emplace_back(
      world_, "querier " + std::to_string(stations_.size() + 1),
      core::Link<F>{.up = true, .self = self, .subnets = {{address<F>(0), kBits}}}, settings,
      make_brain_);
  plug_into_switch(station, at);
  world_.timeline.after(Duration{}, [&station] { station.start(); });
  return station;
}

template <Family F>
Host<F>& Link<F>::add_host(typename F::Version version, std::size_t at) {
  auto& host = make_host(version);
  plug_into_switch(host, at);
  return host;
}

template <Family F>
Host<F>& Link<F>::add_host_beside(const Port<F>& other, typename F::Version version) {
  auto& host = make_host(version);
  other.segment().plug(host);
  places_.push_back({&host, way_to(other)});
  return host;
}

template <Family F>
void Link<F>::plug_into_switch(Port<F>& who, std::size_t at) {
  auto& port = switches_[at].device.add_port();
  cable(port).plug(who);
  if (aging_.knows_routers && dynamic_cast<Station<F>*>(&who) != nullptr) port.set_router();
  places_.push_back({&who, {switches_[at].trunk, &port}});
}

template <Family F>
void Link<F>::join(Host<F>& host, Address group, const Filter<F>& filter) {
  const bool is_new = !host.has_joined(group);
  host.listen(group, filter);
  if (filter.is_empty()) {
    std::erase_if(streams_, [&](const Stream& s) { return s.host == &host && s.group == group; });
  } else if (is_new) {
    streams_.push_back({.host = &host, .group = group, .way = way_to(host), .joined = now()});
  }
}

template <Family F>
bool Link<F>::reaches(const Host<F>& host, Address group) const {
  return carried_until(way_to(host), group) >= now();
}

template <Family F>
Duration Link<F>::longest_outage() const {
  Duration longest{};
  for (const auto& stream : streams_) longest = std::max(longest, stream.longest_outage);
  return longest;
}

template <Family F>
void Link<F>::run_until(Duration since_start) {
  limits();
  world_.timeline.run_until(TimePoint{since_start}, [this] { check(); });
  watch_streams();
}

template <Family F>
const Limits& Link<F>::limits() {
  limits_.include(limits_of<F>(stations_));
  const bool is_slow = std::any_of(hosts_.begin(), hosts_.end(), [](const Host<F>& host) {
    return host.version() == F::kNoResponseTime;
  });
  if (is_slow) limits_.include({.response = Host<F>::kUnsolicitedReportInterval});
  return limits_;
}

template <Family F>
Duration Link<F>::settling_time() const {
  return std::max(limits_.other_querier, limits_.interval) + 2 * path_delay();
}

template <Family F>
Duration Link<F>::recovery_time() const {
  return settling_time() + limits_.interval + limits_.response + 2 * path_delay();
}

/// How long until a host that changed its mind has told so again, in case the first time was lost.
template <Family F>
Duration Link<F>::time_to_tell() const {
  return Host<F>::kUnsolicitedReportInterval + path_delay() + 1ms;
}

template <Family F>
Segment<F>& Link<F>::cable(Port<F>& port) {
  auto& segment = segments_.emplace_back(world_);
  segment.plug(port);
  return segment;
}

template <Family F>
Host<F>& Link<F>::make_host(typename F::Version version) {
  const auto n = 200 + hosts_.size();
  auto own = address<F>(static_cast<std::uint8_t>(n));
  own.bytes[own.bytes.size() - 2] = static_cast<std::uint8_t>(n >> 8);
  return hosts_.emplace_back(world_, own, version);
}

template <Family F>
const typename Link<F>::Way& Link<F>::way_to(const Port<F>& who) const {
  return std::find_if(places_.begin(), places_.end(), [&](const Place& p) { return p.who == &who; })
      ->way;
}

template <Family F>
TimePoint Link<F>::carried_until(const Way& way, const Address& group) {
  auto until = TimePoint::max();
  for (const auto* port : way) {
    if (port != nullptr) until = std::min(until, port->carries_until(group));
  }
  return until;
}

template <Family F>
void Link<F>::check() {
  if (now() < next_check_) return;
  next_check_ = now() + check_interval_;
  for (auto& station : stations_) station.check_silence();
  if (is_quiet_for(settling_time())) check_one_querier();
  check_tables();
  const auto is_lesson = [](int sum, const Branch& b) { return sum + b.device.lessons(); };
  const int lessons = std::accumulate(switches_.begin(), switches_.end(), 0, is_lesson);
  if (std::exchange(lessons_, lessons) != lessons) watch_streams();
}

template <Family F>
void Link<F>::check_one_querier() {
  std::array<int, 2> able{}, asking{};  // [0] with an address, [1] proxies
  for (const auto& station : stations_) {
    if (!station.can_ask()) continue;
    const std::size_t kind = station.settings().proxy ? 1 : 0;
    ++able[kind];
    if (station.role() == core::Role::kQuerier) ++asking[kind];
  }
  const auto expected = able[0] > 0 ? std::array{1, 0} : std::array{0, able[1]};
  if (asking == expected) return;
  world_.verdict.broken(Rule::kOneQuerier, now(),
                        std::to_string(asking[0]) + " queriers and " + std::to_string(asking[1]) +
                            " proxies ask although the network is quiet");
}

template <Family F>
void Link<F>::watch_streams() {
  for (auto& stream : streams_) {
    const auto until = carried_until(stream.way, stream.group);
    const bool has_flowed = stream.flowed_until != TimePoint::min();
    const auto outage = has_flowed ? std::max(now() - stream.flowed_until, Duration{}) : Duration{};
    stream.longest_outage = std::max(stream.longest_outage, outage);
    const bool was_out = !has_flowed || outage > Duration{};
    const bool must_flow = is_quiet_for(recovery_time()) &&
                           now() > stream.joined + recovery_time() && somebody_can_ask();
    // Whoever joins where somebody has just left may have the stream before the last report is
    // received.
    const bool has_told = now() > stream.joined + time_to_tell();
    if ((has_told && outage > promised_) || (was_out && must_flow)) {
      world_.verdict.broken(
          Rule::kStreamsFlow, now(),
          "a joined stream was out for " + std::to_string(seconds(outage)) + " s");
    }
    if (until < now()) continue;
    if (outage > Duration{}) outages_.push_back({stream.flowed_until, now()});
    stream.flowed_until = until;
  }
}

template <Family F>
bool Link<F>::somebody_can_ask() const {
  return std::any_of(stations_.begin(), stations_.end(),
                     [](const Station<F>& s) { return s.can_ask(); });
}

/// Looks at the tables that may have changed.
template <Family F>
void Link<F>::check_tables() {
  const bool is_settled =
      is_quiet_for(recovery_time()) || (members_promised_ && now() > TimePoint{recovery_time()});
  steps_.resize(stations_.size());
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    const auto& station = stations_[i];
    if (std::exchange(steps_[i], station.steps()) == station.steps()) continue;
    if (is_settled && somebody_can_ask() && must_know_members(station)) check_table(station);
  }
}

/// Whether it receives the reports of hosts, and has settings with which it survives that one round
/// of answers, or after a loss two, are late.
template <Family F>
bool Link<F>::must_know_members(const Station<F>& station) const {
  const bool asks = station.role() == core::Role::kQuerier && !station.settings().proxy;
  if (!station.can_hear() || (!asks && !aging_.knows_routers)) return false;
  const bool is_quiet = is_quiet_for(recovery_time());
  const auto all_newest = [&] {
    return std::all_of(stations_.begin(), stations_.end(),
                       [](const Station<F>& s) { return s.settings().version == F::kNewest; });
  };
  // The querier does not repeat an older query that was answered, though others missed the answer.
  if (!is_quiet && !asks && !all_newest()) return false;
  const auto t = station.timing();
  const auto membership = t.robustness * t.query_interval + 2 * t.response_interval;
  const auto rounds = is_quiet ? 1 : 2;
  return membership >= rounds * limits_.interval + limits_.response + 2 * path_delay();
}

template <Family F>
void Link<F>::check_table(const Station<F>& station) {
  for (const auto& host : hosts_) {
    host.for_each([&](const Address& group, const Filter<F>& filter, TimePoint changed) {
      if (now() <= changed + time_to_tell()) return;
      const auto* known = station.group(group);
      const auto is_missing = [&](std::uint8_t n) {
        return filter.wants(source<F>(n)) && !known->is_forwarded(source<F>(n));
      };
      if (known == nullptr || is_missing(1) || is_missing(2) || is_missing(3) || is_missing(4)) {
        world_.verdict.broken(Rule::kMembersKnown, now(),
                              text_of(station.address()) + " does not know what " +
                                  text_of(host.address()) + " wants of " + text_of(group));
      }
    });
  }
}

template class Link<Igmp>;
template class Link<Mld>;

}  // namespace mcq::sim
