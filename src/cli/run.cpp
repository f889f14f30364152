#include "cli/run.hpp"

#include <CLI/Option.hpp>

#include "base/paths.hpp"
#include "config/config_file.hpp"
#include "daemon/daemon.hpp"
#include "monitor/log.hpp"

namespace mcq::cli {
namespace {

/// The long form of a flag: "--query-interval" for "-q,--query-interval".
std::string long_name(std::string_view flag) { return std::string{flag.substr(flag.find("--"))}; }

const char* type_name(config::Kind kind) {
  switch (kind) {
    case config::Kind::kSeconds:
      return "S";
    case config::Kind::kPercent:
      return "PERCENT";
    case config::Kind::kInteger:
    case config::Kind::kSwitch:
    case config::Kind::kWord:
    case config::Kind::kQueriers:
      break;
  }
  return "N";
}

}  // namespace

void Run::declare(CLI::App& command) {
  command.description("query for multicast members in the foreground; log to standard error");
  command
      .add_option("-i,--interface", interfaces,
                  "interface to serve; may be given again (default: the interfaces of the\n"
                  "configuration file, else that of the default route)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  for (const auto& key : config::keys<Igmp>()) {
    if (key.flag.empty()) continue;
    const std::string flag{key.flag};
    if (key.kind == config::Kind::kSwitch) {
      command.add_flag(flag, proxy, std::string{key.help});
      continue;
    }
    command
        .add_option(flag, given[static_cast<std::size_t>(key.key)],
                    std::string{key.help} + " (default: " + std::string{key.fallback} + ")")
        ->type_name(type_name(key.kind));
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
                  std::string{"where status, groups and the other commands ask (default:\n"} +
                      kDefaultApiSocket + ", if its directory exists)")
      ->type_name("PATH");
  command.add_flag("--wait", wait, "wait for an interface that does not exist yet");
  command.add_flag("-v,--verbose", verbose, "log a line per query sent, and per join and leave");
}

/// The options as settings. Each applies to every protocol that has it.
Result<config::ProtocolOptions> Run::choices() const {
  config::ProtocolOptions choices;
  const auto set = [&](config::OptionValues& chosen, const config::KeyInfo& key,
                       const std::string& text) -> Result<Ok> {
    const auto value = config::parse_number(key, text);
    if (!value) return fail(long_name(key.flag) + " " + value.error().message);
    chosen.set(key.key, *value);
    return Ok{};
  };
  for (const auto& key : config::keys<Igmp>()) {
    const auto& text = given[static_cast<std::size_t>(key.key)];
    if (!text) continue;
    if (auto ok = set(choices.igmp, key, *text); !ok) return fail(std::move(ok).error());
    if (key.key != config::Key::kVersion) choices.mld.set(key.key, *choices.igmp.get(key.key));
  }
  if (proxy) choices.igmp.set(config::Key::kProxy, 1);
  if (mld) choices.mld.set(config::Key::kEnabled, 1);
  if (mld_version) {
    const auto& version = *config::find_key<Mld>(config::Key::kVersion);
    if (auto ok = set(choices.mld, version, *mld_version); !ok) return fail(std::move(ok).error());
  }
  return choices;
}

ExitCode Run::run(Streams io) const {
  const auto chosen = choices();
  if (!chosen) return io.failure(chosen.error().message, ExitCode::kWrongUsage);
  const config::RunOptions options{interfaces, *chosen, config_file, wait, api_socket};
  for (const auto& name : interfaces) {
    if (const auto ok = config::check_interface_name(name); !ok) {
      return io.failure("--interface " + ok.error().message, ExitCode::kWrongUsage);
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
