#include "config/config_file.hpp"

#include <fnmatch.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <system_error>

#include "base/printable.hpp"
#include "config/table_reader.hpp"

namespace mcq::config {
namespace {

constexpr std::size_t kMaxInterfaceName = 15;
constexpr std::size_t kMaxInterfaces = 2048;     // tables; each is compared with all others
constexpr std::size_t kMaxVlans = 16'384;        // of all interfaces
constexpr std::size_t kLargestFile = 512 << 10;  // a table for each VLAN of a trunk
/// In a line: the parser recurses on each of a key. A list of addresses has three for each.
constexpr std::ptrdiff_t kMaxDots = 250;

/// The table [interface.NAME].
Result<InterfaceRule> read_interface(const toml::node& node, const std::string& name,
                                     const std::string& file) {
  const auto title = "interface." + name;
  InterfaceRule rule{
      .pattern = name, .place = place_of(file, node), .line = node.source().begin.line};
  const auto vlan_keys = std::array<std::string_view, 2>{"vlan", "vlans"};
  const auto keys = rule.is_glob() ? std::span<const std::string_view>{} : vlan_keys;
  auto choices = read_protocols(node, title, file, keys);
  if (!choices) return fail(std::move(choices).error());
  rule.choices = *std::move(choices);
  if (rule.is_glob()) return rule;
  const auto& table = *node.as_table();
  auto vlans = read_vlans(table, title, file);
  if (!vlans) return fail(std::move(vlans).error());
  rule.vlans = *std::move(vlans);
  rule.serves_untagged = rule.vlans.empty() || table.contains("igmp") || table.contains("mld");
  return rule;
}

/// Fails for an address in two VLANs.
Result<Ok> check_addresses(const Config& config) {
  std::map<Ipv4Address, const VlanRule*> known;
  for (const auto& rule : config.interfaces) {
    for (const auto& vlan : rule.vlans.rules) {
      if (!vlan.address) continue;
      const auto [entry, is_new] = known.emplace(vlan.address->address, &vlan);
      if (is_new) continue;
      return fail(vlan.place + ": address '" + to_string(entry->first) + "' is that of VLAN " +
                  std::to_string(entry->second->number) + " (" + entry->second->place +
                  ") as well: each VLAN needs one of its own");
    }
  }
  return Ok{};
}

/// What VLANs do not take over from their trunk: this host has no programs in them that could join,
/// and no address but the one of the VLAN's table.
ProtocolOptions inherited(const ProtocolOptions& of_trunk) {
  ProtocolOptions none;
  const Given no_groups{.where = {}, .text = "[]", .value = std::vector<Given>{}};
  const Given no_address{.where = {}, .text = {}, .value = std::string{}};
  static_cast<void>(none.igmp.set(*find_option<Igmp>("hold"), no_groups));
  static_cast<void>(none.mld.set(*find_option<Mld>("hold"), no_groups));
  static_cast<void>(none.igmp.set(*find_option<Igmp>("source-address"), no_address));
  return none.over(of_trunk);
}

/// Fails for options that mean nothing in a VLAN of a trunk.
Result<Ok> check_options(const VlanRule& vlan) {
  const auto& igmp = vlan.choices.igmp.values();
  const auto& mld = vlan.choices.mld.values();
  if (!igmp.held_groups.empty() || !mld.held_groups.empty()) {
    return fail(
        "hold is not allowed: this host can join groups in a VLAN only through an interface "
        "for it (ip link add ... type vlan)");
  }
  if (igmp.source_address) {
    return fail("source-address is not allowed: 'address' is the source here");
  }
  return Ok{};
}

/// Fails for options that contradict each other, and for VLANs that overlap.
Result<Ok> check_interfaces(const Config& config) {
  std::size_t vlans = 0;
  for (const auto& rule : config.interfaces) {
    if (const auto vlan = config.vlan_of(rule.pattern)) {
      return fail(rule.title() + ": it is VLAN " + std::to_string(vlan->number) +
                  " of [interface." + vlan->trunk->pattern + "] as well: keep one of the two");
    }
    if (auto made = make_protocol_settings(config.options_for(rule.pattern)); !made) {
      return fail(rule.title() + ": " + made.error().message);
    }
    vlans += rule.vlans.size();
    if (vlans > kMaxVlans) return fail(rule.title() + ": more than 16384 VLANs in one file");
    for (const auto& vlan : rule.vlans.rules) {
      const auto where = vlan.place + ": VLAN " + std::to_string(vlan.number) + ": ";
      if (auto ok = check_options(vlan); !ok) return fail(where + ok.error().message);
      const auto name = vlan_name(rule.pattern, vlan.number);
      if (auto made = make_protocol_settings(config.options_for(name)); !made) {
        return fail(where + made.error().message);
      }
    }
  }
  return check_addresses(config);
}

Result<Ok> read_interfaces(const toml::node& node, const std::string& file, Config& config) {
  const auto* table = node.as_table();
  if (table == nullptr) return fail(at(file, node.source()) + "interface must be a table");
  for (const auto& [key, rule] : *table) {
    const std::string name{key.str()};
    const auto where = at(file, rule.source());
    if (auto ok = check_interface_name(name); !ok) return fail(where + ok.error().message);
    auto read = read_interface(rule, name, file);
    if (!read) return fail(std::move(read).error());
    config.interfaces.push_back(*std::move(read));
    if (config.interfaces.size() > kMaxInterfaces) {
      return fail(where + "more than " + std::to_string(kMaxInterfaces) +
                  " tables [interface.NAME]; one may be for many, as [interface.\"lan*\"] is");
    }
  }
  std::stable_sort(config.interfaces.begin(), config.interfaces.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  return check_interfaces(config);
}

/// The number of the first line that would take the parser too deep; 0 when there is none.
std::size_t overly_dotted_line(std::string_view text) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto content = text.substr(0, end);
    const bool is_comment = content.starts_with('#');
    if (!is_comment && std::count(content.begin(), content.end(), '.') > kMaxDots) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

Result<Config> read_config(const toml::table& root, const std::string& file) {
  Config config;
  for (const auto& [name, node] : root) {
    if (name.str() == "defaults") {
      auto defaults = read_protocols(node, "defaults", file);
      if (!defaults) return fail(std::move(defaults).error());
      config.defaults = *defaults;
      if (auto made = make_protocol_settings(config.defaults); !made) {
        return fail(at(file, node.source()) + "[defaults]: " + made.error().message);
      }
    } else if (name.str() != "interface") {
      return fail(
          at(file, node.source()) + "unknown key '" + printable(std::string{name.str()}) +
          "'; known are the tables [defaults] and [interface.NAME], each with igmp and mld");
    }
  }
  if (const auto* node = root.get("interface")) {
    if (auto ok = read_interfaces(*node, file, config); !ok) return fail(std::move(ok).error());
  }
  return config;
}

}  // namespace

Result<Ok> check_interface_name(const std::string& name) {
  const bool is_glob = InterfaceRule{name, {}}.is_glob();  // may hold a class such as [[:digit:]]
  const auto is_forbidden = [&](char c) { return c == ' ' || c == '/' || (c == ':' && !is_glob); };
  const bool possible = !name.empty() && name.size() <= kMaxInterfaceName && name != "." &&
                        name != ".." && printable(name) == name &&
                        std::none_of(name.begin(), name.end(), is_forbidden);
  if (possible) return Ok{};
  return fail(
      "'" + printable(name) +
      "' is not an interface name: those have 1 to 15 characters that can be printed, no slash, "
      "colon or space");
}

std::string InterfaceRule::title() const { return place + ": [interface." + pattern + "]"; }

bool InterfaceRule::matches(const std::string& interface) const {
  return ::fnmatch(pattern.c_str(), interface.c_str(), 0) == 0;
}

std::string vlan_name(const std::string& trunk, unsigned number) {
  return trunk + "." + std::to_string(number);
}

std::optional<Config::Vlan> Config::vlan_of(const std::string& interface) const {
  const auto dot = interface.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto number = parse_vlan(std::string_view{interface}.substr(dot + 1));
  const auto* trunk = number ? table_of(interface.substr(0, dot)) : nullptr;
  if (trunk == nullptr || !trunk->vlans.contains(*number)) return std::nullopt;
  return Vlan{trunk, *number, trunk->vlans.table_of(*number)};
}

const InterfaceRule* Config::table_of(const std::string& pattern) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const auto& r) { return r.pattern == pattern; });
  return found == interfaces.end() ? nullptr : &*found;
}

ProtocolOptions Config::options_for(const std::string& interface) const {
  if (const auto vlan = vlan_of(interface)) {
    const auto of_trunk = inherited(options_for(vlan->trunk->pattern));
    return vlan->rule == nullptr ? of_trunk : vlan->rule->choices.over(of_trunk);
  }
  const auto* exact = table_of(interface);
  if (exact != nullptr && exact->is_glob()) return exact->choices.over(defaults);
  const auto glob = std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& r) {
    return r.is_glob() && r.matches(interface);
  });
  auto choices = exact == nullptr ? ProtocolOptions{} : exact->choices;
  if (glob != interfaces.end()) choices = choices.over(glob->choices);
  return choices.over(defaults);
}

Result<Config> parse_config(std::string_view text, const std::string& file) {
  if (const auto line = overly_dotted_line(text); line != 0) {
    return fail(file + ":" + std::to_string(line) + ": more than " + std::to_string(kMaxDots) +
                " dots in one line");
  }
  try {
    return read_config(toml::parse(text, file), file);
  } catch (const toml::parse_error& error) {
    return fail(at(file, error.source()) +
                "not TOML: " + printable(std::string{error.description()}));
  }
}

Result<Config> load_config(const std::string& file) {
  const auto failure = [&](const std::string& why) {
    return fail("cannot read the configuration file '" + file + "': " + why);
  };
  std::error_code error;
  const auto type = std::filesystem::status(file, error).type();
  if (type == std::filesystem::file_type::fifo || type == std::filesystem::file_type::socket) {
    return failure("it is not a regular file");  // reading it could take for ever
  }
  errno = 0;
  std::ifstream stream{file, std::ios::binary};
  std::string text;
  std::array<char, 4096> piece{};
  while (stream && text.size() <= kLargestFile) {
    stream.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (text.size() > kLargestFile) return failure("it is larger than 512 KiB");
  if (!stream.eof()) {
    const auto why = errno != 0 ? std::generic_category().message(errno) : "read error";
    return failure(why +
                   (errno == EACCES ? "; let everybody read it: the daemon is not root" : ""));
  }
  return parse_config(text, file);
}

Result<Config> load_config_or_default(const std::optional<std::string>& file) {
  if (file) return load_config(*file);
  std::error_code error;
  if (std::filesystem::exists(kDefaultConfigFile, error) || error) {
    return load_config(kDefaultConfigFile);
  }
  return Config{};
}

}  // namespace mcq::config
