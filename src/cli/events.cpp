#include "cli/events.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "monitor/event_record.hpp"
#include "os/clock.hpp"
#include "soak/duration_text.hpp"
#include "text/json.hpp"
#include "text/utc_time.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

/// The daemon keeps no event for longer.
constexpr Duration kLongest = std::chrono::hours{24 * 3650};

/// The kinds of the daemon's events, and "lost".
std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds{monitor::kEventKinds.begin(), monitor::kEventKinds.end()};
  kinds.emplace_back("lost");
  return kinds;
}

/// Converts "2026-01-15T19:14:03.118Z" to local time: "2026-01-15 20:14:03.118".
std::string local_time(const std::string& utc) {
  std::tm parts{};
  int milliseconds = 0;
  int read = 0;
  const int fields = std::sscanf(utc.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &parts.tm_year,
                                 &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
                                 &parts.tm_sec, &milliseconds, &read);
  if (fields != 7 || static_cast<std::size_t>(read) != utc.size()) return text(json(utc));
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::time_t seconds = ::timegm(&parts);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 80> buffer{};
  const auto size = std::strftime(buffer.data(), buffer.size(), "%F %T", &local);
  std::snprintf(buffer.data() + size, buffer.size() - size, ".%03d", milliseconds);
  return buffer.data();
}

Style style_of(const std::string& priority) {
  if (priority == "warning") return Style::kWarning;
  const bool is_bad = priority == "err" || priority == "error" || priority == "crit";
  return is_bad ? Style::kBad : Style::kPlain;
}

}  // namespace

std::string render_event(const json& event, const Output& output) {
  const auto message = text(event.at("message"));
  const auto interface = event.contains("interface-name") ? text(event["interface-name"]) : "";
  const bool named = interface.empty() || message.starts_with(interface + ":") ||
                     message.starts_with(interface + " (");  // "eth0 (MLD): ..."
  const auto priority = event.contains("priority") ? text(event["priority"]) : "info";
  return local_time(event.at("time")) + " " + painted(priority, style_of(priority), output) + " " +
         painted((named ? "" : interface + ": ") + message, Style::kPlain, output) + "\n";
}

void Events::declare(CLI::App& command) {
  command.description("print events as they occur");
  client.declare(command);
  command
      .add_option("--since", since,
                  "begin after the event with this number (0: with the oldest that is kept), or\n"
                  "with the events of this time: 90s, 10m, 2h")
      ->type_name("WHEN");
  command.add_option("-n,--lines", lines, "begin with the latest N of the events that are kept")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000));
  auto* follow = command.add_flag_callback(
      "-f,--follow", [this] { ends = false; }, "print further events as they occur (the default)");
  command.add_flag("--no-follow", ends, "end after the events that are kept")->excludes(follow);
  command.add_option("--kind", kinds, "only events of this kind; may be repeated")
      ->type_name("KIND")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(all_kinds()));
  options.declare_color(command);
}

bool Events::wants(const json& event) const {
  const auto& kind = event.at("event").get_ref<const std::string&>();
  if (kind == "lost") return true;
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return false;
  const auto interface = event.find("interface-name");
  return client.interface.empty() || interface == event.end() || *interface == client.interface;
}

/// Where to begin.
struct Events::Start {
  std::string id{};    ///< after this event; empty: with the next one
  std::string time{};  ///< only later ones (RFC 3339); empty: all
};

Result<Events::Start> Events::start() const {
  const bool is_number = since.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) {
    const bool reads_kept = since.empty() && (ends || lines);
    return Start{.id = reads_kept ? "0" : since};
  }
  const auto back = soak::parse_duration(since);
  if (!back || *back > kLongest) {
    return fail("--since '" + printable(since) +
                "' is not allowed: it must be the number of an event, or a time such as 90s, 10m "
                "or 2h");
  }
  const auto begin =
      os::wall_clock_now() - std::chrono::duration_cast<std::chrono::system_clock::duration>(*back);
  return Start{.id = "0", .time = text::utc_time(begin)};
}

/// The line for an event; empty if it is not wanted.
std::string Events::shown(const json& event, const Output& output) const {
  if (!wants(event)) return "";
  if (!client.json) return render_event(event, output);
  return event.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
}

/// Prints the events that are kept, and moves `start` behind them.
ExitCode Events::read_kept(Streams io, Start& start, const Output& output) const {
  std::deque<std::string> kept;
  auto code = ExitCode::kOk;
  const auto on_event = [&](const json& event) {
    code = print(io, [&]() -> std::string {
      start.id = std::to_string(text::whole_number(event.at("id")));
      if (event.at("time").get_ref<const std::string&>() < start.time) return "";
      if (auto line = shown(event, output); !line.empty()) kept.push_back(std::move(line));
      if (lines && kept.size() > *lines) kept.pop_front();
      return "";
    });
    return code == ExitCode::kOk;
  };
  const auto read = client::ApiClient{client.socket}.read_events(
      target("/v1/events", {{"since", start.id}, {"follow", "false"}}), on_event);
  if (!read) return io.failure(read.error().message, ExitCode::kNoAnswer);
  for (const auto& line : kept) io.out << line;
  return io.out.flush() ? code : io.failure("cannot write to standard output");
}

ExitCode Events::follow(Streams io, const std::string& after, const Output& output) const {
  const auto on_event = [&](const json& event) {
    const auto printed = print(io, [&] { return shown(event, output); });
    return printed == ExitCode::kOk && io.out.flush().good();
  };
  const auto followed =
      client::ApiClient{client.socket}.follow(target("/v1/events", {{"since", after}}), on_event);
  if (!followed) return io.failure(followed.error().message, ExitCode::kNoAnswer);
  if (!io.out) return io.failure("cannot write to standard output");
  return ExitCode::kNoAnswer;  // an event was malformed
}

ExitCode Events::run(Streams io) const {
  std::signal(SIGPIPE, SIG_DFL);  // ends silently when the reader of a pipe ends
  auto begin = start();
  if (!begin) return io.failure(begin.error().message, ExitCode::kWrongUsage);
  if (!client.interface.empty()) {  // fails for an unknown name; /v1/events would not
    const auto status = client.get("/v1/status");
    if (!status) return io.failure(status.error().message, ExitCode::kNoAnswer);
  }
  const auto output = options.output();
  if (ends || lines || !begin->time.empty()) {
    const auto code = read_kept(io, *begin, output);
    if (ends || code != ExitCode::kOk) return code;
  }
  return follow(io, begin->id, output);
}

}  // namespace mcq::cli
