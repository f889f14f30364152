#include "cli/check_config.hpp"

#include <CLI/Option.hpp>
#include <optional>

#include "cli/would_query.hpp"
#include "config/config_file.hpp"
#include "config/run_options.hpp"
#include "os/interface_watcher.hpp"

namespace mcq::cli {
namespace {

/// Prints a table of a configuration file. Values that are not set are in comments: if set, those
/// derived from other values would no longer change with them.
template <Family F>
void print(std::ostream& out, const std::string& title, const config::ProtocolOptions& choices) {
  const auto& chosen = choices.of<F>();
  const auto settings = config::make_settings(chosen);
  out << '[' << title << (std::same_as<F, Mld> ? ".mld" : ".igmp") << "]\n";
  if (!settings) {  // contradictory settings, used by no interface
    out << "enabled = false\n";
    return;
  }
  config::Values<F> in_force{*settings, chosen.values().profile, choices.enables<F>()};
  in_force.other_querier_interval =
      core::OtherQuerierInterval::from(settings->default_other_querier_timeout());
  for (const auto& option : config::options<F>()) {
    out << (chosen.has(option) ? "" : "# ") << option.name << " = " << option.print(in_force)
        << '\n';
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

void print_vlans(std::ostream& out, const config::Config& config,
                 const config::InterfaceRule& trunk) {
  for (const auto& vlan : trunk.vlans.rules) {
    const auto title = table_of(trunk.pattern) + ".vlan." + std::to_string(vlan.number);
    out << "\n[" << title << "]\n";
    if (vlan.address) out << "address = \"" << to_string(*vlan.address) << "\"\n";
    out << '\n';
    print_both(out, title, config.options_for(config::vlan_name(trunk.pattern, vlan.number)));
  }
}

void print_interface(std::ostream& out, const config::Config& config,
                     const config::InterfaceRule& rule) {
  const auto title = table_of(rule.pattern);
  out << '\n';
  if (!rule.vlans.empty()) out << '[' << title << "]\n";
  if (!rule.vlans.ranges.empty()) out << "vlans = \"" << to_string(rule.vlans.ranges) << "\"\n";
  if (rule.serves_untagged) {
    if (!rule.vlans.empty()) out << '\n';
    print_both(out, title, config.options_for(rule.pattern));
  }
  print_vlans(out, config, rule);
}

/// None where the kernel does not tell.
std::optional<EthernetInterfaces> ethernet_interfaces() {
  const auto watcher = os::InterfaceWatcher::open();
  if (!watcher) return std::nullopt;
  EthernetInterfaces present;
  for (const auto& [index, interface] : watcher->interfaces()) {
    if (interface.ethernet) present.names.push_back(interface.name);
  }
  if (const auto* route = watcher->default_route()) present.default_route = route->name;
  return present;
}

}  // namespace

void CheckConfig::declare(CLI::App& command) {
  command.description("print the settings of a configuration file, or its errors");
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
  for (const auto& rule : config->interfaces) print_interface(io.out, *config, rule);
  // A comment, so that the output is still a configuration.
  io.out << "\n# The configuration is correct";
  if (const auto present = ethernet_interfaces()) {
    io.out << ". With it, run " << would_query(*config, *present);
  }
  io.out << ".\n";
  return ExitCode::kOk;
}

}  // namespace mcq::cli
