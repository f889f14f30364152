#include "app/happening.hpp"

#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "app/json.hpp"
#include "os/clock.hpp"

namespace mcq::app {
namespace {

/// "IGMP_QUERIER_MAC_ADDRESS" for "mac-address"
std::string journal_name(std::string_view name) {
  std::string field = "IGMP_QUERIER_";
  for (const char c : name) {
    const auto upper = std::toupper(static_cast<unsigned char>(c));
    field += c == '-' ? '_' : static_cast<char>(upper);
  }
  return field;
}

}  // namespace

std::string_view to_string(EventKind kind) {
  return kEventKinds.at(static_cast<std::size_t>(kind));
}

std::string_view to_string(Priority priority) {
  switch (priority) {
    case Priority::kError:
      return "error";
    case Priority::kWarning:
      return "warning";
    case Priority::kInfo:
      return "info";
    case Priority::kDebug:
      return "debug";
  }
  return "";
}

std::string to_json(const Happening& happening, std::uint64_t id) {
  Json json{{"id", id},
            {"time", utc_time()},
            {"event", to_string(happening.kind)},
            {"priority", to_string(happening.priority)},
            {"message", happening.message}};
  if (!happening.interface.empty()) json["interface-name"] = happening.interface;
  if (!happening.family.empty()) json["family"] = happening.family;
  for (const auto& [name, value] : happening.details) json[std::string{name}] = value;
  if (happening.count) json["count"] = *happening.count;
  return dump(json);
}

std::vector<std::string> journal_fields(const Happening& happening) {
  std::vector<std::string> fields{
      "MESSAGE=" + happening.message,
      "PRIORITY=" + std::to_string(static_cast<int>(happening.priority)),
      "SYSLOG_IDENTIFIER=igmp-querier",
      journal_name("event") + "=" + std::string{to_string(happening.kind)},
  };
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) fields.push_back(journal_name(name) + "=" + std::string{value});
  };
  add("interface-name", happening.interface);
  add("family", happening.family);
  for (const auto& [name, value] : happening.details) add(name, value);
  if (happening.count) add("count", std::to_string(*happening.count));
  return fields;
}

std::string journal_entry(const std::vector<std::string>& fields) {
  constexpr std::size_t kLongestField = 8192;
  std::string entry;
  for (const auto& whole : fields) {
    const auto field = std::string_view{whole}.substr(0, kLongestField);
    if (field.find('\n') == std::string_view::npos) {
      entry.append(field).append("\n");
      continue;
    }
    const auto equals = field.find('=');
    const auto value = field.substr(equals + 1);
    entry.append(field.substr(0, equals)).append("\n");
    for (unsigned shift = 0; shift < 64; shift += 8) {  // the length in little endian
      entry += static_cast<char>(std::uint64_t{value.size()} >> shift & 0xffU);
    }
    entry.append(value).append("\n");
  }
  return entry;
}

std::string utc_time() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::floor<milliseconds>(os::wall_clock_now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds.time_since_epoch().count()),
                     (now - seconds).count());
}

}  // namespace mcq::app
