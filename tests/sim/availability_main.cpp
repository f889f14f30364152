// How available joined streams are: random failures of queriers, counted, with lost packets and
// without. What is printed is what docs/availability.md shows.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <iostream>

#include "sim/availability.hpp"

namespace mcq::sim {
namespace {

struct Options {
  std::uint64_t schedules = 1000, seed = 1;
  std::vector<int> losses{};
  bool mld = false, find = false;
  Ordeal ordeal{};
  std::vector<Contender> contenders{ours(), ours_impatient(), ours_newest(), rfc_2236(),
                                    rfc_9776()};
};

/// Settings that somebody wants to try replace the contenders.
void add_settings(CLI::App& app, Contender& tried) {
  const auto time = [&](const char* name, Duration& value, const char* what) {
    app.add_option_function<double>(
           name, [&value](double s) { value = std::chrono::duration_cast<Duration>(s * 1s); }, what)
        ->group("Settings to try");
  };
  const auto count = [&](const char* name, int& value, const char* what) {
    app.add_option(name, value, what)->group("Settings to try");
  };
  time("-q,--query-interval", tried.query_interval, "seconds, 60");
  time("--max-response", tried.response, "seconds, 10");
  time("--startup-interval", tried.startup_interval, "seconds, 5");
  count("--startup-count", tried.startup_count, "3");
  count("--robustness", tried.robustness, "2");
  count("--jitter", tried.jitter, "percent, 25");
  app.add_option_function<double>(
         "-t,--timeout",
         [&](double s) { tried.other_querier = std::chrono::duration_cast<Duration>(s * 1s); },
         "seconds; by default as the version has it")
      ->group("Settings to try");
  app.add_flag("--router-discovery", tried.router_discovery, "queriers advertise themselves")
      ->group("Settings to try");
  app.add_flag_callback(
         "--newest", [&] { tried.version = Contender::Speaks::kNewest; }, "IGMPv3")
      ->group("Settings to try");
}

void print(int loss, const Contender& contender, const Tally& tally) {
  const auto failovers = std::max(1, tally.failovers);
  const auto known = 100.0 * static_cast<double>(tally.groups_known) /
                     static_cast<double>(std::max<std::size_t>(1, tally.groups_joined));
  std::printf("| %2d %% | %-28s | %7d | %7d | %7.1f | %6.2f s | %5.0f s | %7d | %3.0f %% |\n", loss,
              contender.name.c_str(), tally.failovers, tally.outages,
              1000.0 * tally.outages / failovers, seconds(tally.out) / failovers,
              seconds(tally.longest), tally.without_failover, known);
  std::fflush(stdout);
}

Tally sum_up(const Options& options, const Contender& contender, int loss) {
  auto ordeal = options.ordeal;
  ordeal.loss = loss;
  Tally sum;
  const auto share = options.schedules / options.losses.size();
  for (auto seed = options.seed; seed < options.seed + share; ++seed) {
    const auto one = options.mld ? try_out<Mld>(contender, ordeal, seed)
                                 : try_out<Igmp>(contender, ordeal, seed);
    if (options.find && one.outages > 0) std::cerr << contender.name << ", seed " << seed << '\n';
    if (!contender.to_the_letter && !one.violations.empty()) {
      std::cerr << "seed " << seed << ": " << one.violations.front() << '\n';
    }
    sum += one;
  }
  return sum;
}

int run(const Options& options) {
  std::puts(
      "| loss | querier                      | failovers | outages | per 1000 failovers | out per"
      " failover | longest | without a failover | known |\n|---|---|---|---|---|---|---|---|---|");
  std::uint64_t schedules = 0;
  for (const auto loss : options.losses) {
    for (const auto& contender : options.contenders) {
      const auto tally = sum_up(options, contender, loss);
      schedules += static_cast<std::uint64_t>(tally.schedules);
      print(loss, contender, tally);
    }
  }
  std::printf("\n%llu schedules, %.0f s of processor time\n",
              static_cast<unsigned long long>(schedules),
              static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
  return 0;
}

int parse_and_run(int argc, char** argv) {
  Options options;
  auto tried = ours();
  tried.name = "these settings";
  CLI::App app{"Counts what random failures of queriers do to joined streams."};
  app.add_option("--schedules", options.schedules, "for each querier, shared among the loss rates");
  app.add_option("--seed", options.seed, "of the first schedule");
  app.add_option("--loss", options.losses, "percent of what each cable carries; 1 to 10")
      ->check(CLI::Range(0, 100));
  app.add_option("--queriers", options.ordeal.queriers, "on the link; 2 to 5 at random")
      ->check(CLI::Range(1, 100));
  app.add_flag("--in-pairs", options.ordeal.in_pairs, "queriers fail two at a time");
  app.add_flag("--mld", options.mld, "MLD instead of IGMP");
  app.add_flag("--find", options.find, "name the seeds with which a stream was out");
  app.add_flag_callback(
      "--story", [&] { options.ordeal.story = &std::cerr; }, "tell what happens");
  app.add_option_function<double>(
      "--aging",
      [&](double s) { options.ordeal.remembered = std::chrono::duration_cast<Duration>(s * 1s); },
      "how long switches remember a member: 260 seconds");
  add_settings(app, tried);
  CLI11_PARSE(app, argc, argv);
  for (const auto* option : app.get_options()) {
    if (option->get_group() == "Settings to try" && !option->empty()) options.contenders = {tried};
  }
  if (options.losses.empty()) options.losses = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  return run(options);
}

}  // namespace
}  // namespace mcq::sim

int main(int argc, char** argv) { return mcq::sim::parse_and_run(argc, argv); }
