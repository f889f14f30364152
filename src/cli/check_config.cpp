#include "cli/check_config.hpp"

#include <CLI/Option.hpp>

#include "config/config_file.hpp"
#include "config/options.hpp"
#include "config/run_options.hpp"

namespace mcq::cli {
namespace {

std::string in_quotes(std::string_view word) { return '"' + std::string{word} + '"'; }

/// Formats as in the file: ["192.0.2.1", "198.51.100.0/24"].
template <class Prefix>
std::string list(const std::vector<Prefix>& prefixes) {
  std::string all;
  for (const auto& prefix : prefixes) {
    all += (all.empty() ? "" : ", ") + in_quotes(to_string(prefix));
  }
  return "[" + all + "]";
}

template <Family F>
std::string value_in_force(config::Key key, const core::Settings<F>& s, bool enabled) {
  const auto boolean = [](bool value) { return value ? "true" : "false"; };
  using config::format_seconds;
  switch (key) {
    case config::Key::kQueryInterval:
      return config::format_seconds(s.query_interval.get());
    case config::Key::kMaxResponse:
      return config::format_seconds(s.response_interval.get());
    case config::Key::kRobustness:
      return std::to_string(s.robustness.get());
    case config::Key::kStartupCount:
      return std::to_string(s.startup_count.get());
    case config::Key::kStartupInterval:
      return config::format_seconds(s.startup_interval.get());
    case config::Key::kOtherQuerierInterval:
      return config::format_seconds(s.default_other_querier_timeout());
    case config::Key::kJitter:
      return std::to_string(s.jitter.get());
    case config::Key::kVersion:
      return std::to_string(static_cast<int>(s.version));
    case config::Key::kProxy:
      return boolean(s.proxy);
    case config::Key::kRequireRouterAlert:
      return boolean(s.require_router_alert);
    case config::Key::kRequireSameSubnet:
      return boolean(s.require_same_subnet);
    case config::Key::kAcceptUnicastQuery:
      return boolean(s.accept_unicast_query);
    case config::Key::kTrustedQueriers:
      return s.trusted_queriers ? list(*s.trusted_queriers) : in_quotes(config::kAnyQuerier);
    case config::Key::kIgnoreQueriers:
      return list(s.ignored_queriers);
    case config::Key::kOnRogueQuerier:
      return in_quotes(config::kOnRogueWords[static_cast<std::size_t>(s.on_rogue_querier)]);
    case config::Key::kLastMemberInterval:
      return config::format_seconds(s.last_member_interval.get());
    case config::Key::kExplicitTracking:
      return boolean(s.explicit_tracking);
    case config::Key::kVerifySourceSubnet:
      return boolean(s.verify_source_subnet);
    case config::Key::kAcceptOlderReports:
      return boolean(s.accept_older_reports);
    case config::Key::kSsmAware:
      return boolean(s.ssm_aware);
    case config::Key::kMaxGroups:
      return std::to_string(s.max_groups.get());
    case config::Key::kMaxSources:
      return std::to_string(s.max_sources.get());
    case config::Key::kMaxHosts:
      return std::to_string(s.max_hosts.get());
    case config::Key::kEnabled:
      return boolean(enabled);
  }
  return "";
}

/// Prints a table of a configuration file. Values that are not set are in comments: if set, those
/// derived from other values would no longer change with them.
template <Family F>
void print(std::ostream& out, const std::string& title, const config::ProtocolOptions& choices) {
  const auto& chosen = choices.of<F>();
  const auto settings = config::make_settings<F>(chosen);
  out << '[' << title << (std::same_as<F, Mld> ? ".mld" : ".igmp") << "]\n";
  if (!settings) {  // contradictory settings, used by no interface
    out << "enabled = false\n";
    return;
  }
  for (const auto& key : config::keys<F>()) {
    out << (chosen.has(key.key) ? "" : "# ") << key.name << " = "
        << value_in_force(key.key, *settings, choices.enables<F>()) << '\n';
  }
  for (const auto& warning : config::warnings(*settings)) out << "# warning: " << warning << '\n';
}

void print_both(std::ostream& out, const std::string& title,
                const config::ProtocolOptions& choices) {
  print<Igmp>(out, title, choices);
  if (!choices.has_mld_table) return;
  out << '\n';
  print<Mld>(out, title, choices);
}

/// The title of an interface's table. Always quotes the name: a glob or a dot requires it in TOML.
std::string table_of(const std::string& name) {
  std::string key;
  for (const char c : name) {
    if (c == '"' || c == '\\') key += '\\';
    key += c;
  }
  return "interface.\"" + key + "\"";
}

}  // namespace

void CheckConfig::declare(CLI::App& command) {
  command.description("print the settings in force, or say what is wrong with them");
  command
      .add_option(
          "FILE", file,
          std::string{"configuration file (default: "} + kDefaultConfigFile + ", if it exists)")
      ->type_name("");
}

ExitCode CheckConfig::run(Streams io) const {
  const auto config = config::load_config_or_default(file);
  if (!config) return io.failure(config.error().message);
  if (const auto checked = config::check({}, *config); !checked) {
    return io.failure(checked.error().message);
  }
  io.out << "# Values behind a # are defaults.\n";
  print_both(io.out, "defaults", config->defaults);
  for (const auto& rule : config->interfaces) {
    io.out << '\n';
    print_both(io.out, table_of(rule.pattern), config->options_for(rule.pattern));
  }
  return ExitCode::kOk;
}

}  // namespace mcq::cli
