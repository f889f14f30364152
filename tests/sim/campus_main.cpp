// What a link with thousands of hosts carries. What is printed is what docs/scale.md shows.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <iostream>

#include "sim/campus.hpp"

namespace mcq::sim {
namespace {

template <Family F>
void print(Campus<F> campus) {
  for (const auto version : {kOlder<F>, F::kNewest}) {
    campus.version = version;
    const auto traffic = watch(campus);
    std::printf("| %sv%d | %zu | %zu | %zu | %zu | %zu | %zu | %zu | %zu | %.0f s | %.0f s |\n",
                F::kName, static_cast<int>(version), campus.hosts, campus.groups, campus.queriers,
                traffic.queries, traffic.most_queries, traffic.reports, traffic.most_reports,
                traffic.known, seconds(traffic.longest_silence), seconds(traffic.longest_outage));
    std::fflush(stdout);
    for (const auto& violation : traffic.violations) std::cerr << violation << '\n';
  }
}

int parse_and_run(int argc, char** argv) {
  std::size_t hosts = 10'000, groups = 3, queriers = 3;
  double hours = 1;
  std::uint64_t seed = 1;
  CLI::App app{
      "Counts what passes on a link with many hosts, in the middle of whose time the elected "
      "querier ends."};
  app.add_option("--hosts", hosts)->check(CLI::Range(1, 50'000))->capture_default_str();
  app.add_option("--groups", groups, "of each host; one is common to a hundred")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--queriers", queriers)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--hours", hours)->check(CLI::Range(0.1, 100.0))->capture_default_str();
  app.add_option("--seed", seed)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto length = std::chrono::duration_cast<Duration>(hours * 1h);
  std::puts(
      "| | hosts | groups of each | queriers | queries | most in a second | reports | most in a "
      "second | groups known "
      "| longest silence | longest outage "
      "|\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
  print<Igmp>(
      {.hosts = hosts, .groups = groups, .queriers = queriers, .length = length, .seed = seed});
  print<Mld>(
      {.hosts = hosts, .groups = groups, .queriers = queriers, .length = length, .seed = seed});
  std::printf("\n%.0f s of processor time\n", static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
  return 0;
}

}  // namespace
}  // namespace mcq::sim

int main(int argc, char** argv) { return mcq::sim::parse_and_run(argc, argv); }
