#include "cli/events.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "monitor/event_record.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;

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

}  // namespace

std::string render_event(const json& event) {
  const auto message = text(event.at("message"));
  const auto interface = event.contains("interface-name") ? text(event["interface-name"]) : "";
  const bool named = interface.empty() || message.starts_with(interface + ":") ||
                     message.starts_with(interface + " (");  // "eth0 (MLD): ..."
  const auto priority = event.contains("priority") ? text(event["priority"]) : "info";
  return local_time(event.at("time")) + " " + priority + " " + (named ? "" : interface + ": ") +
         message + "\n";
}

void Events::declare(CLI::App& command) {
  command.description("print events as they occur");
  client.declare(command);
  command
      .add_option(
          "--since", since,
          "begin after the event with this number; 0: begin with the oldest event that is kept")
      ->type_name("NUMBER");
  command.add_option("--kind", kinds, "only events of this kind; may be repeated")
      ->type_name("KIND")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(all_kinds()));
}

bool Events::wants(const json& event) const {
  const auto& kind = event.at("event").get_ref<const std::string&>();
  if (kind == "lost") return true;
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return false;
  const auto interface = event.find("interface-name");
  return client.interface.empty() || interface == event.end() || *interface == client.interface;
}

ExitCode Events::run(Streams io) const {
  std::signal(SIGPIPE, SIG_DFL);    // ends silently when the reader of a pipe ends
  if (!client.interface.empty()) {  // fails for an unknown name; /v1/events would not
    const auto status = client.get("/v1/status");
    if (!status) return io.failure(status.error().message, ExitCode::kNoAnswer);
  }
  const auto on_event = [&](const json& event) {
    const auto printed = print(io, [&]() -> std::string {
      if (!wants(event)) return "";
      if (!client.json) return render_event(event);
      return event.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
    });
    return printed == ExitCode::kOk && io.out.flush().good();
  };
  const auto followed =
      client::ApiClient{client.socket}.follow(target("/v1/events", {{"since", since}}), on_event);
  if (!followed) return io.failure(followed.error().message, ExitCode::kNoAnswer);
  if (!io.out) return io.failure("cannot write to standard output");
  return ExitCode::kNoAnswer;  // an event was malformed
}

}  // namespace mcq::cli
