#include "monitor/event_record.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "text/json.hpp"
#include "text/utc_time.hpp"

namespace mcq::monitor {
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

std::string to_json(const EventRecord& record, std::uint64_t id) {
  text::Json json{{"id", id},
                  {"time", text::utc_time()},
                  {"event", to_string(record.kind)},
                  {"priority", to_string(record.priority)},
                  {"message", record.message}};
  if (!record.interface.empty()) json["interface-name"] = record.interface;
  if (!record.family.empty()) json["family"] = record.family;
  for (const auto& [name, value] : record.details) json[std::string{name}] = value;
  if (record.count) json["count"] = *record.count;
  return text::dump(json);
}

std::vector<std::string> journal_fields(const EventRecord& record) {
  std::vector<std::string> fields{
      "MESSAGE=" + record.message,
      "PRIORITY=" + std::to_string(static_cast<int>(record.priority)),
      "SYSLOG_IDENTIFIER=igmp-querier",
      journal_name("event") + "=" + std::string{to_string(record.kind)},
  };
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) fields.push_back(journal_name(name) + "=" + std::string{value});
  };
  add("interface-name", record.interface);
  add("family", record.family);
  for (const auto& [name, value] : record.details) add(name, value);
  if (record.count) add("count", std::to_string(*record.count));
  return fields;
}

std::string journal_entry(const std::vector<std::string>& fields) {
  constexpr std::size_t kMaxField = 8192;
  std::string entry;
  for (const auto& whole : fields) {
    const auto field = std::string_view{whole}.substr(0, kMaxField);
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

}  // namespace mcq::monitor
