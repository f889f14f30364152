#include "config/config_file.hpp"

#include <fnmatch.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <concepts>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/printable.hpp"

namespace mcq::config {
namespace {

constexpr std::size_t kMaxInterfaceName = 15;
constexpr std::size_t kLargestFile = 64 << 10;  // a thousand interfaces
/// In a line: the parser recurses on each of a key. A list of addresses has three for each.
constexpr std::ptrdiff_t kMaxDots = 250;

std::string at(const std::string& file, const toml::source_region& where) {
  return file + ":" + std::to_string(where.begin.line) + ": ";
}

std::string as_written(const toml::node& node) {
  std::ostringstream text;
  node.visit([&](const auto& n) { text << n; });
  auto written = text.str();
  if (const auto* string = node.as_string()) written = **string;
  return printable(written);
}

template <Family F>
std::string known_keys() {
  std::string list;
  for (const auto& option : options<F>()) {
    list += (list.empty() ? "" : ", ") + std::string{option.name};
  }
  return list;
}

Given given_in_file(const toml::node& node, const std::string& name, const std::string& file) {
  const auto untyped = [&](const toml::node& n) {
    return Given{at(file, n.source()) + name + " ", as_written(n)};
  };
  auto given = untyped(node);
  if (const auto* boolean = node.as_boolean()) {
    given.value = **boolean;
  } else if (const auto* integer = node.as_integer()) {
    given.value = static_cast<double>(**integer);
  } else if (const auto* number = node.as_floating_point()) {
    given.value = **number;
  } else if (node.is_string()) {
    given.value = given.text;
  } else if (const auto* array = node.as_array()) {
    auto& entries = given.value.emplace<std::vector<Given>>();
    for (const auto& entry : *array) entries.push_back(untyped(entry));
  }
  return given;
}

template <Family F>
Result<Ok> read_options(const toml::table& table, const std::string& file,
                        OptionValues<F>& values) {
  for (const auto& [key, node] : table) {
    const std::string name{key.str()};
    const auto* option = find_option<F>(name);
    if (option == nullptr) {
      return fail(at(file, node.source()) + "unknown key '" + printable(name) + "'; known are " +
                  known_keys<F>());
    }
    if (auto ok = values.set(*option, given_in_file(node, name, file)); !ok) return ok;
  }
  return Ok{};
}

/// A table [defaults] or [interface.NAME], which holds one sub-table a protocol.
Result<ProtocolOptions> read_protocols(const toml::node& node, const std::string& title,
                                       const std::string& file) {
  const auto* table = node.as_table();
  if (table == nullptr) return fail(at(file, node.source()) + title + " must be a table");
  ProtocolOptions choices;
  for (const auto& [name, protocol] : *table) {
    const bool is_mld = name.str() == "mld";
    if ((name.str() != "igmp" && !is_mld) || !protocol.is_table()) {
      return fail(at(file, protocol.source()) + "unknown key '" +
                  printable(std::string{name.str()}) + "' in [" + title +
                  "]; settings belong in [" + title + ".igmp] and [" + title +
                  ".mld], and a name with a dot needs quotes: [interface.\"eth0.20\"]");
    }
    const auto& settings = *protocol.as_table();
    auto ok = is_mld ? read_options(settings, file, choices.mld)
                     : read_options(settings, file, choices.igmp);
    if (!ok) return fail(std::move(ok).error());
    choices.has_mld_table = choices.has_mld_table || is_mld;
  }
  return choices;
}

Result<Ok> read_interfaces(const toml::node& node, const std::string& file, Config& config) {
  const auto* table = node.as_table();
  if (table == nullptr) return fail(at(file, node.source()) + "interface must be a table");
  std::vector<std::pair<toml::source_index, InterfaceRule>> rules;
  for (const auto& [key, rule] : *table) {
    const std::string name{key.str()};
    const auto where = at(file, rule.source());
    if (auto ok = check_interface_name(name); !ok) return fail(where + ok.error().message);
    auto choices = read_protocols(rule, "interface." + name, file);
    if (!choices) return fail(std::move(choices).error());
    const auto line = rule.source().begin.line;
    rules.emplace_back(line, InterfaceRule{name, *choices, file + ":" + std::to_string(line)});
  }
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  config.interfaces.reserve(rules.size());
  for (const auto& [line, rule] : rules) config.interfaces.push_back(rule);
  for (const auto& rule : config.interfaces) {
    if (auto made = make_protocol_settings(config.options_for(rule.pattern)); !made) {
      return fail(rule.title() + ": " + made.error().message);
    }
  }
  return Ok{};
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

const InterfaceRule* Config::table_of(const std::string& pattern) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const auto& r) { return r.pattern == pattern; });
  return found == interfaces.end() ? nullptr : &*found;
}

ProtocolOptions Config::options_for(const std::string& interface) const {
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
  if (text.size() > kLargestFile) return failure("it is larger than 64 KiB");
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
