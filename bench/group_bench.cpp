// A report for a group that is known: the event that a querier sees most, by the size of its table.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "core/querier.hpp"

namespace mcq::bench {
namespace {

constexpr TimePoint kStart{1h};
/// Few enough that all they need stays in the first caches, whatever the size of the table.
constexpr std::size_t kHot = 64;

/// 225.0.0.0 and the 16 million that follow; ff15:: and so on.
template <Family F>
typename F::Address group(std::uint32_t n) {
  typename F::Address address{};
  const auto size = address.bytes.size();
  address.bytes[0] = std::same_as<F, Igmp> ? 225 : 0xff;
  if (size > 4) address.bytes[1] = 0x15;
  for (std::size_t i = 1; i <= 3; ++i) {
    address.bytes[size - i] = static_cast<std::uint8_t>(n >> (8 * (i - 1)));
  }
  return address;
}

/// 10.0.0.0 or fe80:: and a number.
template <Family F>
typename F::Address host(std::uint16_t n) {
  typename F::Address address{};
  const auto size = address.bytes.size();
  address.bytes[0] = std::same_as<F, Igmp> ? 10 : 0xfe;
  if (size > 4) address.bytes[1] = 0x80;
  address.bytes[size - 2] = static_cast<std::uint8_t>(n >> 8U);
  address.bytes[size - 1] = static_cast<std::uint8_t>(n);
  return address;
}

/// What the report of a host looks like: one of an older version, or one of the newest.
template <Family F>
core::Event<F> report(bool older, std::uint32_t n, std::uint16_t from = 7) {
  if (older) {
    constexpr auto kVersion = static_cast<typename F::Version>(static_cast<int>(F::kNewest) - 1);
    return core::ReportReceived<F>{host<F>(from), {kVersion, group<F>(n)}};
  }
  return core::RecordReceived<F>{host<F>(from), {RecordType::kIsEx, group<F>(n), {}}};
}

template <Family F>
typename F::Address& group_in(core::Event<F>& event) {
  auto* report = std::get_if<core::ReportReceived<F>>(&event);
  return report != nullptr ? report->report.group
                           : std::get<core::RecordReceived<F>>(event).record.group;
}

template <Family F>
class Table {
 public:
  Table(bool older, std::uint32_t groups, bool tracking = true) : older_(older) {
    core::Settings<F> settings;
    settings.max_groups = *core::MaxGroups::from(2'000'000);
    settings.explicit_tracking = tracking;
    querier_.emplace(settings, Random{1});
    step(core::LinkChanged<F>{{.up = true, .self = host<F>(1)}});
    for (std::uint32_t n = 0; n < groups; ++n) receive(n);
    if (querier_->groups().size() != groups) std::abort();
  }

  using Address = typename F::Address;
  void prefetch(const Address& soon, const Address& later) {
    querier_->groups().prefetch(soon, later);
  }
  void receive(std::uint32_t n, std::uint16_t from = 7) { step(report<F>(older_, n, from)); }
  void allow(std::uint32_t n, std::uint16_t source) {
    const auto address = host<F>(source);
    step(core::RecordReceived<F>{host<F>(7), {RecordType::kAllow, group<F>(n), {&address, 1}}});
  }
  /// Time passes, and what is due happens.
  void pass(Duration time) {
    now_ += time;
    while (querier_->deadline() <= now_) step(core::Tick{});
  }
  Duration membership() const { return core::membership_interval(querier_->timing()); }
  std::size_t size() const { return querier_->groups().size(); }
  void step(const core::Event<F>& event) {
    benchmark::DoNotOptimize(querier_->step(event, now_ += 100ns));
  }

 private:
  bool older_;
  std::optional<core::Querier<F>> querier_;
  TimePoint now_ = kStart;
};

/// Reports for `among` groups in a random order, of which the next ones have come already.
template <Family F>
void refresh(benchmark::State& state, bool older, std::uint32_t groups, std::size_t among) {
  Table<F> table{older, groups};
  Random random{2};
  std::vector<typename F::Address> reported;
  for (std::size_t i = 0; i < std::max<std::size_t>(among, kHot); ++i) {
    reported.push_back(group<F>(static_cast<std::uint32_t>(random.below(groups))));
  }
  auto event = report<F>(older, 0);
  auto& group = group_in(event);
  std::size_t i = 0;
  const auto ahead = [&](std::size_t n) { return reported[(i + n) % reported.size()]; };
  const auto next = [&] {
    table.prefetch(ahead(4), ahead(8));
    group = reported[i];
    table.step(event);
    if (++i == reported.size()) i = 0;
  };
  for (std::size_t warm = 0; warm < kHot; ++warm) next();
  const CountAllocations count{state};
  for (auto _ : state) next();
}

/// A group comes for each that has had no report for a membership interval.
template <Family F>
void join(benchmark::State& state, std::uint32_t groups) {
  Table<F> table{true, 0};
  const auto pause = table.membership() / groups;
  std::uint32_t n = 0;
  const auto next = [&] {
    table.receive(n++);
    table.pass(pause);
  };
  while (n < groups + groups / 4 + kHot) next();
  const CountAllocations count{state};
  for (auto _ : state) next();
  if (table.size() < groups - groups / 10) std::abort();
}

template <Family F>
void memory(benchmark::State& state, std::uint32_t groups) {
  constexpr std::uint16_t kMore = 16;
  for (auto _ : state) {
    const auto nothing = allocated_bytes();
    auto bare = std::make_unique<Table<F>>(true, groups, false);
    const auto alone = allocated_bytes();
    bare.reset();
    auto tracked = std::make_unique<Table<F>>(true, groups);
    const auto with_host = allocated_bytes();
    const auto per_group = [&](std::uint64_t bytes) { return static_cast<double>(bytes) / groups; };
    state.counters["bytes per group"] = per_group(alone - nothing);
    state.counters["bytes per group with one host"] = per_group(with_host - nothing);
    if (groups > 100'000) continue;  // they take long, and are the same
    for (std::uint32_t n = 0; n < groups; ++n) {
      for (std::uint16_t from = 100; from < 100 + kMore; ++from) tracked->receive(n, from);
    }
    state.counters["bytes per further host"] = per_group(allocated_bytes() - with_host) / kMore;
    tracked.reset();
    tracked = std::make_unique<Table<F>>(false, groups);
    for (std::uint32_t n = 0; n < groups; ++n) {
      for (std::uint16_t source = 100; source < 100 + kMore; ++source) tracked->allow(n, source);
    }
    state.counters["bytes per source"] = per_group(allocated_bytes() - with_host) / kMore;
  }
}

template <class Run>
void add(const std::string& name, Run run) {
  fix_iterations(benchmark::RegisterBenchmark(name.c_str(), run));
}

template <Family F>
void register_for(const std::string& family) {
  for (const std::uint32_t groups : {1'000U, 10'000U, 100'000U, 1'000'000U}) {
    const auto of = "_in_" + std::to_string(groups) + "_groups";
    for (const bool older : {true, false}) {
      const auto version = static_cast<int>(F::kNewest) - (older ? 1 : 0);
      const auto name = family + "v" + std::to_string(version) + "_report_of_";
      const auto add_refresh = [&](const std::string& which, std::size_t among) {
        add(name + which + of,
            [=](benchmark::State& state) { refresh<F>(state, older, groups, among); });
      };
      add_refresh("hot_group", kHot);
      add_refresh("any_group", groups);
    }
    add(family + "_join_and_end_of_a_group" + of,
        [=](benchmark::State& state) { join<F>(state, groups); });
    benchmark::RegisterBenchmark((family + "_memory" + of).c_str(), memory<F>, groups)
        ->Iterations(1);
  }
}

const bool kRegistered = [] {
  register_for<Igmp>("IGMP");
  register_for<Mld>("MLD");
  return true;
}();

}  // namespace
}  // namespace mcq::bench
