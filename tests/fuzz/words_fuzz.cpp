#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "api/handlers.hpp"
#include "cli/client.hpp"
#include "cli/styled_text.hpp"
#include "config/config_file.hpp"
#include "config/prefix_list.hpp"
#include "config/settings_builder.hpp"
#include "http/listen_address.hpp"
#include "os/clock.hpp"
#include "os/fd.hpp"
#include "os/systemd.hpp"
#include "require.hpp"
#include "support/temporary_directory.hpp"
#include "text.hpp"
#include "text/mac_vendors.hpp"
#include "text/printable.hpp"
#include "text/well_known_groups.hpp"

// What is short and comes from a command line, the environment or a file that others wrote: one
// reader after the other has to make sense of the same text.

namespace mcq::fuzz {
namespace {

void check_listen_address(const std::string& text) {
  const auto where = http::parse_listen_address(text);
  if (!where) return require_line(where.error().message, "a refusal is one line");
  require(where->port > 0, "a port is one that others can name");
  require(http::parse_listen_address(to_string(*where)) == *where,
          "an address is read as it is written");
}

void check_host(const std::string& text) {
  const bool allowed = http::is_host_allowed(text, {"localhost", "Querier.lan"});
  require(allowed == http::is_host_allowed(text, {"LOCALHOST", "querier.LAN"}),
          "case means nothing");
  require(!allowed || text.find_first_of("/@ ,\r\n") == text.npos, "a host is a host alone");
  if (http::parse_listen_address(text)) require(allowed, "addresses are always allowed");
}

template <Family F>
void check_querier(const std::string& text) {
  const auto prefix = config::parse_querier<F>(text);
  if (!prefix) return require(!prefix.error().message.empty(), "a refusal has a reason");
  require(prefix->length <= 8 * sizeof(typename F::Address),
          "a prefix is no longer than an address");
  require(prefix->contains(prefix->address), "a prefix contains its address");
  require(config::parse_querier<F>(to_string(*prefix)) == *prefix,
          "a prefix is read as it is written");
}

template <Family F>
void check_numbers(const std::string& text) {
  for (const auto& option : config::options<F>()) {
    config::OptionValues<F> values;
    const auto ok = values.set(option, config::given_number("", text));
    if (!ok) {
      require(ok.error().message.find(option.fallback) != std::string::npos,
              "a refusal names the default");
      continue;
    }
    config::OptionValues<F> again;
    const auto printed = option.print(values.values());
    require(again.set(option, config::given_number("", printed)) && again == values,
            "a number is read as it is printed");
    const auto settings = config::make_settings(values);
    if (!settings) require_line(settings.error().message, "a contradiction is one line");
  }
}

void check_interface_name(const std::string& text) {
  const auto ok = config::check_interface_name(text);
  if (!ok) return require_line(ok.error().message, "a refusal is one line");
  require(!text.empty() && text.size() <= 15 && text.find('/') == text.npos &&
              std::none_of(text.begin(), text.end(), is_control),
          "a name is one that Linux knows");
}

void check_printable(const std::string& text) {
  const auto shown = printable(text);
  require_lines(shown, "what is printable is text");
  require(shown.find('\n') == shown.npos, "it is on one line");
  require(printable(shown) == shown, "what is printable stays as it is");
  require(text::width(shown) <= text.size(), "nothing is added");
  for (const std::size_t columns : {3U, 10U, 60U}) {
    const auto part = text::shortened(shown, columns);
    require(text::width(part) <= columns && is_utf8(part), "what is shortened fits");
    require(part == shown ||
                (part.ends_with("...") && shown.starts_with(part.substr(0, part.size() - 3))),
            "it is the beginning");
  }
  auto lines = cli::wrapped(shown, 4);
  std::erase(lines, '\n');
  auto words = shown;
  std::erase(words, ' ');
  std::erase(lines, ' ');
  require(lines == words, "wrapping loses no word");
}

void check_address(const std::string& text) {
  const auto address = parse_address(text);
  const auto canonical = cli::canonical_address(text);
  require(canonical.has_value() == (address || text.empty()), "an address is one for all");
  if (!canonical) return require_line(canonical.error().message, "a refusal is one line");
  if (!address) return;
  require(parse_address(*canonical) == address, "an address is read as it is written");
  const auto name = text::well_known_group(text);
  require(name == text::well_known_group(*canonical),
          "a group has one name, however it is written");
  const bool is_group = std::visit([](const auto& a) { return is_multicast(a); }, *address);
  require(name.empty() || is_group, "only groups have names");
  require_lines(name, "a name is text");
}

/// What a client writes into a URL, the daemon reads out of it.
void check_parameter(const std::string& text) {
  if (text.empty()) return;
  instance::InstanceTable nobody;
  const auto target = cli::target("/v1/status", {{"family", ""}, {"interface", text}});
  require(target.find_first_of(" \r\n#") == target.npos, "a target is one word");
  const auto said = api::answer({.method = "GET", .target = target}, nobody, {}, os::now());
  require(said.status == 400, "what is not served is not there");
  const auto json = nlohmann::json::parse(std::get<std::string>(said.body), nullptr, false);
  const auto error = json.at("error").get<std::string>();
  require(!is_utf8(text) || error.find("'" + text + "'") != error.npos,
          "a parameter arrives as it was given");
}

/// The registry of the IEEE, as a file with that text.
void check_vendors(const std::string& text) {
  static const TemporaryDirectory folder;
  std::ofstream{folder / "oui.csv"} << text;
  const std::vector<std::string> asked{"00:22:72:00:00:01", "02:00:00:00:00:01",
                                       text.substr(0, 20)};
  for (const auto& [mac, name] : text::load_mac_vendors(asked, folder / "")) {
    require(std::find(asked.begin(), asked.end(), mac) != asked.end(), "nobody asked for others");
    require_lines(name, "a maker's name is text");
    require(!name.empty() && text::width(name) <= 60, "a maker's name is short");
  }
}

/// Numbers of descriptors that systemd passes on. The fuzzer may have files of its own there: they
/// get their numbers back.
class PassedOn {
 public:
  static constexpr int kFirst = 3, kLast = 4;

  PassedOn() {
    for (int number = kFirst; number <= kLast; ++number) {
      own_.emplace_back(::fcntl(number, F_DUPFD_CLOEXEC, 10));
      ::dup2(STDERR_FILENO, number);
    }
  }
  ~PassedOn() {
    for (int number = kFirst; number <= kLast; ++number) {
      ::close(number);
      ::dup2(own_[static_cast<std::size_t>(number - kFirst)].get(), number);
    }
  }
  PassedOn(const PassedOn&) = delete;
  PassedOn& operator=(const PassedOn&) = delete;

  static bool is_open(int number) { return ::fcntl(number, F_GETFD) >= 0; }

 private:
  std::vector<os::Fd> own_;
};

/// What systemd tells in the environment.
void check_service_manager(const std::string& text) {
  const auto word = text.substr(0, text.find('\0'));
  ::setenv("WATCHDOG_USEC", word.c_str(), 1);
  const auto interval = os::watchdog_interval();
  require(!interval || (Duration{} < *interval && *interval < 24h * 366),
          "a watchdog has its time");
  const PassedOn descriptors;
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_FDNAMES", word.c_str(), 1);
  const auto found = os::take_stored_sockets();
  std::set<int> numbers;
  for (const auto& [name, fd] : found) numbers.insert(fd.get());
  require(numbers.size() == found.size(), "each has its own name");
  for (const int number : {PassedOn::kFirst, PassedOn::kLast}) {
    require(found.empty() || PassedOn::is_open(number) == numbers.contains(number),
            "what is picked up stays open, and nothing else");
  }
  require(os::take_stored_sockets().empty(), "only the first who asks finds it");
}

void check(const std::string& text) {
  check_listen_address(text);
  check_host(text);
  check_querier<Igmp>(text);
  check_querier<Mld>(text);
  check_numbers<Igmp>(text);
  check_numbers<Mld>(text);
  check_interface_name(text);
  check_printable(text);
  check_address(text);
  check_parameter(text);
  check_vendors(text);
  check_service_manager(text);
}

}  // namespace
}  // namespace mcq::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mcq::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
