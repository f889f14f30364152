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
    cable(*added.trunk).plug(added.device.add_port());
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
  places_.push_back({&who, {switches_[at].trunk, &port}});
}

template <Family F>
void Link<F>::join(Host<F>& host, Address group) {
  if (host.has_joined(group)) return;
  host.join(group);
  streams_.push_back({.host = &host, .group = group, .way = way_to(host), .joined = now()});
}

template <Family F>
void Link<F>::leave(Host<F>& host, Address group) {
  host.leave(group);
  std::erase_if(streams_, [&](const Stream& s) { return s.host == &host && s.group == group; });
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
Duration Link<F>::settling_time() const {
  return std::max(limits_.other_querier, limits_.interval) + 2 * path_delay();
}

template <Family F>
Duration Link<F>::recovery_time() const {
  return settling_time() + limits_.interval + limits_.response + 2 * path_delay();
}

template <Family F>
Segment<F>& Link<F>::cable(Port<F>& port) {
  auto& segment = segments_.emplace_back(world_);
  segment.plug(port);
  return segment;
}

template <Family F>
Host<F>& Link<F>::make_host(typename F::Version version) {
  const auto n = static_cast<std::uint8_t>(200 + hosts_.size());
  return hosts_.emplace_back(world_, address<F>(n), version);
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
  for (auto& station : stations_) station.check_silence();
  if (is_quiet_for(settling_time())) check_one_querier();
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
    if (outage > promised_ || (was_out && must_flow)) {
      world_.verdict.broken(
          Rule::kStreamsFlow, now(),
          "a joined stream was out for " + std::to_string(seconds(outage)) + " s");
    }
    if (until >= now()) stream.flowed_until = until;
  }
}

template <Family F>
bool Link<F>::somebody_can_ask() const {
  return std::any_of(stations_.begin(), stations_.end(),
                     [](const Station<F>& s) { return s.can_ask(); });
}

template class Link<Igmp>;
template class Link<Mld>;

}  // namespace mcq::sim
