#include "cli/probe.hpp"

#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "base/ip_address.hpp"
#include "cli/client.hpp"
#include "cli/interrupt.hpp"
#include "client/json_fields.hpp"
#include "os/neighbour.hpp"
#include "os/system_error.hpp"
#include "probe/prober.hpp"
#include "text/printable.hpp"

namespace mcq::cli {
namespace {

Duration from_seconds(double seconds) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

Result<Ipv4Address> parse_host(const std::string& given) {
  const auto address = parse_address(given);
  if (address && std::holds_alternative<Ipv6Address>(*address)) {
    return fail("probe asks in IGMP, not in MLD: give the IPv4 address of the device instead of '" +
                printable(given) + "'");
  }
  if (!address || !is_unicast(std::get<Ipv4Address>(*address))) {
    return fail("'" + printable(given) +
                "' is no address of a host: give one such as 192.168.1.20");
  }
  return std::get<Ipv4Address>(*address);
}

Result<std::optional<Ipv4Address>> parse_group(const std::string& given) {
  if (given.empty()) return std::optional<Ipv4Address>{};
  const auto address = parse_address(given);
  const auto* group = address ? std::get_if<Ipv4Address>(&*address) : nullptr;
  if (group == nullptr || !is_multicast(*group) || *group == Igmp::kAllNodes) {
    return fail("'" + printable(given) + "' is no group: give one such as 239.1.2.3");
  }
  return std::optional{*group};
}

std::string querier_exists(const Ipv4Address& querier) {
  return to_string(querier) +
         " is the querier here, and queries beside it disturb it: turn it off, or use --force";
}

}  // namespace

void Probe::declare(CLI::App& command) {
  command.description("ask one host in each way that queriers ask, and tell what it answers");
  command.add_option("HOST", host, "IPv4 address of the host")->type_name("")->required();
  command.add_option("-i,--interface", interface, "interface to ask on (default: by the route)")
      ->type_name("NAME");
  command.add_option("--group", group, "a group that the host has joined")->type_name("ADDRESS");
  command.add_option("--repeat", repeat, "how often to ask while it is silent")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  command.add_option("--listen", listen, "seconds to listen for a querier first")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  command.add_option("--max-response", max_response, "seconds within which to answer")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 10.0))
      ->capture_default_str();
  command
      .add_option("--api-socket", socket,
                  std::string{"socket of the daemon (default: "} + kDefaultApiSocket + ")")
      ->type_name("PATH");
  command.add_flag("--force", force, "ask even where there is another querier");
  command.add_flag("--json", json, "print JSON");
}

/// Fails if a daemon on this host serves the interface.
Result<Ok> Probe::refuse_beside_daemon(const std::string& name) const {
  const Client client{.socket = socket, .interface = name, .family = "ipv4"};
  const auto status = client.get("/v1/status");
  if (!status) return Ok{};  // no daemon, or it does not serve the interface
  const auto* all = client::member(&*status, "interfaces");
  if (all == nullptr || !all->is_array() || all->empty()) return Ok{};
  return fail("the daemon of this host serves " + name +
              ", and would take these queries for those of a second querier: stop it "
              "(sudo systemctl stop igmp-querier), or use --force");
}

/// Asks all cases until the end, an interrupt or the query of another querier.
Result<Ok> Probe::ask_all(probe::Prober& prober, ProbeReport& report, Streams io) const {
  auto listened = prober.listen(from_seconds(listen));
  if (!listened) return listened;
  report.querier = prober.witness().querier();
  if (report.querier && !force) return fail(querier_exists(*report.querier));
  for (const auto& one : probe::cases()) {
    if (Interrupt::occurred()) break;
    const auto outcome = prober.ask(one, repeat);
    if (!outcome) return fail(outcome.error());
    report.querier = prober.witness().querier();
    if (report.querier && !force) return fail(querier_exists(*report.querier));
    report.outcomes.push_back(*outcome);
    if (!json) io.out << to_line(*outcome, report.target) << std::flush;
  }
  return Ok{};
}

ExitCode Probe::conclude(const ProbeReport& report, Streams io) const {
  if (report.is_interrupted) return ExitCode::kInterrupted;
  if (report.has_answered() || (report.is_member && report.has_problem())) {
    return report.has_problem() ? ExitCode::kUnhealthy : ExitCode::kOk;
  }
  const auto name = to_string(report.target.host);
  if (!report.is_neighbour) {
    return io.failure(
        name + " answers neither a query nor ARP: is it on, and on " + report.interface + "?",
        ExitCode::kNoAnswer);
  }
  return io.failure(name +
                        " is member of no group as far as is known: start a receiver on it, or "
                        "name its group with --group",
                    ExitCode::kNoAnswer);
}

ExitCode Probe::run(Streams io) const {
  const auto refuse = [&](const Error& error) {
    return io.failure(error.message, ExitCode::kNoAnswer);
  };
  const auto address = parse_host(host);
  if (!address) return io.failure(address.error().message, ExitCode::kWrongUsage);
  const auto known_group = parse_group(group);
  if (!known_group) return io.failure(known_group.error().message, ExitCode::kWrongUsage);
  const auto place = probe::find_place(*address, interface);
  if (!place) return refuse(place.error());
  if (const auto alone = refuse_beside_daemon(place->interface); !alone && !force) {
    return refuse(alone.error());
  }
  ProbeReport report{.target = {*address, place->own, place->subnet, from_seconds(max_response)},
                     .interface = place->interface};
  const Interrupt interrupt;
  auto prober = probe::Prober::open(place->interface_index, report.target, *known_group,
                                    &Interrupt::occurred);
  if (!prober) {
    const bool forbidden = prober.error().message.ends_with(os::describe(EPERM));
    return refuse({prober.error().message +
                   (forbidden ? "; probe needs CAP_NET_RAW: run it with sudo" : "")});
  }
  os::seek_neighbour(*address);
  if (!json) {
    io.out << fmt::format("asking {} on {} from {}, at most {:.0f} s\n", to_string(*address),
                          place->interface, to_string(place->own),
                          listen + static_cast<double>(probe::cases().size()) * repeat *
                                       (max_response + 0.25))
           << std::flush;
  }
  const auto asked = ask_all(*prober, report, io);
  report.is_interrupted = Interrupt::occurred();
  report.is_member = prober->witness().is_member();
  report.is_neighbour = os::is_neighbour_known(*address, place->interface);
  if (report.is_member || report.has_answered()) report.traits = probe::judge(report.outcomes);
  if (asked || !report.outcomes.empty()) io.out << (json ? to_json_text(report) : to_text(report));
  if (!asked) return refuse(asked.error());
  return conclude(report, io);
}

}  // namespace mcq::cli
