#include "sim/chaos.hpp"

namespace mcq::sim {

template <Family F>
void Chaos<F>::play() {
  build();
  promise();
  if (climate_ == Climate::kLeaves) play_leaves();
  while (link_.now() < TimePoint{kUnrest}) {
    link_.run_for(random_.between(1s, 5min));
    mishap();
  }
  end_all_mishaps();
  link_.run_for(link_.recovery_time() + kCalm);
}

template <Family F>
void Chaos<F>::play_leaves() {
  for (int left = 100; left > 0; --left) {
    link_.run_for(pick(4) == 0 ? random_.between(0s, 5min) : random_.between(0s, 5s));
    trouble_host(one_of(link_.hosts()));
    if (pick(4) == 0) lose_some();
  }
}

template <Family F>
int Chaos<F>::number(int low, int high) {
  return low + static_cast<int>(pick(static_cast<std::uint64_t>(high - low) + 1));
}

template <Family F>
void Chaos<F>::build() {
  // Who is asked when somebody else leaves has a second more than it may take to answer, and both
  // ways must be made in it. After a loss there is no such second.
  const auto longest = climate_ == Climate::kLeaves ? 0ms : 150ms;
  link_.world().weather = {.loss = climate_ == Climate::kEverything ? number(0, 40) : 0,
                           .duplication = number(0, 20),
                           .max_delay = random_.between(0s, longest)};
  const std::size_t switches = 1 + pick(2);
  if (switches == 2) link_.add_switch();
  const bool alike = pick(2) == 0;
  const auto ours = settings();
  for (auto left = 2 + pick(3); left > 0; --left) {
    auto its = alike ? ours : settings();
    const auto at = pick(switches);
    its.proxy = switches == 1 && pick(8) == 0;
    auto& station = link_.add(free_address(), its, at);
    station.step_clock(random_.between(0s, 24h));
  }
  for (auto left = 1 + pick(4); left > 0; --left) {
    const auto version = typename F::Version{static_cast<std::uint8_t>(number(1, newest()))};
    const bool beside = !link_.hosts().empty() && pick(4) == 0;
    auto& host = beside ? link_.add_host_beside(one_of(link_.hosts()), version)
                        : link_.add_host(version, pick(switches));
    if (pick(2) == 0) host.leaves_only_as_last_reporter();
    link_.join(host, group(), filter());
  }
}

template <Family F>
core::Settings<F> Chaos<F>::settings() {
  core::Settings<F> s;
  if (pick(2) == 0) return s;
  s.query_interval = *core::QueryInterval::from(number(20, 125) * 1s);
  const bool is_slow = climate_ == Climate::kLeaves;  // as IGMPv1 hosts always are
  s.response_interval = *core::ResponseInterval::from(is_slow ? 10s : number(2, 10) * 1s);
  s.robustness = *core::Robustness::from(number(2, 3));
  s.startup_count = *core::StartupCount::from(number(1, 5));
  s.startup_interval = *core::StartupInterval::from(number(1, 15) * 1s);
  s.jitter = *core::Jitter::from(number(0, 50));
  s.version = typename F::Version{static_cast<std::uint8_t>(number(1, newest()))};
  s.require_same_subnet = pick(2) == 0;
  if (pick(2) == 0) s.other_querier_interval = core::OtherQuerierInterval::from(256s);
  return s;
}

template <Family F>
typename F::Address Chaos<F>::free_address() {
  for (;;) {
    const auto drawn = address<F>(static_cast<std::uint8_t>(number(1, 30)));
    const auto& all = link_.stations();
    if (std::none_of(all.begin(), all.end(), [&](auto& s) { return s.address() == drawn; })) {
      return drawn;
    }
  }
}

template <Family F>
void Chaos<F>::promise() {
  const auto& limits = link_.limits();
  const auto remembered = 260s - 4 * link_.path_delay();
  const auto survives = [&](Duration gap) {
    link_.promise(std::max<Duration>(0s, gap + limits.response - remembered));
  };
  if (climate_ == Climate::kFailures) survives(limits.other_querier);
  if (climate_ == Climate::kLosses) survives((kLostInARow + 1) * limits.interval);
  if (climate_ != Climate::kLeaves) return;
  link_.promise_members();
  // An older query that one port has answered is not repeated for another that has missed it.
  const auto& all = link_.stations();
  const bool repeats = std::all_of(all.begin(), all.end(), [](const Station<F>& s) {
    return s.settings().version == F::kNewest;
  });
  if (repeats) survives(2 * limits.interval);
}

template <Family F>
void Chaos<F>::mishap() {
  switch (climate_) {
    case Climate::kFailures:
      if (pick(3) == 0) return trouble_host(one_of(link_.hosts()));
      return trouble(one_of(link_.stations()));
    case Climate::kLosses:
    case Climate::kLeaves:
      return lose_some();
    case Climate::kEverything:
      break;
  }
  switch (pick(4)) {
    case 0:
      return trouble_host(one_of(link_.hosts()));
    case 1: {
      auto& segment = one_of(link_.segments());
      return segment.is_cut() ? segment.heal() : segment.cut();
    }
    default:
      return trouble(one_of(link_.stations()));
  }
}

template <Family F>
void Chaos<F>::lose_some() {
  if (link_.now() < next_losses_) return;
  for (auto& segment : link_.segments()) segment.lose_next(0);
  one_of(link_.segments()).lose_next(climate_ == Climate::kLeaves ? 1 : number(1, kLostInARow));
  next_losses_ = link_.now() + 15min;
}

template <Family F>
void Chaos<F>::trouble_host(Host<F>& host) {
  const auto stream = group();
  link_.join(host, stream, host.has_joined(stream) && pick(2) == 0 ? Filter<F>{} : filter());
}

/// Half of those who know of sources do not care about them.
template <Family F>
Filter<F> Chaos<F>::filter() {
  if (pick(2) == 0) return excluding<F>({});
  std::vector<typename F::Address> sources;
  for (std::uint8_t n = 1; n <= 4; ++n) {
    if (pick(2) == 0) sources.push_back(source<F>(n));
  }
  const bool excludes = sources.empty() || pick(2) == 0;
  return excludes ? excluding<F>(std::move(sources)) : including<F>(std::move(sources));
}

template <Family F>
void Chaos<F>::trouble(Station<F>& station) {
  if (!station.is_on()) return station.start();
  if (!station.is_awake()) return station.wake();
  if (!station.has_link()) return station.set_link_up(true);
  switch (pick(8)) {
    case 0:
      return station.readdress(free_address());
    case 1:
      return station.step_clock(random_.between(1s, 1000s));
    case 2:
      return station.tick();
    case 3:
      return reconfigure(station);
    default:
      break;
  }
  if (climate_ == Climate::kFailures && !is_dispensable(station)) return;
  switch (pick(4)) {
    case 0:
      return station.crash();
    case 1:
      return station.sleep(climate_ == Climate::kEverything && pick(2) == 0);
    case 2:
      return station.set_link_up(false);
    default:
      return station.readdress({});
  }
}

template <Family F>
bool Chaos<F>::is_dispensable(const Station<F>& station) {
  const auto& all = link_.stations();
  return std::any_of(all.begin(), all.end(),
                     [&](const Station<F>& s) { return &s != &station && s.can_ask(); });
}

template <Family F>
void Chaos<F>::reconfigure(Station<F>& station) {
  auto s = station.settings();
  s.startup_count = *core::StartupCount::from(number(1, 5));
  s.jitter = *core::Jitter::from(number(0, 50));
  station.reconfigure(s);
}

template <Family F>
void Chaos<F>::end_all_mishaps() {
  link_.world().weather.loss = 0;
  for (auto& segment : link_.segments()) {
    segment.lose_next(0);
    segment.heal();
  }
  for (auto& s : link_.stations()) {
    if (pick(4) != 0 && s.is_on() && s.address().is_unspecified()) s.readdress(free_address());
    if (pick(4) != 0 && !(s.is_on() && s.is_awake() && s.has_link())) trouble(s);
  }
}

template class Chaos<Igmp>;
template class Chaos<Mld>;

}  // namespace mcq::sim
