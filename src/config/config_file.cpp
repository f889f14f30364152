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

constexpr std::size_t kLongestInterfaceName = 15;
constexpr std::size_t kLargestFile = 64 << 10;  // a thousand interfaces
/// In a line: the parser recurses on each of a key. A list of addresses has three for each.
constexpr std::ptrdiff_t kMostDots = 250;

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
  for (const auto& key : keys<F>()) list += (list.empty() ? "" : ", ") + std::string{key.name};
  return list;
}

/// A list may take many lines: the error names that of the entry.
template <Family F>
Result<PrefixList> read_queriers(const KeyInfo& key, const toml::node& node,
                                 const std::string& file) {
  const auto refused = [&](const toml::node& where, const std::string& why) {
    return fail(at(file, where.source()) + std::string{key.name} + " " + why);
  };
  const auto* array = node.as_array();
  if (array == nullptr) {
    return refused(node, "'" + as_written(node) +
                             "' is not allowed: it must be a list of addresses and prefixes, as " +
                             (std::same_as<F, Igmp> ? "[\"192.0.2.1\", \"198.51.100.0/24\"]"
                                                    : "[\"fe80::1\", \"fe80::a:0:0:0/80\"]") +
                             "; the default is " + std::string{key.fallback});
  }
  if (array->size() > kMaxPrefixes) {
    return refused(node, "has " + std::to_string(array->size()) + " entries, but may have " +
                             std::to_string(kMaxPrefixes) + ": use prefixes");
  }
  PrefixList list;
  for (const auto& entry : *array) {
    const auto querier = parse_querier<F>(as_written(entry));
    if (!querier) return refused(entry, querier.error().message);
    list.emplace_back(*querier);
  }
  return list;
}

Result<double> read_word(const KeyInfo& key, const toml::node& node) {
  const auto given = as_written(node);
  const auto found = std::find(kOnRogueWords.begin(), kOnRogueWords.end(), given);
  if (node.is_string() && found != kOnRogueWords.end()) {
    return static_cast<double>(found - kOnRogueWords.begin());
  }
  return fail("'" + given + "' is not allowed: it must be \"warn\" or \"ignore\"; the default is " +
              std::string{key.fallback});
}

Result<double> read_value(const KeyInfo& key, const toml::node& node) {
  const auto given = as_written(node);
  if (key.kind == Kind::kWord) return read_word(key, node);
  if (key.kind == Kind::kSwitch) {
    if (const auto* value = node.as_boolean()) return **value ? 1.0 : 0.0;
    return fail("'" + given + "' is not allowed: it must be true or false; the default is " +
                std::string{key.fallback});
  }
  if (const auto* value = node.as_integer()) {
    return checked(key, static_cast<double>(**value), given);
  }
  if (const auto* value = node.as_floating_point()) return checked(key, **value, given);
  return parse_number(key, "\"" + given + "\"");  // a string, a date: says what is allowed
}

template <Family F>
Result<OptionValues> read_choices(const toml::table& table, const std::string& file) {
  OptionValues choices;
  for (const auto& [toml_key, node] : table) {
    const auto where = at(file, node.source());
    const std::string name{toml_key.str()};
    const auto known = keys<F>();
    const auto key =
        std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.name == name; });
    if (key == known.end()) {
      return fail(where + "unknown key '" + printable(name) + "'; known are " + known_keys<F>());
    }
    if (key->key == Key::kTrustedQueriers && node.is_string() && as_written(node) == kAnyQuerier) {
      choices.set(key->key, 0.0);  // no list, even where a wider table has one
      continue;
    }
    if (key->kind == Kind::kQueriers) {
      auto list = read_queriers<F>(*key, node, file);
      if (!list) return fail(std::move(list).error());
      choices.set(key->key, *std::move(list));
      continue;
    }
    const auto value = read_value(*key, node);
    if (!value) return fail(where + std::string{key->name} + " " + value.error().message);
    choices.set(key->key, *value);
  }
  return choices;
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
    auto read = is_mld ? read_choices<Mld>(settings, file) : read_choices<Igmp>(settings, file);
    if (!read) return fail(std::move(read).error());
    (is_mld ? choices.mld : choices.igmp) = *read;
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
    if (!is_comment && std::count(content.begin(), content.end(), '.') > kMostDots) return line;
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
  const bool possible = !name.empty() && name.size() <= kLongestInterfaceName && name != "." &&
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
    return fail(file + ":" + std::to_string(line) + ": more than " + std::to_string(kMostDots) +
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
