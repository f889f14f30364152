#include <sys/mman.h>
#include <unistd.h>

#include <charconv>
#include <sstream>
#include <utility>

#include "cli/check_config.hpp"
#include "config/config_file.hpp"
#include "os/fd.hpp"
#include "require.hpp"
#include "text.hpp"

// A configuration file, as somebody may write it, and what check-config says of it.

namespace mcq::fuzz {
namespace {

/// A file that is nowhere on the disk.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : fd_(::memfd_create("config", MFD_CLOEXEC)) {
    require(::write(fd_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()),
            "a file in memory can be written");
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  os::Fd fd_;
};

/// "FILE:LINE: REASON"
void check_refusal(const std::string& message, const std::string& file, std::string_view text) {
  require_line(message, "a refusal is one line");
  require(message.starts_with(file + ":"), "a refusal names the file");
  const char* begin = message.data() + file.size() + 1;
  std::ptrdiff_t line = 0;
  const auto [end, error] = std::from_chars(begin, message.data() + message.size(), line);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  require(error == std::errc{} && line >= 1 && line <= lines, "a refusal names the line");
  require(std::string_view{end}.starts_with(": ") && std::string_view{end}.size() > 10,
          "a refusal has a reason");
}

template <class Value, class Low, class High>
bool lies_within(const Value& value, Low low, High high) {
  return low <= value.get() && value.get() <= high;
}

/// The ranges that igmp-querier.toml(5) gives.
template <Family F>
void check_ranges(const core::Settings<F>& s) {
  require(lies_within(s.query_interval, 1s, 31'744s), "1 s to 31744 s between queries");
  require(lies_within(s.response_interval, 100ms, 3'174'400ms) &&
              s.response_interval.get() < s.query_interval.get(),
          "time for an answer is less than that between queries");
  require(lies_within(s.startup_interval, 100ms, 31'744s) &&
              s.startup_interval.get() <= s.query_interval.get(),
          "a burst is no slower than the queries after it");
  require(!s.other_querier_interval || (lies_within(*s.other_querier_interval, 1s, 604'800s) &&
                                        s.other_querier_interval->get() > s.query_interval.get()),
          "another querier may miss no query");
  require(lies_within(s.last_member_interval, 100ms, 3'174'400ms), "100 ms to 3174.4 s");
  require(lies_within(s.robustness, 1, 7) && lies_within(s.startup_count, 1, 100) &&
              lies_within(s.jitter, 0, 90),
          "small numbers lie in their ranges");
  require(lies_within(s.max_groups, 1, 16'777'216) && lies_within(s.max_sources, 1, 65'535) &&
              lies_within(s.max_hosts, 1, 65'535),
          "limits lie in their ranges");
  const int version = static_cast<int>(s.version);
  require(version >= 1 && version <= static_cast<int>(F::kNewest), "a version is one there is");
  require(
      s.ignored_queriers.size() <= 64 && (!s.trusted_queriers || s.trusted_queriers->size() <= 64),
      "lists have at most 64 entries");
  for (const auto& warning : config::warnings(s)) require_line(warning, "a warning is one line");
}

void check_protocols(const config::ProtocolSettings& protocols) {
  if (protocols.igmp) check_ranges(*protocols.igmp);
  if (protocols.mld) check_ranges(*protocols.mld);
}

/// What would run by that choice; the choices of a configuration have been found to agree.
config::ProtocolSettings protocols_of(const config::ProtocolOptions& choices) {
  auto made = config::make_protocol_settings(choices);
  require(made.has_value(), "what is accepted does not contradict itself");
  check_protocols(*made);
  return *std::move(made);
}

void check_names(const config::Config& config) {
  for (const auto& rule : config.interfaces) {
    const auto& name = rule.pattern;
    require(!name.empty() && name.size() <= 15 && name.find('/') == name.npos &&
                std::none_of(name.begin(), name.end(), is_control),
            "a table is named as an interface can be");
    for (const auto& vlan : rule.vlans.rules) {
      require(1 <= vlan.number && vlan.number <= 4094, "a VLAN has a number from 1 to 4094");
      require(!vlan.address || is_unicast(vlan.address->address), "a host can have its address");
      require(config.vlan_of(config::vlan_name(name, vlan.number)).has_value(), "it has a name");
    }
    require(rule.matches("eth0") || rule.is_glob() || name != "eth0", "a name matches itself");
  }
}

/// What is printed of the VLANs of an interface means the same.
void check_vlans(const config::Config& printed, const config::Config& config, std::size_t i) {
  const auto& again = printed.interfaces[i];
  const auto& rule = config.interfaces[i];
  require(again.serves_untagged == rule.serves_untagged, "the untagged LAN is served or not");
  require(again.vlans.ranges == rule.vlans.ranges, "it has the same VLANs");
  require(again.vlans.rules.size() == rule.vlans.rules.size(), "and the same tables of VLANs");
  for (std::size_t j = 0; j < rule.vlans.rules.size(); ++j) {
    const auto& vlan = rule.vlans.rules[j];
    require(again.vlans.rules[j].number == vlan.number, "of the same numbers");
    require(again.vlans.rules[j].address == vlan.address, "with the same addresses");
    const auto name = config::vlan_name(rule.pattern, vlan.number);
    require(protocols_of(printed.options_for(name)) == protocols_of(config.options_for(name)),
            "and the same settings");
  }
}

/// What is printed of a file is a file that means the same.
void check_printed(const config::Config& config, const std::string& file) {
  std::ostringstream out, err;
  const auto code = cli::CheckConfig{.file = file}.run({out, err});
  if (code != cli::ExitCode::kOk) {
    auto said = err.str();
    require(out.str().empty() && said.ends_with('\n'), "a refusal is all that is printed");
    said.pop_back();
    require_line(said, "a refusal is one line");
    return;
  }
  const auto again = config::parse_config(out.str(), "printed");
  require(again.has_value(), "what is printed is accepted");
  require(protocols_of(again->defaults) == protocols_of(config.defaults),
          "what is printed has the same defaults");
  require(again->interfaces.size() == config.interfaces.size(), "it has the same tables");
  for (std::size_t i = 0; i < config.interfaces.size(); ++i) {
    const auto& name = config.interfaces[i].pattern;
    require(again->interfaces[i].pattern == name, "in the same order");
    require(protocols_of(again->options_for(name)) == protocols_of(config.options_for(name)),
            "and each means the same");
    check_vlans(*again, config, i);
  }
}

void check(std::string_view text) {
  const MemoryFile file{text};
  const auto config = config::load_config(file.path());
  require(config == config::parse_config(text, file.path()), "a file is its text");
  if (!config) return check_refusal(config.error().message, file.path(), text);
  check_names(*config);
  protocols_of(config->options_for("eth0"));
  check_printed(*config, file.path());
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mcq::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
