#include "cli/run.hpp"

#include <CLI/Option.hpp>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/paths.hpp"
#include "config/config_file.hpp"
#include "daemon/daemon.hpp"
#include "monitor/log.hpp"

namespace mcq::cli {
namespace {

/// The long form of a flag: "--query-interval" for "-q,--query-interval".
std::string long_name(std::string_view flag) { return std::string{flag.substr(flag.find("--"))}; }

constexpr const char* kInterfaceVariable = "IGMP_INTERFACE";

/// The interfaces that the environment names, with commas between them; an empty variable is unset.
std::vector<std::string> interfaces_of_environment() {
  const char* value = std::getenv(kInterfaceVariable);  // NOLINT(concurrency-mt-unsafe)
  std::vector<std::string> names;
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    names.emplace_back(rest.substr(0, comma));
    if (comma + 1 == rest.size()) names.emplace_back();  // refused, as any empty name
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return names;
}

}  // namespace

void Run::declare(CLI::App& command) {
  command.description("query in the foreground; log to standard error");
  command
      .add_option("-i,--interface", interfaces,
                  "interface to serve; may be repeated (default: those of IGMP_INTERFACE in the\n"
                  "environment, else those of the configuration file, else that of the default\n"
                  "route)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const auto& option = config::options<Igmp>()[i];
    const std::string flag{option.flag}, help{option.help};
    if (flag.empty()) continue;
    if (option.placeholder.empty()) {
      command.add_flag(flag, flags[i].is_on, help);
      continue;
    }
    command
        .add_option(flag, flags[i].text, help + " (default: " + std::string{option.fallback} + ")")
        ->type_name(std::string{option.placeholder});
  }
  command
      .add_option_function<std::vector<std::string>>(
          "--mld",
          [this](const std::vector<std::string>& values) {
            mld = true;
            if (!values.empty() && !values[0].empty()) mld_version = values[0];
          },
          "also query for IPv6; with a number: MLD version of the queries (default: 2)")
      ->expected(0, 1)
      ->type_name("[N]");
  command
      .add_option(
          "-c,--config", config_file,
          std::string{"configuration file (default: "} + kDefaultConfigFile + ", if it exists)")
      ->type_name("FILE");
  command
      .add_option("--api-socket", api_socket,
                  std::string{"socket for the other commands (default:\n"} + kDefaultApiSocket +
                      ", if its directory exists)")
      ->type_name("PATH");
  command.add_flag("--wait", wait, "wait for an interface that does not exist yet");
  command.add_flag("-v,--verbose", verbose, "log a line per query sent, and per join and leave");
}

/// Returns the chosen options. A flag that both protocols have applies to both.
Result<config::ProtocolOptions> Run::choices() const {
  config::ProtocolOptions choices;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const auto& option = config::options<Igmp>()[i];
    const auto& [text, is_on] = flags[i];
    if (!text && !is_on) continue;
    const auto where = long_name(option.flag) + " ";
    const auto given =
        text ? config::given_number(where, *text) : config::Given{where, "true", true};
    if (auto ok = choices.igmp.set(option, given); !ok) return fail(std::move(ok).error());
    const auto* same = config::find_option<Mld>(option.name);
    if (same == nullptr || same->flag != option.flag) continue;
    if (auto ok = choices.mld.set(*same, given); !ok) return fail(std::move(ok).error());
  }
  const auto set_mld = [&](std::string_view name, const config::Given& given) {
    return choices.mld.set(*config::find_option<Mld>(name), given);
  };
  auto ok = mld ? set_mld("enabled", {"--mld ", "true", true}) : Result{Ok{}};
  if (ok && mld_version) ok = set_mld("version", config::given_number("--mld ", *mld_version));
  if (!ok) return fail(std::move(ok).error());
  return choices;
}

ExitCode Run::run(Streams io) const {
  const auto chosen = choices();
  if (!chosen) return io.failure(chosen.error().message, ExitCode::kWrongUsage);
  const bool is_named = !interfaces.empty();
  const config::RunOptions options{
      .interfaces = is_named ? interfaces : interfaces_of_environment(),
      .origin = is_named ? std::string{} : std::string{kInterfaceVariable} + ": ",
      .choices = *chosen,
      .config_file = config_file,
      .wait = wait,
      .api_socket = api_socket};
  for (const auto& name : options.interfaces) {
    if (const auto ok = config::check_interface_name(name); !ok) {
      const std::string where = is_named ? "--interface " : options.origin;
      return io.failure(where + ok.error().message, ExitCode::kWrongUsage);
    }
  }
  const auto config = config::load_config_or_default(config_file);
  if (!config) return io.failure(config.error().message);
  if (const auto checked = config::check(options, *config); !checked) {
    const bool only_command_line = *config == config::Config{};
    return io.failure(checked.error().message,
                      only_command_line ? ExitCode::kWrongUsage : ExitCode::kCannotRun);
  }
  monitor::start_log(verbose);
  const auto done = daemon::Daemon::run(options, *config);
  monitor::finish_log();
  return done ? ExitCode::kOk : io.failure(done.error().message);
}

}  // namespace mcq::cli
