#include "sim/availability.hpp"

#include <set>

namespace mcq::sim {
namespace {

/// The startup queries are for the start: who takes over sends one, and the next an interval later.
template <Family F>
class Letter final : public Brain<F> {
 public:
  Letter(const core::Settings<F>& settings, Random random)
      : Brain<F>(settings, random), at_start_(settings), later_(settings) {
    later_.startup_count = 1;
  }
  core::Actions<F> step(const core::Event<F>& event, TimePoint now) override {
    if (std::holds_alternative<core::LinkChanged<F>>(event)) adopt(at_start_, now);
    auto actions = Brain<F>::step(event, now);
    if (this->role() == core::Role::kNonQuerier) adopt(later_, now);
    return actions;
  }

 private:
  void adopt(const core::Settings<F>& settings, TimePoint now) {
    (void)Brain<F>::step(core::SettingsChanged<F>{settings}, now);
  }
  core::Settings<F> at_start_, later_;
};

/// Tells what it knows when it takes over.
template <Family F>
class Told final : public Brain<F> {
 public:
  Told(const core::Settings<F>& settings, Random random, std::function<void(std::size_t)> tell)
      : Brain<F>(settings, random), tell_(std::move(tell)) {}
  core::Actions<F> step(const core::Event<F>& event, TimePoint now) override {
    const auto known = this->groups();
    auto actions = Brain<F>::step(event, now);
    for (const auto& action : actions) {
      const auto* changed = std::get_if<core::RoleChanged<F>>(&action);
      const bool takes_over = changed != nullptr && changed->to == core::Role::kQuerier &&
                              changed->cause == core::Cause::kQuerierSilent;
      if (takes_over) tell_(known);
    }
    return actions;
  }

 private:
  std::function<void(std::size_t)> tell_;
};

enum class Failure : std::uint8_t { kKilled, kFrozen, kUnplugged, kCutOff, kRebooted };
constexpr std::uint64_t kFailureKinds = 5;

template <Family F>
void begin(Station<F>& station, Failure failure) {
  if (failure == Failure::kFrozen) return station.sleep(true);
  if (failure == Failure::kKilled) return station.crash();
  station.segment().cut();
  if (failure == Failure::kUnplugged) station.set_link_up(false);
  if (failure == Failure::kRebooted) station.crash();
}

template <Family F>
void end(Station<F>& station, Failure failure) {
  if (failure == Failure::kFrozen) return station.wake();
  if (failure == Failure::kKilled) return station.start();
  station.segment().heal();
  if (failure == Failure::kUnplugged) station.set_link_up(true);
  if (failure == Failure::kRebooted) station.start();
}

/// A link and what befalls it. The plan draws alike whatever the queriers do.
template <Family F>
class Trial {
 public:
  Trial(const Contender& contender, const Ordeal& ordeal, std::uint64_t seed)
      : ordeal_(ordeal),
        plan_(seed),
        link_(seed, Aging{.member = ordeal.remembered},
              contender.to_the_letter ? MakeBrain<F>{make_brain<F, Letter<F>>} : telling()) {
    if (ordeal.story != nullptr) link_.world().verdict.tell_to(*ordeal.story);
    build(contender.settings<F>());
  }

  Tally play();

 private:
  static constexpr int kFailures = 6;
  static constexpr Duration kStart = 10min, kMaxWait = 15min;

  MakeBrain<F> telling() {
    return [this](const core::Settings<F>& settings, Random random) {
      return std::make_unique<Told<F>>(settings, random, [this](std::size_t known) {
        groups_known_ += known;
        groups_joined_ += groups_.size();
      });
    };
  }
  void build(const core::Settings<F>& settings);
  void fail_one();
  void fail_two();
  Station<F>& draw(const Station<F>* but = nullptr);
  void begin(Station<F>& station, Failure failure);
  void pass(Duration longest) { link_.run_for(plan_.between(1s, longest)); }
  Failure kind() { return static_cast<Failure>(plan_.below(kFailureKinds)); }
  Tally tally();

  Ordeal ordeal_;
  Random plan_;
  Link<F> link_;
  std::vector<TimePoint> failovers_;
  std::set<typename F::Address> groups_;  ///< that hosts join
  std::size_t groups_known_ = 0, groups_joined_ = 0;
};

template <Family F>
void Trial<F>::build(const core::Settings<F>& settings) {
  link_.world().weather = {.loss = ordeal_.loss, .max_delay = plan_.between(0s, 150ms)};
  const auto switches = 1 + plan_.below(2);
  if (switches == 2) link_.add_switch();
  const auto drawn = 2 + plan_.below(4), first = plan_.below(5);
  const auto queriers = ordeal_.queriers > 0 ? static_cast<std::uint64_t>(ordeal_.queriers) : drawn;
  for (std::uint64_t n = 0; n < queriers; ++n) {
    const auto place = static_cast<std::uint8_t>(1 + (first + n) % queriers);
    link_.add(address<F>(place), settings, plan_.below(switches));
  }
  for (auto left = 1 + plan_.below(4); left > 0; --left) {
    const auto version = plan_.below(2) == 0 ? F::kNewest : kOlder<F>;
    auto& host = link_.add_host(version, plan_.below(switches));
    const auto joined = group<F>(static_cast<std::uint8_t>(1 + plan_.below(3)));
    groups_.insert(joined);
    link_.join(host, joined);
  }
}

template <Family F>
Tally Trial<F>::play() {
  link_.run_until(kStart);
  for (int left = kFailures; left > 0; left -= ordeal_.in_pairs ? 2 : 1) {
    pass(kMaxWait);
    ordeal_.in_pairs ? fail_two() : fail_one();
    link_.run_for(link_.recovery_time());
  }
  link_.world().weather.loss = 0;  // what is still out comes back, and is counted
  link_.run_for(link_.recovery_time());
  return tally();
}

template <Family F>
void Trial<F>::fail_one() {
  auto& station = draw();
  const auto failure = kind();
  begin(station, failure);
  pass(kMaxWait);
  end(station, failure);
}

/// The second fails while the first is out, and is out for longer.
template <Family F>
void Trial<F>::fail_two() {
  auto& first = draw();
  const auto failure = kind();
  begin(first, failure);
  pass(kMaxWait);
  auto& second = draw(&first);
  const auto another = kind();
  begin(second, another);
  pass(kMaxWait);
  end(first, failure);
  pass(kMaxWait);
  end(second, another);
}

/// Half the time the one that asks.
template <Family F>
Station<F>& Trial<F>::draw(const Station<F>* but) {
  std::vector<Station<F>*> all;
  for (auto& station : link_.stations()) {
    if (&station != but) all.push_back(&station);
  }
  auto& any = *all[static_cast<std::size_t>(plan_.below(all.size()))];
  const auto asks = std::find_if(all.begin(), all.end(), [](const Station<F>* station) {
    return station->role() == core::Role::kQuerier;
  });
  return plan_.below(2) == 0 && asks != all.end() ? **asks : any;
}

template <Family F>
void Trial<F>::begin(Station<F>& station, Failure failure) {
  constexpr std::array<std::string_view, kFailureKinds> kWords{
      "is killed", "is frozen", "is unplugged", "is cut off", "is rebooted"};
  link_.world().verdict.tell(link_.now(), text_of(station.address()),
                             kWords[static_cast<std::size_t>(failure)]);
  if (station.role() == core::Role::kQuerier) failovers_.push_back(link_.now());
  sim::begin(station, failure);
}

template <Family F>
Tally Trial<F>::tally() {
  Tally sum{.schedules = 1,
            .failovers = static_cast<int>(failovers_.size()),
            .groups_known = groups_known_,
            .groups_joined = groups_joined_,
            .violations = link_.violations()};
  for (const auto& outage : link_.outages()) {
    const auto from = outage.from, until = outage.until;
    const bool is_owed = std::any_of(failovers_.begin(), failovers_.end(), [&](TimePoint failed) {
      return from - ordeal_.remembered <= failed && failed <= until;
    });
    ++sum.outages;
    if (!is_owed) ++sum.without_failover;
    sum.out += until - from;
    sum.longest = std::max(sum.longest, until - from);
    link_.world().verdict.tell(from, "a stream",
                               "is out for " + std::to_string(seconds(until - from)) + " s");
  }
  return sum;
}

}  // namespace

template <Family F>
core::Settings<F> Contender::settings() const {
  core::Settings<F> s;
  s.query_interval = core::QueryInterval::from(query_interval).value();
  s.response_interval = core::ResponseInterval::from(response).value();
  s.robustness = core::Robustness::from(robustness).value();
  s.startup_count = core::StartupCount::from(startup_count).value();
  s.startup_interval = core::StartupInterval::from(startup_interval).value();
  s.jitter = core::Jitter::from(jitter).value();
  if (other_querier) {
    s.other_querier_interval = core::OtherQuerierInterval::from(*other_querier).value();
  }
  s.router_discovery = router_discovery;
  if (version == Speaks::kOlder) s.version = kOlder<F>;
  if (version == Speaks::kNewest) s.version = F::kNewest;
  return s;
}

Contender ours() { return {.name = "igmp-querier"}; }

Contender ours_impatient() { return {.name = "igmp-querier -t 130", .other_querier = 130s}; }

Contender ours_newest() {
  return {.name = "igmp-querier, newest version", .version = Contender::Speaks::kNewest};
}

Contender rfc_2236() {
  return {.name = "RFC 2236, RFC 2710",
          .query_interval = 125s,
          .startup_count = 2,
          .startup_interval = 31'250ms,
          .jitter = 0,
          .version = Contender::Speaks::kOlder,
          .to_the_letter = true};
}

Contender rfc_9776() {
  auto made = rfc_2236();
  made.name = "RFC 9776, RFC 9777";
  made.version = Contender::Speaks::kNewest;
  return made;
}

Tally& Tally::operator+=(const Tally& other) {
  schedules += other.schedules;
  failovers += other.failovers;
  outages += other.outages;
  without_failover += other.without_failover;
  out += other.out;
  longest = std::max(longest, other.longest);
  groups_known += other.groups_known;
  groups_joined += other.groups_joined;
  violations.insert(violations.end(), other.violations.begin(), other.violations.end());
  return *this;
}

template <Family F>
Tally try_out(const Contender& contender, const Ordeal& ordeal, std::uint64_t seed) {
  return Trial<F>(contender, ordeal, seed).play();
}

template Tally try_out<Igmp>(const Contender&, const Ordeal&, std::uint64_t);
template Tally try_out<Mld>(const Contender&, const Ordeal&, std::uint64_t);

}  // namespace mcq::sim
